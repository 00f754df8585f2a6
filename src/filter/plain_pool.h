// Memory for the plain bytes of candidates, for reuse.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "filter/candidates.h"

namespace jetliner {

// Thread-safe. A unit comes back when its last owner lets go of it. The pool may be gone by then.
class PlainPool : public std::enable_shared_from_this<PlainPool> {
 public:
  // Keeps at most `max_spare_bytes` of unused memory.
  explicit PlainPool(size_t max_spare_bytes) : max_spare_bytes_(max_spare_bytes) {}

  // The content of the unit is undefined. Throws std::bad_alloc.
  std::shared_ptr<PlainUnit> take();

 private:
  static size_t bytes_of(const PlainUnit& unit);
  void give_back(std::unique_ptr<PlainUnit> unit);

  const size_t max_spare_bytes_;
  Mutex mutex_;
  std::vector<std::unique_ptr<PlainUnit>> spare_ JETLINER_GUARDED_BY(mutex_);
  size_t spare_bytes_ JETLINER_GUARDED_BY(mutex_) = 0;
};

}  // namespace jetliner
