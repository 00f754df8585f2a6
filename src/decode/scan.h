// Reading in the slack form: nothing here looks at the end of the data. Callers may overrun it by less than kSlackBytes
// (base/bytes.h) before they do.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/varint.h"
#include "decode/status.h"

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

// Work on bits that newer processors have instructions for: a good part of the time that a long takes. The decoder is
// compiled with either, and takes the one that is right for the machine.
struct PortableBits {
  // Joins the low 7 bits of each byte. The top bits are zero.
  static uint64_t join_groups(uint64_t word) {
    word = (word & 0x007f007f007f007f) | ((word & 0x7f007f007f007f00) >> 1);
    word = (word & 0x00003fff00003fff) | ((word & 0x3fff00003fff0000) >> 2);
    return (word & 0x000000000fffffff) | ((word & 0x0fffffff00000000) >> 4);
  }
  // Index of the n-th (> 0) one of `bits`, which has as many.
  static unsigned nth_bit(uint64_t bits, uint32_t n) {
    while (--n > 0) bits &= bits - 1;
    return static_cast<unsigned>(std::countr_zero(bits));
  }
};

#if defined(__x86_64__)
#define JETLINER_HAS_BMI2
// As text, so that it can be inlined into code that is compiled for older processors.
struct Bmi2Bits {
  static uint64_t join_groups(uint64_t word) {
    uint64_t joined = 0;
    asm("pext %2, %1, %0" : "=r"(joined) : "r"(word), "r"(~kContinuationBits));
    return joined;
  }
  static unsigned nth_bit(uint64_t bits, uint32_t n) {
    uint64_t bit = 0;
    asm("pdep %2, %1, %0" : "=r"(bit) : "r"(uint64_t{1} << (n - 1)), "r"(bits));
    return static_cast<unsigned>(std::countr_zero(bit));
  }
};

// Whether to use it: AMD's first generations of Zen have it, but slow.
inline bool has_quick_bmi2() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("lzcnt") &&
         __builtin_cpu_supports("popcnt") && !__builtin_cpu_is("znver1") && !__builtin_cpu_is("znver2");
}
#endif

// Where varints end in the bytes from p on: a one for each byte that is the last of its varint.
#if defined(__SSE2__)
inline uint64_t stop_bits(const uint8_t* p) {
  const auto continued = [](const uint8_t* bytes) {
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes))));
  };
  return static_cast<uint32_t>(~(continued(p) | continued(p + 16) << 16));
}
inline constexpr unsigned kStopBits = 32;
#else
inline uint64_t stop_bits(const uint8_t* p) {
  // The top bits of 8 bytes, gathered by a multiplication that puts each into another bit of the top byte.
  return ((~load_le64(p) & kContinuationBits) >> 7) * 0x0102040810204080 >> 56;
}
inline constexpr unsigned kStopBits = 8;
#endif

// Whether there is one of 9 bytes or more among those that end in the window, or among those that go on behind it.
inline bool has_long_varint(uint64_t stops) {
  uint64_t continued = ~stops & ((uint64_t{1} << kStopBits) - 1);
  continued &= continued >> 1;
  continued &= continued >> 2;
  return (continued & continued >> 4) != 0;
}

// Unsigned varint. Returns the byte after it, or nullptr where it is too long.
template <typename Bits = PortableBits>
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
  // What is up to the first stop bit.
  word &= stops ^ (stops - 1);
  if constexpr (std::is_same_v<Bits, PortableBits>) word &= ~kContinuationBits;  // the other one looks past them
  *out = Bits::join_groups(word);
  return p + (static_cast<unsigned>(std::countr_zero(stops)) >> 3) + 1;
}

// Zig-zag long.
template <typename Bits = PortableBits>
inline const uint8_t* scan_long(const uint8_t* p, int64_t* out) {
  uint64_t raw = 0;
  p = scan_varint<Bits>(p, &raw);
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

// Zig-zag long that is to end before `end`. nullptr where it does not; `*status` tells why then.
inline const uint8_t* scan_long_before(const uint8_t* p, const uint8_t* end, int64_t* out, Status* status) {
  const uint8_t* const next = scan_long(p, out);
  if (next != nullptr && next <= end) return next;
  *status = next != nullptr || is_cut_varint(p, end) ? Status::kEnd : Status::kVarintTooLong;
  return nullptr;
}

}  // namespace jetliner
