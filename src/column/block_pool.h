// Large blocks of memory that are reused during a read. Fresh pages from the system cost as much time as decoding into
// them. Blocks are in huge pages where the system has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/mutex.h"

namespace jetliner {

// Size and address of a block are multiples of this.
inline constexpr size_t kHugePageBytes = 2 << 20;

// The caller keeps size and address: the pool does not know the blocks that it gave out.
struct PoolBlock {
  uint8_t* data = nullptr;
  size_t bytes = 0;
};

// Most unused bytes that a pool keeps, by default.
inline constexpr size_t kMaxSpareBytes = 24 << 20;

// Upper limit of BlockPool::expect_back().
inline constexpr size_t kMaxExpectedBackBytes = 128 << 20;

// Thread-safe: chunks are released on whatever thread their consumer drops them. That may be in a forked process. There
// the mutex may be locked for ever, by a thread that does not exist in that process. So a forked process does not lock
// it, and gives memory back to the system.
class BlockPool {
 public:
  // Keeps at most `max_spare_bytes` unused, or more where expect_back() allows it.
  explicit BlockPool(size_t max_spare_bytes = kMaxSpareBytes);
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool();

  // At least `bytes`, uninitialised. Throws std::bad_alloc.
  PoolBlock take(size_t bytes);
  void give_back(PoolBlock block);

  // A batch of `bytes` was handed out. It will come back at once, and then the next batch needs as much. So up to
  // `bytes` may be kept unused, while used and unused memory together are not more than the most that was in use
  // before.
  void expect_back(size_t bytes);

  // The read is over: frees what is unused, and keeps nothing from now on.
  void close();

 private:
  [[nodiscard]] bool is_forked() const;
  void drop_spare() JETLINER_REQUIRES(mutex_);
  void note_used(size_t bytes) JETLINER_REQUIRES(mutex_);
  [[nodiscard]] size_t most_spare_bytes() const JETLINER_REQUIRES(mutex_);
  [[nodiscard]] bool may_keep(size_t bytes) const JETLINER_REQUIRES(mutex_);

  const int64_t owner_;  // the process that made it
  const size_t max_spare_bytes_;

  Mutex mutex_;
  std::vector<PoolBlock> spare_ JETLINER_GUARDED_BY(mutex_);
  size_t spare_bytes_ JETLINER_GUARDED_BY(mutex_) = 0;
  size_t used_bytes_ JETLINER_GUARDED_BY(mutex_) = 0;  // given out
  size_t most_used_bytes_ JETLINER_GUARDED_BY(mutex_) = 0;
  size_t expected_back_bytes_ JETLINER_GUARDED_BY(mutex_) = 0;
  bool closed_ JETLINER_GUARDED_BY(mutex_) = false;
};

}  // namespace jetliner
