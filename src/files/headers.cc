#include "files/headers.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include "files/with_path.h"
#include "pipeline/in_order.h"
#include "pipeline/work.h"

namespace jetliner {
namespace {

// Files are slow to answer if the first ones took this long each for their headers.
constexpr size_t kFirstHeaders = 4;
constexpr std::chrono::microseconds kSlowHeader{300};
// Slow files that are asked at the same time, and headers that may wait for their turn. Headers may be large, and each
// has its file open.
constexpr size_t kHeaderThreads = 16;
constexpr size_t kHeadersAhead = 32;

constexpr std::chrono::milliseconds kCheckInterval{50};

class HeaderOpener {
 public:
  HeaderOpener(const ReadOptions& options, const SourceOpener& opener, OpenSources& sources,
               const std::function<void()>& check)
      : options_(options),
        opener_(opener),
        sources_(sources),
        check_(check),
        next_check_(Clock::now() + kCheckInterval) {}

  // For several threads.
  [[nodiscard]] OpenedFile open(const std::string& path) const {
    return with_path(path, [&] {
      OpenedFile opened;
      opened.source = sources_.hold(opener_(path));
      opened.header = read_header(*opened.source, chunk_bytes(options_, *opened.source));
      return opened;
    });
  }

  // The next of the headers that other threads read.
  OpenedFile wait_for(InOrder<OpenedFile>& headers) {
    for (;;) {
      std::optional<OpenedFile> opened = headers.take(Clock::now() + kCheckInterval);
      check();
      if (opened.has_value()) return *std::move(opened);
    }
  }

  void check() {
    if (check_ == nullptr || Clock::now() < next_check_) return;
    check_();
    next_check_ = Clock::now() + kCheckInterval;
  }

 private:
  const ReadOptions& options_;
  const SourceOpener& opener_;
  OpenSources& sources_;
  const std::function<void()>& check_;
  Clock::time_point next_check_;
};

}  // namespace

size_t chunk_bytes(const ReadOptions& options, const Source& source) {
  return options.read_chunk_bytes.value_or(source.preferred_chunk_bytes());
}

// From the page cache a header comes sooner than it is passed from thread to thread, so other threads help only with
// files that turn out to be slow.
void open_headers(const std::vector<std::string>& paths, const ReadOptions& options, const SourceOpener& opener,
                  OpenSources& sources, const std::function<void()>& check,
                  const std::function<void(const std::string& path, OpenedFile file)>& add) {
  HeaderOpener files(options, opener, sources, check);
  const auto add_file = [&](const std::string& path, OpenedFile file) {
    with_path(path, [&] { add(path, std::move(file)); });
  };
  size_t next = 0;
  Clock::duration waited{0};  // without what add() takes
  const auto are_slow = [&] {
    return next >= kFirstHeaders && paths.size() - next > 1 && waited > static_cast<int64_t>(next) * kSlowHeader;
  };
  for (; next < paths.size() && !are_slow(); ++next) {
    const Clock::time_point before = Clock::now();
    OpenedFile file = files.open(paths[next]);
    waited += Clock::now() - before;
    add_file(paths[next], std::move(file));
    files.check();
  }
  if (next == paths.size()) return;
  const size_t first = next;
  const size_t num_left = paths.size() - first;
  InOrder<OpenedFile> headers(
      num_left, std::min(num_left, kHeaderThreads), kHeadersAhead,
      [&](size_t index, size_t, const std::atomic<bool>&) { return files.open(paths[first + index]); });
  try {
    for (; next < paths.size(); ++next) {
      add_file(paths[next], headers.has_threads() ? files.wait_for(headers) : files.open(paths[next]));
    }
  } catch (...) {
    sources.interrupt();  // threads that wait for slow files are about to be joined
    throw;
  }
}

}  // namespace jetliner
