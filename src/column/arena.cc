#include "column/arena.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/system.h"

namespace jetliner {
namespace {

constexpr size_t kSmallestBlockBytes = 4 << 10;

size_t round_up(size_t bytes, size_t step) { return (bytes + step - 1) / step * step; }

}  // namespace

Arena::Arena(Arena&& other) noexcept { *this = std::move(other); }

// The other arena keeps the pool, is empty, and can be used again.
Arena& Arena::operator=(Arena&& other) noexcept {
  if (this == &other) return *this;
  pool_ = other.pool_;
  blocks_ = std::exchange(other.blocks_, {});
  next_ = std::exchange(other.next_, nullptr);
  end_ = std::exchange(other.end_, nullptr);
  last_is_pooled_ = std::exchange(other.last_is_pooled_, false);
  is_of_large_chunk_ = std::exchange(other.is_of_large_chunk_, false);
  expected_bytes_ = std::exchange(other.expected_bytes_, 0);
  allocated_bytes_ = std::exchange(other.allocated_bytes_, 0);
  reserved_bytes_ = std::exchange(other.reserved_bytes_, 0);
  return *this;
}

void Arena::clear() {
  blocks_.clear();
  next_ = end_ = nullptr;
  last_is_pooled_ = false;
  is_of_large_chunk_ = false;
  expected_bytes_ = 0;
  allocated_bytes_ = 0;
  reserved_bytes_ = 0;
}

Arena Arena::take() {
  std::vector<Block> shared;
  if (last_is_pooled_ && next_ < end_) shared.push_back(blocks_.back());
  uint8_t* const next = next_;
  uint8_t* const end = end_;
  Arena taken(std::move(*this));
  taken.end_ = taken.next_;  // the rest stays here
  if (!shared.empty()) {
    blocks_ = std::move(shared);
    next_ = next;
    end_ = end;
    last_is_pooled_ = true;
  }
  return taken;
}

uint8_t* Arena::allocate(size_t bytes) {
  // An empty buffer gets an address as well.
  const size_t taken = round_up(std::max<size_t>(bytes, 1), kBufferAlignment);
  if (taken < bytes) throw std::bad_alloc();
  if (static_cast<size_t>(end_ - next_) < taken) {
    // Without an announcement sizes double, so that there are few blocks.
    const size_t most = limit_bytes_ - std::min(limit_bytes_, reserved_bytes_);
    if (taken > most) throw std::bad_alloc();
    add_block(std::min(std::max({taken, expected_bytes_, std::min(reserved_bytes_, kHugePageBytes)}), most));
  }
  uint8_t* const start = next_;
  next_ += taken;
  allocated_bytes_ += taken;
  expected_bytes_ -= std::min(expected_bytes_, taken);
  return start;
}

void Arena::add_block(size_t bytes) {
  blocks_.reserve(blocks_.size() + 1);
  // After a pooled block all further ones are pooled, since take() keeps their rest.
  last_is_pooled_ = last_is_pooled_ || is_of_large_chunk_ || bytes >= kPooledBytes;
  if (last_is_pooled_) {
    const PoolBlock memory = pool_->take(bytes);
    blocks_.emplace_back(memory.data, [pool = pool_, memory](uint8_t*) { pool->give_back(memory); });
    next_ = memory.data;
    end_ = next_ + memory.bytes;
    reserved_bytes_ += memory.bytes;
    return;
  }
  const size_t size = round_up(std::max(bytes, kSmallestBlockBytes), kBufferAlignment);
  auto* const memory = static_cast<uint8_t*>(sys::allocate_aligned(kBufferAlignment, size));
  if (memory == nullptr) throw std::bad_alloc();
  blocks_.emplace_back(memory, [](uint8_t* data) { sys::free_aligned(data); });
  next_ = memory;
  end_ = next_ + size;
  reserved_bytes_ += size;
}

}  // namespace jetliner
