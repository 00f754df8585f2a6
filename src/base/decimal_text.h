// Decimals in Avro's form (Avro 1.12, "Decimal"): a big-endian two's complement integer, the unscaled value. The value
// is that integer divided by 10^scale.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/bytes.h"

namespace jetliner {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

// Largest unscaled value that is turned into text, in bytes: 2466 digits. The time grows with the square of the size:
// 1 KiB takes tens of microseconds, 1 MiB would take a minute. The limit keeps forged files from keeping a reader busy.
inline constexpr size_t kMaxDecimalBytes = 1024;

// Largest scale, of either sign, that is turned into text. The exact value of the smallest double has 1074 digits after
// the point; real data has fewer. A scale takes a few bytes of input, but one byte of output for each digit.
inline constexpr int64_t kMaxDecimalScale = 1100;

// Appends the value as decimal text with exactly `scale` digits after the point: "0.00", "-0.00123"; "42" for scale 0.
// A negative scale appends zeros: 12 with scale -3 is "12000"; 0 stays "0". An empty span is the value 0. The caller
// checks the size against kMaxDecimalBytes and the scale against kMaxDecimalScale where both are input.
void append_decimal_text(std::string& out, ByteSpan big_endian_twos_complement, int64_t scale);

// 10^exponent, for 0 <= exponent <= 38: larger powers do not fit. A decimal of precision p lies strictly between
// -pow10_u128(p) and pow10_u128(p).
UInt128 pow10_u128(int exponent);

namespace decimal_detail {

inline uint64_t load_big_endian_8(const uint8_t* p) {
  uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

inline uint32_t load_big_endian_4(const uint8_t* p) {
  uint32_t word = 0;
  std::memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  word = __builtin_bswap32(word);
#endif
  return word;
}

// `n` <= 8 bytes. From 4 bytes on two loads that overlap cover them.
inline int64_t to_int64(const uint8_t* p, size_t n) {
  if (n == 8) return static_cast<int64_t>(load_big_endian_8(p));
  if (n >= 4) {
    const auto head = static_cast<int64_t>(static_cast<int32_t>(load_big_endian_4(p)));
    const int64_t above = head >> (64 - 8 * n);  // the bytes before the last four; for n = 4 only the sign
    return static_cast<int64_t>(static_cast<uint64_t>(above) << 32 | load_big_endian_4(p + n - 4));
  }
  if (n == 0) return 0;
  int64_t value = static_cast<int8_t>(p[0]);
  for (size_t i = 1; i < n; ++i) value = static_cast<int64_t>(static_cast<uint64_t>(value) << 8 | p[i]);
  return value;
}

}  // namespace decimal_detail

// Sets *out where the value fits into 128 bits. Values of up to 16 bytes do, and longer ones whose first bytes only
// repeat the sign. An empty span is the value 0. Returns false otherwise and leaves *out.
inline bool decimal_to_int128(ByteSpan bytes, Int128* out) {
  const uint8_t* p = bytes.data();
  size_t n = bytes.size();
  if (n <= 8) {
    *out = decimal_detail::to_int64(p, n);
    return true;
  }
  if (n > 16) {
    const uint8_t sign = (p[n - 16] & 0x80) != 0 ? 0xff : 0;
    if (!std::all_of(p, p + n - 16, [sign](uint8_t byte) { return byte == sign; })) return false;
    p += n - 16;
    n = 16;
  }
  const auto head = static_cast<int64_t>(decimal_detail::load_big_endian_8(p));
  const int64_t above = head >> (8 * (16 - n));
  *out = static_cast<Int128>(static_cast<UInt128>(static_cast<uint64_t>(above)) << 64 |
                             decimal_detail::load_big_endian_8(p + n - 8));
  return true;
}

}  // namespace jetliner
