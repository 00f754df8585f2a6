// Memory of one chunk of columns: many buffers, taken one after the other from a few large blocks and freed together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "column/block_pool.h"

namespace jetliner {

// Arrow recommends 64; it also keeps columns off each other's cache lines.
inline constexpr size_t kBufferAlignment = 64;

// From this on a block is one of the pool's.
inline constexpr size_t kPooledBytes = 512 << 10;

class Arena {
 public:
  // Large blocks come from the pool and go back to it.
  explicit Arena(std::shared_ptr<BlockPool> pool) : pool_(std::move(pool)) {}
  Arena() = default;  // has no memory to give
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() = default;

  // So many bytes are going to be allocated: a new block will have room for those of them that are still to come. And
  // so many in all, with those of another arena of the same chunk: both use large blocks then, or neither.
  void expect(size_t bytes, size_t bytes_in_all) {
    expected_bytes_ = bytes;
    is_of_large_chunk_ = bytes_in_all >= kPooledBytes;
  }

  // Uninitialised memory, aligned to kBufferAlignment. Throws std::bad_alloc.
  uint8_t* allocate(size_t bytes);

  // allocate() fails where blocks would take more than this.
  void set_limit(size_t bytes) { limit_bytes_ = bytes; }

  // Frees everything.
  void clear();

  // Hands over all that was allocated. What is left of the last large block is used by whatever is allocated next: a
  // huge page is cleared as a whole when it is first touched, and chunks of a few MiB would waste half of their last.
  [[nodiscard]] Arena take();

  // Bytes allocated.
  [[nodiscard]] size_t allocated_bytes() const { return allocated_bytes_; }
  // Bytes of the blocks that were taken for them.
  [[nodiscard]] size_t reserved_bytes() const { return reserved_bytes_; }

 private:
  // Freed, or given back to the pool, with its last owner: the chunks that have parts of it.
  using Block = std::shared_ptr<uint8_t>;
  void add_block(size_t bytes);

  std::shared_ptr<BlockPool> pool_;
  std::vector<Block> blocks_;
  uint8_t* next_ = nullptr;  // in the last block
  uint8_t* end_ = nullptr;
  bool last_is_pooled_ = false;
  bool is_of_large_chunk_ = false;
  size_t expected_bytes_ = 0;
  size_t allocated_bytes_ = 0;
  size_t reserved_bytes_ = 0;          // of blocks, what is shared with earlier chunks left out
  size_t limit_bytes_ = SIZE_MAX / 2;  // not moved with the memory
};

}  // namespace jetliner
