#include "filter/plain_pool.h"

#include <new>
#include <utility>

namespace jetliner {

std::shared_ptr<PlainUnit> PlainPool::take() {
  std::unique_ptr<PlainUnit> unit;
  {
    const MutexLock lock(mutex_);
    if (!spare_.empty()) {
      unit = std::move(spare_.back());
      spare_.pop_back();
      spare_bytes_ -= bytes_of(*unit);
    }
  }
  if (unit == nullptr) unit = std::make_unique<PlainUnit>();
  const auto give_back = [pool = weak_from_this()](PlainUnit* used) {
    std::unique_ptr<PlainUnit> owned(used);
    if (const auto home = pool.lock()) home->give_back(std::move(owned));
  };
  return {unit.release(), give_back};  // without memory for the count of owners it is deleted
}

size_t PlainPool::bytes_of(const PlainUnit& unit) {
  size_t bytes = unit.unit.bytes.capacity();
  for (const Scratch& block : unit.blocks) bytes += block.capacity();
  return bytes;
}

void PlainPool::give_back(std::unique_ptr<PlainUnit> unit) {
  const size_t bytes = bytes_of(*unit);
  const MutexLock lock(mutex_);
  if (spare_bytes_ + bytes > max_spare_bytes_) return;
  try {
    spare_.push_back(std::move(unit));
  } catch (const std::bad_alloc&) {
    return;  // then it is freed
  }
  spare_bytes_ += bytes;
}

}  // namespace jetliner
