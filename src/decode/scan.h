// Reading in the slack form: nothing here looks at the end of the data. Callers may overrun it by less than kSlackBytes
// (base/bytes.h) before they do.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/varint.h"

namespace jetliner {

inline uint64_t load_le64(const uint8_t* p) {
  uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

inline uint32_t load_le32(const uint8_t* p) {
  uint32_t word = 0;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
  return word;
}

inline constexpr uint64_t kContinuationBits = 0x8080808080808080;

// Varints of 9 and 10 bytes. Returns the byte after it, or nullptr where it is longer or exceeds 64 bits.
inline const uint8_t* scan_long_varint(const uint8_t* p, uint64_t* out) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const uint64_t byte = *p++;
    if (shift == 63 && byte > 1) return nullptr;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      *out = value;
      return p;
    }
  }
  return nullptr;
}

// Unsigned varint. Returns the byte after it, or nullptr where it is too long.
inline const uint8_t* scan_varint(const uint8_t* p, uint64_t* out) {
  const uint8_t first = *p;
  if (first < 0x80) {
    *out = first;
    return p + 1;
  }
  uint64_t word = load_le64(p);
  const uint64_t stops = ~word & kContinuationBits;
  if (stops == 0) [[unlikely]]
    return scan_long_varint(p, out);
  // Keep what is up to the first stop bit, then close the gaps between the groups of 7 bits, two by two.
  word &= (stops ^ (stops - 1)) & ~kContinuationBits;
  word = (word & 0x007f007f007f007f) | ((word & 0x7f007f007f007f00) >> 1);
  word = (word & 0x00003fff00003fff) | ((word & 0x3fff00003fff0000) >> 2);
  word = (word & 0x000000000fffffff) | ((word & 0x0fffffff00000000) >> 4);
  *out = word;
  return p + (static_cast<unsigned>(std::countr_zero(stops)) >> 3) + 1;
}

// Zig-zag long.
inline const uint8_t* scan_long(const uint8_t* p, int64_t* out) {
  uint64_t raw = 0;
  p = scan_varint(p, &raw);
  *out = zigzag_decode(raw);
  return p;
}

// Whether the varint at p is not whole before `end`; for telling why one is wrong.
inline bool is_cut_varint(const uint8_t* p, const uint8_t* end) {
  for (size_t i = 0; i < kMaxLongBytes; ++i, ++p) {
    if (p >= end) return true;
    if (*p < 0x80) return false;
  }
  return false;
}

}  // namespace jetliner
