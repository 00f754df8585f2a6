// Objects whose memory is used again.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace jetliner {

// Thread-safe. An object comes back when its last owner lets go of it. The pool may be gone by then.
//
// `make_spare(T&)`, found by the type, lets go of what is not used again. It returns the bytes that the object keeps.
// It does not throw.
template <class T>
class SharedPool : public std::enable_shared_from_this<SharedPool<T>> {
 public:
  // Keeps at most `max_spare_bytes` of unused memory.
  explicit SharedPool(size_t max_spare_bytes) : max_spare_bytes_(max_spare_bytes) {}

  // The content is undefined. Throws std::bad_alloc.
  std::shared_ptr<T> take() {
    std::unique_ptr<T> object = take_spare();
    if (object == nullptr) object = std::make_unique<T>();
    const auto give_back = [pool = this->weak_from_this()](T* used) {
      std::unique_ptr<T> owned(used);
      if (const auto home = pool.lock()) home->give_back(std::move(owned));
    };
    return {object.release(), give_back};  // without memory for the count of owners it is deleted
  }

 private:
  struct Spare {
    std::unique_ptr<T> object;
    size_t bytes = 0;
  };

  std::unique_ptr<T> take_spare() {
    const MutexLock lock(mutex_);
    if (spare_.empty()) return nullptr;
    Spare last = std::move(spare_.back());
    spare_.pop_back();
    spare_bytes_ -= last.bytes;
    return std::move(last.object);
  }

  void give_back(std::unique_ptr<T> object) {
    const size_t bytes = make_spare(*object);
    const MutexLock lock(mutex_);
    if (spare_bytes_ + bytes > max_spare_bytes_) return;
    try {
      spare_.push_back({std::move(object), bytes});
    } catch (const std::bad_alloc&) {
      return;  // then it is freed
    }
    spare_bytes_ += bytes;
  }

  const size_t max_spare_bytes_;
  Mutex mutex_;
  std::vector<Spare> spare_ JETLINER_GUARDED_BY(mutex_);
  size_t spare_bytes_ JETLINER_GUARDED_BY(mutex_) = 0;
};

}  // namespace jetliner
