// Memory of blocks that were written, for the next ones. New memory of the system costs as much as a copy.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/byte_buffer.h"
#include "base/mutex.h"

namespace jetliner {

// Thread-safe.
class SpareBuffers {
 public:
  // An empty buffer, with memory where one is spare.
  ByteBuffer take() {
    const MutexLock lock(mutex_);
    if (buffers_.empty()) return {};
    ByteBuffer buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
  }

  void give(ByteBuffer buffer) {
    if (buffer.capacity() == 0) return;
    buffer.clear();
    const MutexLock lock(mutex_);
    // Few, and none of unusual size: what is kept here is not bounded by the blocks in flight.
    if (buffer.capacity() <= kMostBytes && buffers_.size() < kMostBuffers) buffers_.push_back(std::move(buffer));
  }

 private:
  static constexpr size_t kMostBuffers = 16;
  static constexpr size_t kMostBytes = 4 << 20;

  Mutex mutex_;
  std::vector<ByteBuffer> buffers_ JETLINER_GUARDED_BY(mutex_);
};

}  // namespace jetliner
