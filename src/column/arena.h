// Memory of a chunk of columns: many buffers in a few large blocks, which are freed together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "column/block_pool.h"

namespace jetliner {

// Arrow recommends 64. So no two columns share a cache line.
inline constexpr size_t kBufferAlignment = 64;

// Blocks of this size and more come from the pool.
inline constexpr size_t kPooledBytes = 512 << 10;

class Arena {
 public:
  explicit Arena(std::shared_ptr<BlockPool> pool) : pool_(std::move(pool)) {}
  Arena() = default;  // empty; must not allocate
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() = default;

  // Announces allocations of `bytes` in all: a new block gets room for the rest of them. `bytes_in_all` counts those of
  // another arena of the same chunk as well, so that both use the pool, or neither.
  void expect(size_t bytes, size_t bytes_in_all) {
    expected_bytes_ = bytes;
    is_of_large_chunk_ = bytes_in_all >= kPooledBytes;
  }

  // Uninitialised memory, aligned to kBufferAlignment. Throws std::bad_alloc.
  uint8_t* allocate(size_t bytes);

  // Makes allocate() fail where the blocks would take more than this.
  void set_limit(size_t bytes) { limit_bytes_ = bytes; }

  // Frees everything.
  void clear();

  // Hands over everything that was allocated. This arena keeps the unused rest of the last pooled block for its next
  // allocations: the system clears a whole huge page when it is touched first, so leaving half of one unused costs
  // time.
  [[nodiscard]] Arena take();

  // Bytes allocated.
  [[nodiscard]] size_t allocated_bytes() const { return allocated_bytes_; }
  // Bytes of the blocks that hold them.
  [[nodiscard]] size_t reserved_bytes() const { return reserved_bytes_; }

 private:
  // Shared by the chunks that have parts of the block. The last one frees it, or gives it back to the pool.
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
  size_t reserved_bytes_ = 0;          // of blocks; without a rest that an earlier chunk has left
  size_t limit_bytes_ = SIZE_MAX / 2;  // stays with this object when the memory moves
};

}  // namespace jetliner
