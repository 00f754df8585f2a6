// A RangeStore whose objects are in memory, with fetchers that are slow or fail, for tests.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "jetliner/error.h"
#include "jetliner/range_store.h"
#include "read_all.h"

namespace jetliner {

class ServedObjects {
 public:
  // What to do with a request instead of serving it. Returns true if it answered the job.
  using Fault = std::function<bool(RangeJob& job, size_t number)>;

  explicit ServedObjects(std::map<std::string, Bytes> objects, const RangeStoreOptions& options = {},
                         size_t num_fetchers = 8)
      : store(options), objects_(std::move(objects)) {
    for (size_t i = 0; i < num_fetchers; ++i) fetchers_.emplace_back([this] { fetch(); });
  }
  ServedObjects(const ServedObjects&) = delete;
  ServedObjects& operator=(const ServedObjects&) = delete;
  ~ServedObjects() {
    store.close();
    stalled_until_closed_ = false;
    for (std::thread& fetcher : fetchers_) fetcher.join();
  }

  [[nodiscard]] SourceOpener opener() {
    return [this](const std::string& path) { return store.open(path); };
  }
  // Before the first read:
  void set_delay(std::chrono::microseconds delay) { delay_ = delay; }
  void set_fault(Fault fault) { fault_ = std::move(fault); }

  [[nodiscard]] std::vector<WantedRange> requests() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }
  [[nodiscard]] size_t most_at_once() const { return most_at_once_; }
  [[nodiscard]] uint64_t bytes_served() const { return bytes_served_; }
  // For faults: until the end of the test.
  void stall() {
    while (stalled_until_closed_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void replace(const std::string& path, Bytes bytes, const std::string& version) {
    const std::lock_guard<std::mutex> lock(mutex_);
    objects_[path] = std::move(bytes);
    versions_[path] = version;
  }

  RangeStore store;

 private:
  void fetch() {
    while (std::unique_ptr<RangeJob> job = store.take()) {
      const size_t at_once = ++at_once_;
      for (size_t most = most_at_once_; at_once > most && !most_at_once_.compare_exchange_weak(most, at_once);) {
      }
      size_t number = 0;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        number = requests_.size();
        requests_.push_back(job->range());
      }
      if (delay_.count() > 0) std::this_thread::sleep_for(delay_);
      if (fault_ == nullptr || !fault_(*job, number)) serve(*job);
      --at_once_;
    }
  }

  void serve(RangeJob& job) {
    const WantedRange& range = job.range();
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto place = objects_.find(range.path);
    if (place == objects_.end()) {
      job.fail(std::make_exception_ptr(
          Error(ErrorKind::kNotFound, ErrorVariant::kNotFound, "object not found", {.path = range.path})));
      return;
    }
    const Bytes& bytes = place->second;
    const size_t begin = static_cast<size_t>(std::min<uint64_t>(range.offset, bytes.size()));
    const size_t count = std::min(range.bytes, bytes.size() - begin);
    bytes_served_ += count;
    const ObjectState state{.object_bytes = bytes.size(), .version = versions_[range.path]};
    const std::span<const uint8_t> wanted = std::span(bytes).subspan(begin, count);
    if (begin % 2 == 0) {
      std::copy(wanted.begin(), wanted.end(), job.buffer().begin());
      job.succeed(count, state);
    } else {
      job.succeed(parts_of(wanted), state);
    }
  }

  // Each in memory of its own, the first one empty.
  static std::vector<LentBytes> parts_of(std::span<const uint8_t> bytes) {
    std::vector<LentBytes> parts(1);
    for (size_t part_bytes = 1 + bytes.size() % 2000; !bytes.empty(); part_bytes = part_bytes * 3 / 2 + 1) {
      const std::span<const uint8_t> part = bytes.first(std::min(part_bytes, bytes.size()));
      const auto copy = std::make_shared<const Bytes>(part.begin(), part.end());
      parts.push_back({*copy, copy});
      bytes = bytes.subspan(part.size());
    }
    return parts;
  }

  std::map<std::string, Bytes> objects_;
  std::map<std::string, std::string> versions_;
  std::chrono::microseconds delay_{0};
  Fault fault_;
  mutable std::mutex mutex_;
  std::vector<WantedRange> requests_;
  std::atomic<size_t> at_once_ = 0;
  std::atomic<size_t> most_at_once_ = 0;
  std::atomic<uint64_t> bytes_served_ = 0;
  std::atomic<bool> stalled_until_closed_ = true;
  std::vector<std::thread> fetchers_;
};

}  // namespace jetliner
