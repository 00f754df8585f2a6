#include "decode/decimal.h"

#include "base/decimal_text.h"
#include "base/hex.h"
#include "decode/scan.h"

namespace jetliner {

Status split_big_decimal(ByteSpan bytes, ByteSpan* unscaled, int64_t* scale) {
  const uint8_t* const end = bytes.data() + bytes.size();
  int64_t n = 0;
  const uint8_t* p = scan_long(bytes.data(), &n);
  if (p == nullptr || n < 0 || n > end - p) return Status::kBigDecimal;
  *unscaled = {p, static_cast<size_t>(n)};
  p = scan_long(p + n, scale);
  return p == end ? Status::kOk : Status::kBigDecimal;
}

Status append_decimal(std::string& out, ByteSpan unscaled, int64_t scale) {
  if (unscaled.size() > kMaxDecimalBytes || scale > kMaxDecimalScale || scale < -kMaxDecimalScale) {
    return Status::kDecimalBytes;
  }
  append_decimal_text(out, unscaled, scale);
  return Status::kOk;
}

void append_uuid(std::string& out, const uint8_t* bytes) {
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    append_hex(out, bytes[i]);
  }
}

DurationParts read_duration(const uint8_t* bytes) {
  return {load_le32(bytes), load_le32(bytes + 4), load_le32(bytes + 8)};
}

}  // namespace jetliner
