// A growing byte buffer for writers. New bytes are not initialised.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "base/bytes.h"
#include "base/large_buffer.h"

namespace jetliner {

class ByteBuffer {
 public:
  ByteBuffer() = default;
  // The other buffer is empty afterwards and may be used again.
  ByteBuffer(ByteBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    ByteBuffer taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(capacity_, taken.capacity_);
    return *this;
  }
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ~ByteBuffer() {
    if (data_ != nullptr) free_buffer(data_, capacity_);
  }

  [[nodiscard]] const uint8_t* data() const { return data_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] ByteSpan bytes() const { return {data_, size_}; }
  void clear() { size_ = 0; }

  // The end of the content, with room for `bytes` more. Throws std::bad_alloc.
  uint8_t* room(size_t bytes) {
    if (bytes > capacity_ - size_) grow(bytes);
    return data_ + size_;
  }
  // The caller has written `bytes` bytes to room().
  void add_size(size_t bytes) { size_ += bytes; }

  void append(ByteSpan bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }

 private:
  void grow(size_t bytes) {
    if (bytes > SIZE_MAX / 4 || size_ > SIZE_MAX / 4) throw std::bad_alloc();
    const size_t capacity = std::max({size_ + bytes, 2 * capacity_, size_t{256}});
    uint8_t* const grown = resize_buffer(data_, capacity_, capacity);
    if (grown == nullptr) throw std::bad_alloc();
    data_ = grown;
    capacity_ = capacity;
  }

  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace jetliner
