// Writing Arrow's views (base/view_layout.h) from memory that has slack behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/bytes.h"
#include "base/utf8.h"
#include "base/view_layout.h"

namespace jetliner {

// Strings are copied in whole steps of this many bytes. So up to kCopyStep - 1 bytes after the string are read and
// written as well.
inline constexpr size_t kCopyStep = 32;
static_assert(kCopyStep <= kSlackBytes);

// The longest string: with the last step it still fits into a heap buffer.
inline constexpr size_t kMaxViewBytes = kMaxHeapBytes - kCopyStep;

// Room that a string of `n` bytes needs in the heap: whole steps.
inline size_t heap_bytes(size_t n) { return (n + kCopyStep - 1) / kCopyStep * kCopyStep; }

// Copies `n` bytes in whole steps. Returns whether all `n` are ASCII.
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

// Writes the view of `n` <= kMaxInlineBytes bytes. Reads 16 bytes from `p`. Returns whether all `n` are ASCII.
inline bool write_inline_view(uint8_t* view, const uint8_t* p, size_t n) {
#if defined(__SSE2__)
  // 16 bytes of ones, then 16 zeros. Loaded from index 16 - n, it is a mask of n bytes.
  alignas(64) static constexpr uint8_t kMask[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const __m128i mask = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kMask + 16 - n));
  const __m128i bytes = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), mask);
  const __m128i length = _mm_cvtsi32_si128(static_cast<int>(n));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(view), _mm_or_si128(_mm_slli_si128(bytes, 4), length));
  return _mm_movemask_epi8(bytes) == 0;
#else
  write_short_view(view, p, n);
  return is_ascii(p, n);
#endif
}

}  // namespace jetliner
