// Hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>

namespace jetliner {

inline constexpr char kLowerHexDigits[] = "0123456789abcdef";
inline constexpr char kUpperHexDigits[] = "0123456789ABCDEF";

// Appends the two digits of a byte, the high half first.
inline void append_hex(std::string& out, uint8_t byte, const char* digits = kLowerHexDigits) {
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

}  // namespace jetliner
