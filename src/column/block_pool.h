// Large blocks of memory, in huge pages where the system grants them, kept for reuse while a read goes on: fresh pages
// cost as much as decoding into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace jetliner {

// Blocks are multiples of this and aligned to it.
inline constexpr size_t kHugePageBytes = 2 << 20;

// A block of memory; the pool does not remember those that it gave out.
struct PoolBlock {
  uint8_t* data = nullptr;
  size_t bytes = 0;
};

// What a pool keeps by default.
inline constexpr size_t kMaxSpareBytes = 24 << 20;

// What it keeps at most of a batch that comes back, see BlockPool::expect_back().
inline constexpr size_t kMaxExpectedBackBytes = 128 << 20;

// Thread-safe: chunks are released wherever their consumer drops them. That may be a process forked from the one that
// made the pool: there the mutex may be held for ever by a thread that did not follow, so it is left alone, and memory
// goes back to the system.
class BlockPool {
 public:
  // Keeps at most `max_spare_bytes` that nobody uses, or what expect_back() allows.
  explicit BlockPool(size_t max_spare_bytes = kMaxSpareBytes);
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool();

  // At least `bytes`, uninitialised. Throws std::bad_alloc.
  PoolBlock take(size_t bytes);
  void give_back(PoolBlock block);

  // So much was handed out at once, and will come back at once, when the next batch needs as much. That much may be
  // spare, as far as used and spare memory together are not more than what was in use at some time before.
  void expect_back(size_t bytes);

  // The read is over: keeps nothing from now on.
  void close();

 private:
  void drop_spare();
  [[nodiscard]] bool is_forked() const;
  // With the lock:
  void note_used(size_t bytes);
  [[nodiscard]] size_t most_spare_bytes() const;
  [[nodiscard]] bool may_keep(size_t bytes) const;

  const int owner_;  // the process that made it
  const size_t max_spare_bytes_;

  std::mutex mutex_;
  std::vector<PoolBlock> spare_;  // guarded by mutex_
  size_t spare_bytes_ = 0;        // guarded by mutex_, as all that follows
  size_t used_bytes_ = 0;         // given out
  size_t most_used_bytes_ = 0;
  size_t expected_back_bytes_ = 0;
  bool closed_ = false;
};

}  // namespace jetliner
