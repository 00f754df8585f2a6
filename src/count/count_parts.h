// Parts of one file, each walked over by one of several threads.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "container/block_counter.h"
#include "pipeline/in_order.h"

namespace jetliner {

// What a thread has counted of a part. It is believed where the walk over all before arrives just at `begin`. So the
// result is that of one walk from the first block on, whatever the data hold that looks like a marker.
struct CountedPart {
  uint64_t stop = 0;              // the part is over where a block starts here or just beyond
  std::optional<uint64_t> begin;  // of the first block, if that is one; absent: none was found
  uint64_t end = 0;               // up to here are whole blocks; short of `stop` where anything went wrong
  uint64_t rows = 0;              // of these blocks
  int64_t blocks = 0;
};

class CountParts {
 public:
  // Of the file from `begin` on, where a block starts. At most `n_threads` (> 1) threads; nullptr where the source
  // cannot be reopened or no thread be started. `source` is not used afterwards.
  static std::unique_ptr<CountParts> start(const Source& source, const SyncMarker& sync, CounterOptions options,
                                           uint64_t begin, size_t n_threads);
  CountParts(const CountParts&) = delete;
  CountParts& operator=(const CountParts&) = delete;
  // Joins the threads, before they are through.
  ~CountParts() = default;

  // The next part; nothing when the deadline has passed. The last one stops at the end of the file.
  std::optional<CountedPart> take(std::chrono::steady_clock::time_point deadline) { return parts_->take(deadline); }

 private:
  CountParts(std::vector<std::unique_ptr<Source>> sources, const SyncMarker& sync, CounterOptions options,
             uint64_t begin);
  [[nodiscard]] uint64_t part_offset(size_t index) const;
  [[nodiscard]] CountedPart walk_over(size_t index, Source& source, const std::atomic<bool>& stopped) const;

  const std::vector<std::unique_ptr<Source>> sources_;  // one for each thread
  const SyncMarker sync_;
  const CounterOptions options_;
  const uint64_t begin_;
  const uint64_t size_;
  const size_t num_parts_;
  std::optional<InOrder<CountedPart>> parts_;  // last: its threads use all of the above
};

}  // namespace jetliner
