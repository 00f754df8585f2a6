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

// The count of one part, by one thread. It is believed only if the walk over all parts before it arrives exactly at
// `begin`. So the result is that of one walk from the first block on, whatever in the data looks like a marker.
struct CountedPart {
  uint64_t stop = 0;              // the part ends where a block starts here or just beyond
  std::optional<uint64_t> begin;  // of its first block; absent: none was found
  uint64_t end = 0;               // whole blocks lead up to here; before `stop` if anything went wrong
  uint64_t rows = 0;              // of these blocks
  int64_t blocks = 0;
  uint64_t filled_blocks = 0;  // of them, those that have rows
};

class CountParts {
 public:
  // The parts of a file from `begin` on, where a block starts, on at most `n_threads` (> 1) threads. Returns nullptr if
  // the source cannot be reopened, or no thread can be started. `source` is not used afterwards.
  static std::unique_ptr<CountParts> start(const Source& source, const SyncMarker& sync, CounterOptions options,
                                           uint64_t begin, size_t n_threads);
  CountParts(const CountParts&) = delete;
  CountParts& operator=(const CountParts&) = delete;
  // Stops and joins the threads.
  ~CountParts() = default;

  // The next part, or nothing when the deadline has passed. The last part stops at the end of the file.
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
