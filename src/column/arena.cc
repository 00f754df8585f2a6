#include "column/arena.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace jetliner {
namespace {

constexpr size_t kSmallestBlockBytes = 16 << 10;
// From this on a block is one of the pool's.
constexpr size_t kPooledBytes = 512 << 10;

size_t round_up(size_t bytes, size_t step) { return (bytes + step - 1) / step * step; }

}  // namespace

Arena::Arena(Arena&& other) noexcept { *this = std::move(other); }

// The pool is shared with what is left behind, which is empty and can be used again.
Arena& Arena::operator=(Arena&& other) noexcept {
  if (this == &other) return *this;
  free_blocks();
  pool_ = other.pool_;
  blocks_ = std::exchange(other.blocks_, {});
  next_ = std::exchange(other.next_, nullptr);
  end_ = std::exchange(other.end_, nullptr);
  reserved_bytes_ = std::exchange(other.reserved_bytes_, 0);
  return *this;
}

void Arena::free_blocks() {
  for (const Block& block : blocks_) {
    if (block.is_pooled) {
      pool_->give_back(block.memory);
    } else {
      std::free(block.memory.data);
    }
  }
  blocks_.clear();
}

void Arena::clear() {
  free_blocks();
  next_ = end_ = nullptr;
  reserved_bytes_ = 0;
}

void Arena::expect(size_t bytes) {
  if (static_cast<size_t>(end_ - next_) < bytes) add_block(bytes);
}

uint8_t* Arena::allocate(size_t bytes) {
  // An empty buffer has an address too.
  const size_t taken = round_up(std::max<size_t>(bytes, 1), kBufferAlignment);
  if (taken < bytes) throw std::bad_alloc();
  if (static_cast<size_t>(end_ - next_) < taken) {
    // Doubling keeps the number of blocks small where nobody said what to expect.
    add_block(std::max(taken, std::min(reserved_bytes_, kHugePageBytes)));
  }
  uint8_t* const start = next_;
  next_ += taken;
  return start;
}

void Arena::add_block(size_t bytes) {
  if (reserved_bytes_ > limit_bytes_ || bytes > limit_bytes_ - reserved_bytes_) throw std::bad_alloc();
  blocks_.reserve(blocks_.size() + 1);
  Block block;
  if (bytes >= kPooledBytes) {
    block = {.memory = pool_->take(bytes), .is_pooled = true};
  } else {
    const size_t size = round_up(std::max(bytes, kSmallestBlockBytes), kBufferAlignment);
    block.memory = {static_cast<uint8_t*>(std::aligned_alloc(kBufferAlignment, size)), size};
    if (block.memory.data == nullptr) throw std::bad_alloc();
  }
  blocks_.push_back(block);
  reserved_bytes_ += block.memory.bytes;
  next_ = block.memory.data;
  end_ = block.memory.data + block.memory.bytes;
}

}  // namespace jetliner
