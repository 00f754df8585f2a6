// Decimal text to Avro's form (Avro 1.12, "Decimal"): the reverse of decimal_text.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jetliner {

// Decimal text taken apart: its value is the number of the digits divided by 10^scale.
struct DecimalText {
  bool is_negative = false;
  std::string digits;  // without leading zeros; empty for 0
  int64_t scale = 0;   // digits after the point
};

// Reads an optional sign, digits, and at most one point with digits on at least one side. Returns false for any other
// text, and for more than kMaxDecimalBytes can hold.
bool parse_decimal(std::string_view text, DecimalText* out);

// Changes the scale. Returns false where digits other than 0 would be lost.
bool rescale(DecimalText& decimal, int64_t scale);

// The digits as a big-endian two's complement integer, in as few bytes as possible, at least one.
std::vector<uint8_t> unscaled_bytes(const DecimalText& decimal);

}  // namespace jetliner
