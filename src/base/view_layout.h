// The layout of Arrow's string and binary views (Arrow columnar format, "Variable-size Binary View Layout").
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace jetliner {

// A view is 16 bytes:
//   bytes 0 to 3:    length
//   bytes 4 to 15:   the bytes themselves, if there are at most 12, and then zeros; else
//   bytes 4 to 7:    the first 4 bytes, so that most comparisons need not follow the view
//   bytes 8 to 11:   index of the heap buffer that holds all bytes
//   bytes 12 to 15:  offset in that buffer
// All numbers are signed, of 32 bits, in the machine's byte order.
inline constexpr size_t kViewBytes = 16;
inline constexpr size_t kMaxInlineBytes = 12;

// No offset may pass this, so a heap buffer is not larger.
inline constexpr size_t kMaxHeapBytes = std::numeric_limits<int32_t>::max();

// Writes the view of `n` <= kMaxInlineBytes bytes. decode/view.h has a faster one for memory with slack.
inline void write_short_view(uint8_t* view, const uint8_t* p, size_t n) {
  const auto length = static_cast<uint32_t>(n);
  std::memset(view, 0, kViewBytes);
  std::memcpy(view, &length, 4);
  if (n > 0) std::memcpy(view + 4, p, n);
}

// Writes the view of `n` > kMaxInlineBytes bytes that are in a heap buffer.
inline void write_heap_view(uint8_t* view, const uint8_t* p, size_t n, uint32_t heap_index, size_t offset) {
  const auto length = static_cast<uint32_t>(n);
  const auto heap_offset = static_cast<uint32_t>(offset);
  if constexpr (std::endian::native == std::endian::little) {
    // Two stores in place of four.
    uint32_t prefix = 0;
    std::memcpy(&prefix, p, 4);
    const uint64_t head = length | uint64_t{prefix} << 32;
    const uint64_t place = heap_index | uint64_t{heap_offset} << 32;
    std::memcpy(view, &head, 8);
    std::memcpy(view + 8, &place, 8);
  } else {
    std::memcpy(view, &length, 4);
    std::memcpy(view + 4, p, 4);
    std::memcpy(view + 8, &heap_index, 4);
    std::memcpy(view + 12, &heap_offset, 4);
  }
}

// A view taken apart.
struct ViewParts {
  uint32_t length = 0;
  const uint8_t* inline_bytes = nullptr;  // nullptr where the bytes are in a heap buffer
  uint32_t heap_index = 0;
  uint32_t heap_offset = 0;
};

inline ViewParts read_view(const uint8_t* view) {
  ViewParts parts;
  std::memcpy(&parts.length, view, 4);
  if (parts.length <= kMaxInlineBytes) {
    parts.inline_bytes = view + 4;
    return parts;
  }
  std::memcpy(&parts.heap_index, view + 8, 4);
  std::memcpy(&parts.heap_offset, view + 12, 4);
  return parts;
}

}  // namespace jetliner
