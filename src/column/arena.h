// Memory of one chunk of columns: many buffers, taken one after the other from a few large blocks and freed together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetliner {

// Arrow recommends 64; it also keeps columns off each other's cache lines.
inline constexpr size_t kBufferAlignment = 64;

// Blocks of at least this size are aligned to it and ask for huge pages: page faults of fresh output cost as much as
// decoding (docs/performance.md).
inline constexpr size_t kHugePageBytes = 2 << 20;

// Most memory of one chunk. Chunks are cut long before (read/block_task.h); only a single row may come near to it, when few
// bytes unfold to many columns.
inline constexpr size_t kMaxArenaBytes = size_t{8} << 30;

class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  // The next block will hold at least this much; to be called before a run of allocations of known total.
  void expect(size_t bytes);

  // Uninitialised memory, aligned to kBufferAlignment. Throws std::bad_alloc.
  uint8_t* allocate(size_t bytes);

  // Bytes taken from the system.
  [[nodiscard]] size_t reserved_bytes() const { return reserved_bytes_; }

 private:
  struct Block {
    uint8_t* data;
    size_t bytes;
  };
  void add_block(size_t bytes);
  void free_blocks();

  std::vector<Block> blocks_;
  uint8_t* next_ = nullptr;
  uint8_t* end_ = nullptr;
  size_t reserved_bytes_ = 0;
};

}  // namespace jetliner
