// Decimals as text, for columns and JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "decode/status.h"

namespace jetliner {

// Splits a big-decimal (Avro 1.12, "Big Decimal", in the form that Java writes): length of the unscaled value, the
// value, the scale. `bytes` has kSlackBytes readable after it.
Status split_big_decimal(ByteSpan bytes, ByteSpan* unscaled, int64_t* scale);

// Appends the text. kDecimalBytes beyond the limits of base/decimal_text.h.
Status append_decimal(std::string& out, ByteSpan unscaled, int64_t scale);

// Appends the digits of 16 bytes in groups of 8-4-4-4-12, in lower case.
void append_uuid(std::string& out, const uint8_t* bytes);

// Months, days and milliseconds: three unsigned little-endian numbers.
struct DurationParts {
  uint32_t months;
  uint32_t days;
  uint32_t milliseconds;
};
DurationParts read_duration(const uint8_t* bytes);

}  // namespace jetliner
