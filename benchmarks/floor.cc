// The floor: the least time in which a file can be read. All cores decompress every block into a reused buffer. They
// also touch new memory of the decompressed size, one byte per page. Nothing is decoded.
//
//   jetliner_floor [--threads N] [--touch-bytes N] FILE...
//
// --touch-bytes N: before the clock starts, N bytes of memory are touched and freed (resident.py says why).
//
// Prints one line of JSON: seconds, cpu_seconds, bytes (decompressed), rows (by the block headers), peak_kib,
// base_kib, n_threads.
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "codec/codec.h"
#include "container/block_framer.h"
#include "container/header.h"
#include "jetliner/error.h"
#include "jetliner/source.h"
#include "measures.h"
#include "pipeline/cores.h"

namespace jetliner {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kHugeBytes = 2 << 20;
constexpr size_t kRegionBytes = 32 << 20;  // a multiple of kHugeBytes

// New memory, in huge pages if possible. It is touched once and kept until the end, like a frame.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    for (void* mapping : mappings_) munmap(mapping, kRegionBytes + kHugeBytes);
  }

  // Touches `bytes` more.
  void take(size_t bytes) {
    while (bytes > 0) {
      if (next_ == end_) add_region();
      const size_t here = std::min(bytes, static_cast<size_t>(end_ - next_));
      for (size_t i = 0; i < here; i += kPageBytes) *static_cast<volatile uint8_t*>(next_ + i) = 1;
      next_ += here;
      bytes -= here;
    }
  }

 private:
  void add_region() {
    void* const mapping =
        mmap(nullptr, kRegionBytes + kHugeBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) throw std::bad_alloc();
    mappings_.push_back(mapping);
    void* aligned = mapping;
    size_t space = kRegionBytes + kHugeBytes;
    next_ = static_cast<uint8_t*>(std::align(kHugeBytes, kRegionBytes, aligned, space));
    end_ = next_ + kRegionBytes;
    madvise(next_, kRegionBytes, MADV_HUGEPAGE);  // may fail; the pages are small then
  }

  std::vector<void*> mappings_;
  uint8_t* next_ = nullptr;
  uint8_t* end_ = nullptr;
};

// Hands out the units of all files, in order. Thread-safe.
class Units {
 public:
  explicit Units(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  // False at the end of the last file. `codec` is the name of the unit's codec.
  bool next(Unit& unit, std::string& codec) {
    const std::lock_guard lock(mutex_);
    for (;;) {
      if (!framer_.has_value()) {
        if (next_path_ == paths_.size()) return false;
        source_ = open_file(paths_[next_path_++]);
        header_ = read_header(*source_, kHeaderChunkBytes);
        framer_.emplace(*source_, header_, FramerOptions{});
      }
      if (framer_->next(unit)) break;
      framer_.reset();
    }
    if (unit.damage.has_value()) throw Error(ErrorKind::kParse, ErrorVariant::kInvalidData, "the file is damaged");
    codec = header_.codec;
    return true;
  }

 private:
  static constexpr size_t kHeaderChunkBytes = 64 << 10;
  std::mutex mutex_;
  const std::vector<std::string> paths_;
  // Guarded by mutex_:
  size_t next_path_ = 0;
  std::unique_ptr<Source> source_;
  Header header_;
  std::optional<BlockFramer> framer_;
};

struct Worker {
  Output output;
  uint64_t bytes = 0;
  uint64_t rows = 0;
  std::exception_ptr failure;

  void work(Units& units) {
    try {
      Unit unit;
      Scratch scratch;
      std::unique_ptr<Codec> codec;
      std::string codec_name;
      for (std::string name; units.next(unit, name);) {
        if (codec == nullptr || codec_name != name) codec = make_codec(codec_name = name);
        if (codec == nullptr) throw Error(ErrorKind::kCodec, ErrorVariant::kUnsupportedCodec, "unknown codec " + name);
        for (const BlockRef& block : unit.blocks) {
          const ByteSpan packed(unit.bytes.data() + block.data_begin, block.data_bytes);
          const CodecResult plain = codec->decompress(packed, scratch, SIZE_MAX);
          if (plain.status != CodecStatus::kOk)
            throw Error(ErrorKind::kCodec, ErrorVariant::kDecompressionError, plain.message);
          output.take(plain.bytes.size());
          bytes += plain.bytes.size();
          rows += static_cast<uint64_t>(block.row_count);
        }
      }
    } catch (...) {
      failure = std::current_exception();
    }
  }
};

void touch(size_t bytes) {
  Output().take(bytes);
  std::ofstream("/proc/self/clear_refs") << "5";  // resets peak_kib
}

int measure(std::vector<std::string> paths, size_t n_threads) {
  const uint64_t base_kib = peak_kib();
  const double cpu_before = cpu_seconds();
  const auto started = std::chrono::steady_clock::now();
  std::vector<Worker> workers(n_threads);
  Units units(std::move(paths));
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < n_threads; ++i) threads.emplace_back([&, i] { workers[i].work(units); });
    workers[0].work(units);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  const double cpu = cpu_seconds() - cpu_before;
  uint64_t bytes = 0;
  uint64_t rows = 0;
  for (const Worker& worker : workers) {
    if (worker.failure != nullptr) std::rethrow_exception(worker.failure);
    bytes += worker.bytes;
    rows += worker.rows;
  }
  std::printf(R"({"seconds": %.9f, "cpu_seconds": %.6f, "bytes": %llu, "rows": %llu, )"
              R"("peak_kib": %llu, "base_kib": %llu, "n_threads": %zu})"
              "\n",
              seconds.count(), cpu, static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(rows),
              static_cast<unsigned long long>(peak_kib()), static_cast<unsigned long long>(base_kib), n_threads);
  return 0;
}

}  // namespace
}  // namespace jetliner

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  size_t n_threads = jetliner::usable_cores();
  size_t touch_bytes = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument != "--threads" && argument != "--touch-bytes") {
      paths.emplace_back(argument);
      continue;
    }
    size_t& value = argument == "--threads" ? n_threads : touch_bytes;
    if (!jetliner::parse_count(i + 1 < argc ? argv[++i] : "", value) || n_threads == 0) {
      paths.clear();
      break;
    }
  }
  if (paths.empty()) {
    std::fprintf(stderr, "usage: %s [--threads N] [--touch-bytes N] FILE...\n", argv[0]);
    return 2;
  }
  try {
    jetliner::touch(touch_bytes);
    return jetliner::measure(std::move(paths), n_threads);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}
