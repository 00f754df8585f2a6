// Writing Arrow's views (Arrow columnar format, "Variable-size Binary View Layout"): 4 bytes length; then up to 12
// bytes of data, or 4 bytes of prefix, the index of a heap buffer and the offset in it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/utf8.h"
#include "decode/scan.h"

namespace jetliner {

inline constexpr size_t kViewBytes = 16;
inline constexpr size_t kMaxInlineBytes = 12;

// Strings are copied in whole steps: up to kCopyStep - 1 bytes more are read and written.
inline constexpr size_t kCopyStep = 32;
static_assert(kCopyStep <= kSlackBytes);

// Offsets into a heap buffer are 32 bits, signed.
inline constexpr size_t kMaxViewBytes = std::numeric_limits<int32_t>::max() - kCopyStep;

// Room to make in the heap for a string.
inline size_t heap_bytes(size_t n) { return (n + kCopyStep - 1) / kCopyStep * kCopyStep; }

// Copies n bytes in whole steps. Returns whether all of the n are ASCII.
inline bool copy_checking_ascii(uint8_t* to, const uint8_t* from, size_t n) {
#if defined(__SSE2__)
  const auto copy_step = [](uint8_t* target, const uint8_t* source) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source + 16));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(target), low);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(target + 16), high);
    return static_cast<uint32_t>(_mm_movemask_epi8(low)) | static_cast<uint32_t>(_mm_movemask_epi8(high)) << 16;
  };
  uint32_t seen = 0;
  for (; n > kCopyStep; n -= kCopyStep, to += kCopyStep, from += kCopyStep) seen |= copy_step(to, from);
  const uint64_t last = uint64_t{copy_step(to, from)} & ((uint64_t{1} << n) - 1);
  return (seen | last) == 0;
#else
  std::memcpy(to, from, n);
  return is_ascii(from, n);
#endif
}

// Writes the view of n (<= kMaxInlineBytes) bytes. Reads 16 bytes from p. Returns whether all of the n are ASCII.
inline bool write_inline_view(uint8_t* view, const uint8_t* p, size_t n) {
#if defined(__SSE2__)
  // 16 bytes of ones, then of zeros: loaded at 16 - n it is a mask of n bytes.
  alignas(64) static constexpr uint8_t kMask[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const __m128i mask = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kMask + 16 - n));
  const __m128i bytes = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), mask);
  const __m128i length = _mm_cvtsi32_si128(static_cast<int>(n));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(view), _mm_or_si128(_mm_slli_si128(bytes, 4), length));
  return _mm_movemask_epi8(bytes) == 0;
#else
  const auto length = static_cast<uint32_t>(n);
  std::memset(view, 0, kViewBytes);
  std::memcpy(view, &length, 4);
  std::memcpy(view + 4, p, n);
  return is_ascii(p, n);
#endif
}

// Writes the view of bytes that are in a heap buffer.
inline void write_heap_view(uint8_t* view, const uint8_t* p, size_t n, uint32_t heap_index, size_t offset) {
  const auto length = static_cast<uint32_t>(n);
  const auto heap_offset = static_cast<uint32_t>(offset);
  if constexpr (std::endian::native == std::endian::little) {
    const uint64_t head = length | uint64_t{load_le32(p)} << 32;
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

}  // namespace jetliner
