// Reading without bounds checks. A caller may pass the end of the data by less than kSlackBytes (base/bytes.h) before
// it checks.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
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

inline uint16_t load_le16(const uint8_t* p) { return static_cast<uint16_t>(p[0] | p[1] << 8); }

inline constexpr uint64_t kContinuationBits = 0x8080808080808080;

// A varint of any length; called for those of 9 and 10 bytes. Returns the byte after it. nullptr where it is longer, or
// has more than 64 bits.
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

// Operations on bits for which newer processors have instructions. They take a large part of the time of a long. The
// interpreter is compiled with both classes, and the one for the machine runs.
struct PortableBits {
  // Joins the low 7 bits of all bytes. The top bit of each byte must be zero.
  static uint64_t join_groups(uint64_t word) {
    word = (word & 0x007f007f007f007f) | ((word & 0x7f007f007f007f00) >> 1);
    word = (word & 0x00003fff00003fff) | ((word & 0x3fff00003fff0000) >> 2);
    return (word & 0x000000000fffffff) | ((word & 0x0fffffff00000000) >> 4);
  }
  // Index of the n-th bit that is set, 1 <= n <= their number.
  static unsigned nth_bit(uint64_t bits, uint32_t n) {
    while (--n > 0) bits &= bits - 1;
    return static_cast<unsigned>(std::countr_zero(bits));
  }
};

#if defined(__x86_64__)
#define JETLINER_HAS_BMI2
// In assembly, so that it can be inlined into functions for any processor. Ignores the top bit of each byte.
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

// The first generations of AMD's Zen (family 17h) have these instructions, but they are slow there.
// Asks the processor itself: what __builtin_cpu_supports() reads is missing in zig's library.
inline bool has_quick_bmi2() {
  struct Registers {
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    bool read(unsigned leaf) { return __get_cpuid_count(leaf, 0, &eax, &ebx, &ecx, &edx) != 0; }
  };
  Registers vendor;
  Registers basic;
  Registers extended;
  Registers amd;
  if (!vendor.read(0) || !basic.read(1) || !extended.read(7) || !amd.read(0x80000001)) return false;
  const auto has = [](unsigned flags, unsigned wanted) { return (flags & wanted) == wanted; };
  constexpr unsigned kPopcnt = 1U << 23;
  constexpr unsigned kBmi = 1U << 3;
  constexpr unsigned kBmi2 = 1U << 8;
  constexpr unsigned kLzcnt = 1U << 5;
  if (!has(basic.ecx, kPopcnt) || !has(extended.ebx, kBmi | kBmi2) || !has(amd.ecx, kLzcnt)) return false;
  constexpr unsigned kAuthenticAmd = 0x68747541;  // "Auth"
  const unsigned family = ((basic.eax >> 8) & 0xf) + ((basic.eax >> 20) & 0xff);
  return vendor.ebx != kAuthenticAmd || family != 0x17;
}
#endif

// A bit for each of the next kStopBits bytes: set if a varint ends with that byte.
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
  // Gathers the top bits of 8 bytes: the multiplication moves each to another bit of the top byte.
  return ((~load_le64(p) & kContinuationBits) >> 7) * 0x0102040810204080 >> 56;
}
inline constexpr unsigned kStopBits = 8;
#endif

// True if a varint of 9 or more bytes is among those that end in the window, or continue behind it.
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
  // Keeps the bits up to the first stop bit.
  word &= stops ^ (stops - 1);
  if constexpr (std::is_same_v<Bits, PortableBits>) word &= ~kContinuationBits;
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

// True if the varint at `p` is not whole before `end`. For messages.
inline bool is_cut_varint(const uint8_t* p, const uint8_t* end) {
  for (size_t i = 0; i < kMaxLongBytes; ++i, ++p) {
    if (p >= end) return true;
    if (*p < 0x80) return false;
  }
  return false;
}

// The fault of a varint at `p` that could not be read. For messages; it is whole, or longer than kMaxLongBytes.
inline Status varint_fault(const uint8_t* p) {
  return p[kMaxLongBytes - 1] < 0x80 ? Status::kVarintTooLarge : Status::kVarintTooLong;
}

// Zig-zag long that is to end before `end`. nullptr where it does not; `*status` tells why then.
inline const uint8_t* scan_long_before(const uint8_t* p, const uint8_t* end, int64_t* out, Status* status) {
  const uint8_t* const next = scan_long(p, out);
  if (next != nullptr && next <= end) return next;
  *status = next != nullptr || is_cut_varint(p, end) ? Status::kEnd : varint_fault(p);
  return nullptr;
}

}  // namespace jetliner
