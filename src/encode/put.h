// Scalars in Avro's binary encoding (Avro 1.12, "Primitive Types"). The caller has made room.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/varint.h"

namespace jetliner {

// Most bytes that one of these functions writes, or touches.
inline constexpr size_t kMostScalarBytes = 16;

// The groups of 7 bits of a number below 2^56, one in each byte of a word, the first one in its lowest byte. `bytes`:
// how many there are. There is no loop whose length changes from value to value.
inline uint64_t spread_varint(uint64_t number, unsigned bytes) {
  uint64_t word = (number & 0x000000000fffffff) | (number & 0x00fffffff0000000) << 4;
  word = (word & 0x00003fff00003fff) | (word & 0x0fffc0000fffc000) << 2;
  word = (word & 0x007f007f007f007f) | (word & 0x3f803f803f803f80) << 1;
  return word | (0x8080808080808080 & ((uint64_t{1} << (8 * (bytes - 1))) - 1));
}

// The zig-zag number of a long.
inline uint8_t* put_long(uint8_t* p, int64_t value) {
  uint64_t rest = zigzag_encode(value);
  if (rest < 0x80) {
    *p = static_cast<uint8_t>(rest);
    return p + 1;
  }
  if constexpr (std::endian::native == std::endian::little) {
    if (rest < uint64_t{1} << 56) {
      const auto bits = static_cast<unsigned>(std::bit_width(rest));
      const unsigned bytes = (bits + 6) / 7;
      const uint64_t word = spread_varint(rest, bytes);
      std::memcpy(p, &word, sizeof word);
      return p + bytes;
    }
  }
  for (; rest >= 0x80; rest >>= 7) *p++ = static_cast<uint8_t>(rest | 0x80);
  *p++ = static_cast<uint8_t>(rest);
  return p;
}

// A number of 2, 4 or 8 bytes, little-endian.
template <typename Bits>
uint8_t* put_little_endian(uint8_t* p, Bits bits) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(p, &bits, sizeof bits);
  } else {
    for (size_t i = 0; i < sizeof bits; ++i) p[i] = static_cast<uint8_t>(bits >> (8 * i));
  }
  return p + sizeof bits;
}

}  // namespace jetliner
