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

class Arena {
 public:
  // Large blocks come from the pool and go back to it.
  explicit Arena(std::shared_ptr<BlockPool> pool) : pool_(std::move(pool)) {}
  Arena() = default;  // has no memory to give
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { free_blocks(); }

  // The next block will hold at least this much; to be called before a run of allocations of known total.
  void expect(size_t bytes);

  // Uninitialised memory, aligned to kBufferAlignment. Throws std::bad_alloc.
  uint8_t* allocate(size_t bytes);

  // allocate() fails beyond so many bytes.
  void set_limit(size_t bytes) { limit_bytes_ = bytes; }
  // Frees everything.
  void clear();

  // Bytes taken from the system or the pool.
  [[nodiscard]] size_t reserved_bytes() const { return reserved_bytes_; }

 private:
  struct Block {
    PoolBlock memory;
    bool is_pooled = false;
  };
  void add_block(size_t bytes);
  void free_blocks();

  std::shared_ptr<BlockPool> pool_;
  std::vector<Block> blocks_;
  uint8_t* next_ = nullptr;
  uint8_t* end_ = nullptr;
  size_t reserved_bytes_ = 0;
  size_t limit_bytes_ = SIZE_MAX / 2;  // not moved with the memory
};

}  // namespace jetliner
