// Byte spans and a scratch buffer that hot loops may read past the end of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <utility>

namespace jetliner {

using ByteSpan = std::span<const uint8_t>;

inline std::string_view as_text(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline ByteSpan as_bytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

// Readable bytes after the end of every buffer that the decoder walks. A run of scalar reads may overrun the end by
// less than this before its bounds check; see plan/op.h for how compile() keeps to it.
inline constexpr size_t kSlackBytes = 512;

// A byte buffer that is reused: it grows, never shrinks, does not initialise what it allocates, and always has
// kSlackBytes readable (zeroed) bytes after size().
class Scratch {
 public:
  Scratch() = default;
  // What was moved from is empty and may be used again.
  Scratch(Scratch&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Scratch& operator=(Scratch&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }
  ~Scratch() = default;

  [[nodiscard]] uint8_t* data() { return data_.get(); }
  [[nodiscard]] const uint8_t* data() const { return data_.get(); }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] ByteSpan bytes() const { return {data_.get(), size_}; }

  // Makes room for `capacity` bytes; keeps the first size(). Throws std::bad_alloc.
  void reserve(size_t capacity) {
    if (capacity <= capacity_) return;
    auto* grown = static_cast<uint8_t*>(std::realloc(data_.get(), capacity + kSlackBytes));
    if (grown == nullptr) throw std::bad_alloc();
    (void)data_.release();
    data_.reset(grown);
    capacity_ = capacity;
  }

  // The first `size` bytes count from now on; what reserve() made room for is uninitialised.
  void resize(size_t size) {
    reserve(size > 0 ? size : 1);
    size_ = size;
    std::memset(data_.get() + size, 0, kSlackBytes);
  }

 private:
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t, Free> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace jetliner
