// Byte spans and a scratch buffer that hot loops may read past the end of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "base/large_buffer.h"

namespace jetliner {

using ByteSpan = std::span<const uint8_t>;

inline std::string_view as_text(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline ByteSpan as_bytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

// The address of buffers without content. Some importers of Arrow data do not accept a null pointer.
alignas(64) inline constexpr uint8_t kNoBytes[64] = {};

// Readable bytes ("slack") after the end of every buffer that the decoder reads. A run of scalars is read without
// bounds checks and may pass the end by less than this before the next check. The compiler of plans keeps to it
// (plan/op.h).
inline constexpr size_t kSlackBytes = 512;

// A byte buffer for reuse. It grows and never shrinks. New bytes are not initialised. After size() there are always
// kSlackBytes of zeros.
class Scratch {
 public:
  Scratch() = default;
  // The other buffer is empty afterwards and may be used again.
  Scratch(Scratch&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Scratch& operator=(Scratch&& other) noexcept {
    Scratch taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(capacity_, taken.capacity_);
    return *this;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    if (data_ != nullptr) free_buffer(data_, capacity_ + kSlackBytes);
  }

  [[nodiscard]] uint8_t* data() { return data_; }
  [[nodiscard]] const uint8_t* data() const { return data_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] ByteSpan bytes() const { return {data_, size_}; }

  // Makes room for `capacity` bytes; keeps the first size(). Throws std::bad_alloc.
  void reserve(size_t capacity) {
    if (capacity <= capacity_) return;
    if (capacity > SIZE_MAX / 2) throw std::bad_alloc();
    uint8_t* const grown = resize_buffer(data_, data_ == nullptr ? 0 : capacity_ + kSlackBytes, capacity + kSlackBytes);
    if (grown == nullptr) throw std::bad_alloc();
    data_ = grown;
    capacity_ = capacity;
  }

  // Sets size(). Bytes beyond the old size are not initialised.
  void resize(size_t size) {
    reserve(size > 0 ? size : 1);
    size_ = size;
    std::memset(data_ + size, 0, kSlackBytes);
  }

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace jetliner
