// Memory of units whose plain bytes wait for a choice of rows, for reuse.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "filter/candidates.h"

namespace jetliner {

// Thread-safe. What it gave out comes back to it when the last owner lets go of it.
class PlainPool : public std::enable_shared_from_this<PlainPool> {
 public:
  // Keeps at most `max_spare_bytes` that nobody uses.
  explicit PlainPool(size_t max_spare_bytes) : max_spare_bytes_(max_spare_bytes) {}

  // With memory of any content. Throws std::bad_alloc.
  std::shared_ptr<PlainUnit> take();

 private:
  static size_t bytes_of(const PlainUnit& unit);
  void give_back(std::unique_ptr<PlainUnit> unit);

  const size_t max_spare_bytes_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<PlainUnit>> spare_;  // guarded by mutex_
  size_t spare_bytes_ = 0;                         // guarded by mutex_
};

}  // namespace jetliner
