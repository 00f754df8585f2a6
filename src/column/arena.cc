#include "column/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace jetliner {
namespace {

constexpr size_t kSmallestBlockBytes = 16 << 10;
// Above this a block grows in steps of huge pages.
constexpr size_t kHugeThresholdBytes = 1 << 20;

size_t round_up(size_t bytes, size_t step) { return (bytes + step - 1) / step * step; }

}  // namespace

Arena::Arena(Arena&& other) noexcept { *this = std::move(other); }

Arena& Arena::operator=(Arena&& other) noexcept {
  if (this == &other) return *this;
  free_blocks();
  blocks_ = std::exchange(other.blocks_, {});
  next_ = std::exchange(other.next_, nullptr);
  end_ = std::exchange(other.end_, nullptr);
  reserved_bytes_ = std::exchange(other.reserved_bytes_, 0);
  return *this;
}

Arena::~Arena() { free_blocks(); }

void Arena::free_blocks() {
  for (const Block& block : blocks_) std::free(block.data);
  blocks_.clear();
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
  const bool huge = bytes >= kHugeThresholdBytes;
  const size_t alignment = huge ? kHugePageBytes : kBufferAlignment;
  const size_t size = round_up(std::max(bytes, kSmallestBlockBytes), alignment);
  if (size < bytes || size > kMaxArenaBytes - reserved_bytes_) throw std::bad_alloc();
  blocks_.reserve(blocks_.size() + 1);
  auto* const data = static_cast<uint8_t*>(std::aligned_alloc(alignment, size));
  if (data == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // Advice only: where it is refused, the pages are small.
  if (huge) (void)::madvise(data, size, MADV_HUGEPAGE);
#endif
  blocks_.push_back({data, size});
  reserved_bytes_ += size;
  next_ = data;
  end_ = data + size;
}

}  // namespace jetliner
