#include "base/decimal_parse.h"

#include <algorithm>

#include "base/decimal_text.h"

namespace jetliner {
namespace {

// Most digits of a number of kMaxDecimalBytes.
constexpr size_t kMaxDigits = kMaxDecimalBytes * 8 * 301 / 1000;

bool take_digits(std::string_view& text, std::string& digits) {
  const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  digits.append(text.substr(0, count));
  text.remove_prefix(count);
  return count > 0;
}

}  // namespace

bool parse_decimal(std::string_view text, DecimalText* out) {
  if (text.size() > kMaxDigits + static_cast<size_t>(kMaxDecimalScale)) return false;
  DecimalText parsed;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    parsed.is_negative = text[0] == '-';
    text.remove_prefix(1);
  }
  bool has_digits = take_digits(text, parsed.digits);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    const size_t before = parsed.digits.size();
    has_digits |= take_digits(text, parsed.digits);
    parsed.scale = static_cast<int64_t>(parsed.digits.size() - before);
  }
  if (!has_digits || !text.empty()) return false;
  parsed.digits.erase(0, std::min(parsed.digits.find_first_not_of('0'), parsed.digits.size()));
  if (parsed.digits.size() > kMaxDigits) return false;
  *out = std::move(parsed);
  return true;
}

bool rescale(DecimalText& decimal, int64_t scale) {
  std::string& digits = decimal.digits;
  for (; decimal.scale > scale; --decimal.scale) {
    if (digits.empty()) continue;
    if (digits.back() != '0') return false;
    digits.pop_back();
  }
  if (!digits.empty()) digits.append(static_cast<size_t>(scale - decimal.scale), '0');
  decimal.scale = scale;
  return true;
}

std::vector<uint8_t> unscaled_bytes(const DecimalText& decimal) {
  std::vector<uint8_t> little_endian;
  for (const char digit : decimal.digits) {
    auto carry = static_cast<uint32_t>(digit - '0');
    for (uint8_t& byte : little_endian) {
      carry += byte * 10U;
      byte = static_cast<uint8_t>(carry);
      carry >>= 8;
    }
    if (carry > 0) little_endian.push_back(static_cast<uint8_t>(carry));
  }
  little_endian.push_back(0);  // the sign
  if (decimal.is_negative) {
    uint32_t carry = 1;
    for (uint8_t& byte : little_endian) {
      carry += static_cast<uint8_t>(~byte);
      byte = static_cast<uint8_t>(carry);
      carry >>= 8;
    }
  }
  // The sign's byte goes where the byte before says the same.
  while (little_endian.size() > 1) {
    const uint8_t last = little_endian.back();
    const bool is_negative = (little_endian[little_endian.size() - 2] & 0x80) != 0;
    if (last != (is_negative ? 0xff : 0)) break;
    little_endian.pop_back();
  }
  std::reverse(little_endian.begin(), little_endian.end());
  return little_endian;
}

}  // namespace jetliner
