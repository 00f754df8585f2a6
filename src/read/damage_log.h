// The damage that a read has skipped.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "jetliner/error.h"
#include "jetliner/reader.h"

namespace jetliner {

// Thread-safe. Grows only. Keeps the first kMaxKeptBadBlocks and counts all.
class DamageLog {
 public:
  void add(std::vector<BadBlock> damage) {
    const MutexLock lock(mutex_);
    for (BadBlock& block : damage) {
      if (kept_.size() < kMaxKeptBadBlocks) kept_.push_back(std::move(block));
    }
    count_ += damage.size();
  }
  [[nodiscard]] std::vector<BadBlock> kept() const {
    const MutexLock lock(mutex_);
    return kept_;
  }
  [[nodiscard]] size_t count() const {
    const MutexLock lock(mutex_);
    return count_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<BadBlock> kept_ JETLINER_GUARDED_BY(mutex_);
  size_t count_ JETLINER_GUARDED_BY(mutex_) = 0;
};

}  // namespace jetliner
