// Validation of UTF-8 (Unicode 15, table 3-7): no surrogates, no overlong forms, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/bytes.h"

namespace jetliner {

// valid_utf8() for text that is not all ASCII.
bool valid_utf8_rest(const uint8_t* data, size_t n);

// Bytes of the longest valid prefix that ends between two characters; `n` where all is valid. Slow: for messages.
size_t valid_utf8_prefix(const uint8_t* data, size_t n);

// Appends text with U+FFFD in place of bytes that are not valid: one for each character that ends too early, else one
// for each byte (Unicode 15, section 3.9, "U+FFFD Substitution of Maximal Subparts"). Python's "replace" does the same.
void append_replaced_utf8(std::string& out, const uint8_t* data, size_t n);

namespace utf8_detail {

inline constexpr uint64_t kHighBits = 0x8080808080808080;

inline uint64_t load_8(const uint8_t* p) {
  uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

inline uint32_t load_4(const uint8_t* p) {
  uint32_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Not 0 if one of the 16 bytes at `p` is not ASCII. With SSE2: a mask of one bit per byte.
#if defined(__SSE2__)
inline uint32_t high_bits_16(const uint8_t* p) {
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
}
#else
inline uint64_t high_bits_16(const uint8_t* p) { return (load_8(p) | load_8(p + 8)) & kHighBits; }
#endif

}  // namespace utf8_detail

// Reads nothing outside [data, data + n). Where n is no multiple of the word, the last two loads overlap.
inline bool is_ascii(const uint8_t* data, size_t n) {
  using namespace utf8_detail;
  if (n >= 16) {
    for (size_t i = 0; i + 16 <= n; i += 16) {
      if (high_bits_16(data + i) != 0) return false;
    }
    return high_bits_16(data + n - 16) == 0;
  }
  if (n >= 8) return ((load_8(data) | load_8(data + n - 8)) & kHighBits) == 0;
  if (n >= 4) return ((load_4(data) | load_4(data + n - 4)) & static_cast<uint32_t>(kHighBits)) == 0;
  unsigned high = 0;
  for (size_t i = 0; i < n; ++i) high |= data[i];
  return high < 0x80;
}

// The same for bytes with slack (kSlackBytes): up to 15 bytes after the end are read. They do not change the result.
inline bool is_ascii_slack(const uint8_t* data, size_t n) {
#if defined(__SSE2__)
  static_assert(kSlackBytes >= 16);
  for (size_t i = 0; i < n; i += 16) {
    const uint32_t high = utf8_detail::high_bits_16(data + i);
    const size_t left = n - i;
    if (left < 16) return (high & ((1U << left) - 1)) == 0;
    if (high != 0) return false;
  }
  return true;
#else
  return is_ascii(data, n);
#endif
}

inline bool valid_utf8(const uint8_t* data, size_t n) { return is_ascii(data, n) || valid_utf8_rest(data, n); }

// For bytes with slack, as is_ascii_slack().
inline bool valid_utf8_slack(const uint8_t* data, size_t n) {
  return is_ascii_slack(data, n) || valid_utf8_rest(data, n);
}

}  // namespace jetliner
