#include "base/utf8.h"

#include <simdjson.h>

#include <bit>

namespace jetliner {

namespace {

// Longer text is validated by simdjson. Its call costs 25 ns (a virtual call, then 64 bytes at a time); the loop below
// takes 2.5 ns for each character that is not ASCII (measured).
constexpr size_t kMaxScalarBytes = 32;

inline bool is_continuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// Bytes of the character at `p`, or 0 where it is not valid. `n` > 0: bytes up to the end of the text.
inline size_t character_bytes(const uint8_t* p, size_t n) {
  const uint8_t lead = p[0];
  if (lead < 0x80) return 1;
  if (lead < 0xe0) {
    // 0x80..0xbf are continuation bytes. 0xc0 and 0xc1 are overlong forms of ASCII.
    return lead >= 0xc2 && n >= 2 && is_continuation(p[1]) ? 2 : 0;
  }
  if (lead < 0xf0) {
    if (n < 3 || !is_continuation(p[1]) || !is_continuation(p[2])) return 0;
    if (lead == 0xe0) return p[1] >= 0xa0 ? 3 : 0;  // below: overlong
    if (lead == 0xed) return p[1] <= 0x9f ? 3 : 0;  // above: surrogates
    return 3;
  }
  if (lead > 0xf4 || n < 4 || !is_continuation(p[1]) || !is_continuation(p[2]) || !is_continuation(p[3])) return 0;
  if (lead == 0xf0) return p[1] >= 0x90 ? 4 : 0;  // below: overlong
  if (lead == 0xf4) return p[1] <= 0x8f ? 4 : 0;  // above: beyond U+10FFFF
  return 4;
}

// Bytes to replace by one U+FFFD: the longest start of a valid character at `p`, where none is whole. At least 1.
inline size_t broken_bytes(const uint8_t* p, size_t n) {
  const uint8_t lead = p[0];
  if (lead < 0xc2 || lead > 0xf4 || n < 2 || !is_continuation(p[1])) return 1;
  // These second bytes only occur in overlong forms, surrogates and numbers beyond U+10FFFF.
  if ((lead == 0xe0 && p[1] < 0xa0) || (lead == 0xed && p[1] > 0x9f)) return 1;
  if ((lead == 0xf0 && p[1] < 0x90) || (lead == 0xf4 && p[1] > 0x8f)) return 1;
  return lead >= 0xf0 && n >= 3 && is_continuation(p[2]) ? 3 : 2;
}

}  // namespace

void append_replaced_utf8(std::string& out, const uint8_t* data, size_t n) {
  const uint8_t* const end = data + n;
  while (data < end) {
    const auto left = static_cast<size_t>(end - data);
    const size_t valid = valid_utf8_prefix(data, left);
    out.append(reinterpret_cast<const char*>(data), valid);
    data += valid;
    if (data == end) return;
    out += "\xef\xbf\xbd";
    data += broken_bytes(data, left - valid);
  }
}

size_t valid_utf8_prefix(const uint8_t* data, size_t n) {
  size_t at = 0;
  while (at < n) {
    if constexpr (std::endian::native == std::endian::little) {
      if (n - at >= 8) {
        const uint64_t high = utf8_detail::load_8(data + at) & utf8_detail::kHighBits;
        if (high == 0) {
          at += 8;
          continue;
        }
        at += static_cast<size_t>(std::countr_zero(high)) / 8;  // past the ASCII before it
      }
    }
    // Characters that are not ASCII often come in a row.
    do {
      const size_t bytes = character_bytes(data + at, n - at);
      if (bytes == 0) return at;
      at += bytes;
    } while (at < n && data[at] >= 0x80);
  }
  return at;
}

bool valid_utf8_rest(const uint8_t* data, size_t n) {
  if (n <= kMaxScalarBytes) return valid_utf8_prefix(data, n) == n;
  return simdjson::validate_utf8(reinterpret_cast<const char*>(data), n);
}

}  // namespace jetliner
