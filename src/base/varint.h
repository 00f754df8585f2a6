// Zig-zag variable-length integers (Avro 1.12, "Binary Encoding"): least significant group of 7 bits first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetliner {

inline constexpr size_t kMaxLongBytes = 10;
inline constexpr size_t kMaxIntBytes = 5;

inline int64_t zigzag_decode(uint64_t n) { return static_cast<int64_t>(n >> 1) ^ -static_cast<int64_t>(n & 1); }

inline uint64_t zigzag_encode(int64_t n) { return (static_cast<uint64_t>(n) << 1) ^ static_cast<uint64_t>(n >> 63); }

inline void append_long(std::vector<uint8_t>& out, int64_t value) {
  uint64_t rest = zigzag_encode(value);
  for (; rest >= 0x80; rest >>= 7) out.push_back(static_cast<uint8_t>(rest | 0x80));
  out.push_back(static_cast<uint8_t>(rest));
}

enum class VarintStatus : uint8_t { kOk, kEnd, kTooLong };

// Reads a long from [*cursor, end) and nothing behind it. kOk moves *cursor past the long; else *cursor stays.
// kEnd: the bytes end within the long. kTooLong: more than 10 bytes, or more than 64 bits.
inline VarintStatus read_long_checked(const uint8_t** cursor, const uint8_t* end, int64_t* out) {
  const uint8_t* p = *cursor;
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (p == end) return VarintStatus::kEnd;
    const uint64_t byte = *p++;
    if (shift == 63 && byte > 1) return VarintStatus::kTooLong;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      *out = zigzag_decode(value);
      *cursor = p;
      return VarintStatus::kOk;
    }
  }
  return VarintStatus::kTooLong;
}

}  // namespace jetliner
