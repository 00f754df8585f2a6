// The damage that a read has skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "jetliner/error.h"
#include "jetliner/reader.h"

namespace jetliner {

// Thread-safe. Grows only. Keeps the first kMaxKeptBadBlocks and counts all. Records of one block are in their order: a
// filtered read finds some of them in its first pass, and others in its second.
class DamageLog {
 public:
  void add(std::vector<BadBlock> damage) {
    const MutexLock lock(mutex_);
    for (BadBlock& block : damage) {
      if (kept_.size() >= kMaxKeptBadBlocks) break;
      auto place = kept_.end();
      while (place != kept_.begin() && is_before(block, *std::prev(place))) --place;
      kept_.insert(place, std::move(block));
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
  static bool is_before(const BadBlock& one, const BadBlock& other) {
    return one.file_offset == other.file_offset && one.record_index.has_value() &&
           *one.record_index < other.record_index.value_or(std::numeric_limits<int64_t>::max()) &&
           one.path == other.path;
  }

  mutable Mutex mutex_;
  std::vector<BadBlock> kept_ JETLINER_GUARDED_BY(mutex_);
  size_t count_ JETLINER_GUARDED_BY(mutex_) = 0;
};

}  // namespace jetliner
