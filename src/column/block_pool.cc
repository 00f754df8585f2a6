#include "column/block_pool.h"

#include <algorithm>
#include <new>

#include "base/system.h"

namespace jetliner {
namespace {

PoolBlock map(size_t bytes) {
  void* const pages = sys::map_pages(bytes, kHugePageBytes);
  if (pages == nullptr) throw std::bad_alloc();
  sys::prefer_huge_pages(pages, bytes);
  return {static_cast<uint8_t*>(pages), bytes};
}

void unmap(PoolBlock block) { sys::unmap_pages(block.data, block.bytes); }

}  // namespace

// Reserves room for all blocks that may be kept, so that give_back() never allocates.
BlockPool::BlockPool(size_t max_spare_bytes) : owner_(sys::process_id()), max_spare_bytes_(max_spare_bytes) {
  spare_.reserve(std::max(max_spare_bytes, kMaxExpectedBackBytes) / kHugePageBytes);
}

BlockPool::~BlockPool() {
  if (is_forked()) return;
  const MutexLock lock(mutex_);
  drop_spare();
}

bool BlockPool::is_forked() const { return sys::process_id() != owner_; }

PoolBlock BlockPool::take(size_t bytes) {
  if (bytes > SIZE_MAX - kHugePageBytes) throw std::bad_alloc();
  const size_t size = std::max(kHugePageBytes, (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes);
  {
    const MutexLock lock(mutex_);
    const auto fits = [size](const PoolBlock& block) { return block.bytes >= size && block.bytes <= 2 * size; };
    // The block that was used last is most likely still in a cache.
    const auto place = std::find_if(spare_.rbegin(), spare_.rend(), fits);
    if (place != spare_.rend()) {
      const PoolBlock block = *place;
      spare_bytes_ -= block.bytes;
      spare_.erase(std::next(place).base());
      note_used(block.bytes);
      return block;
    }
  }
  const PoolBlock block = map(size);
  const MutexLock lock(mutex_);
  note_used(size);
  // Unused blocks of other sizes did not fit, and may never fit.
  while (spare_bytes_ > most_spare_bytes()) {
    unmap(spare_.front());
    spare_bytes_ -= spare_.front().bytes;
    spare_.erase(spare_.begin());
  }
  return block;
}

void BlockPool::give_back(PoolBlock block) {
  if (!is_forked()) {
    const MutexLock lock(mutex_);
    used_bytes_ -= std::min(used_bytes_, block.bytes);
    if (may_keep(block.bytes)) {
      spare_.push_back(block);
      spare_bytes_ += block.bytes;
      return;
    }
  }
  unmap(block);
}

void BlockPool::expect_back(size_t bytes) {
  if (is_forked()) return;
  const MutexLock lock(mutex_);
  expected_back_bytes_ = std::min(bytes, kMaxExpectedBackBytes);
}

void BlockPool::note_used(size_t bytes) {
  used_bytes_ += bytes;
  most_used_bytes_ = std::max(most_used_bytes_, used_bytes_);
}

size_t BlockPool::most_spare_bytes() const {
  return std::max(max_spare_bytes_, std::min(expected_back_bytes_, most_used_bytes_ - used_bytes_));
}

bool BlockPool::may_keep(size_t bytes) const {
  const size_t most_bytes = most_spare_bytes();
  return !closed_ && spare_.size() < spare_.capacity() && spare_bytes_ <= most_bytes &&
         bytes <= most_bytes - spare_bytes_;
}

void BlockPool::close() {
  if (is_forked()) return;
  const MutexLock lock(mutex_);
  closed_ = true;
  drop_spare();
}

void BlockPool::drop_spare() {
  for (const PoolBlock& block : spare_) unmap(block);
  spare_.clear();
  spare_bytes_ = 0;
}

}  // namespace jetliner
