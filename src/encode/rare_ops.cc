// Operations that convert, and those of types that are rare.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/decimal_parse.h"
#include "base/utf8.h"
#include "encode/encoder.h"
#include "encode/numbers.h"
#include "encode/put.h"
#include "schema/path.h"

namespace jetliner {
namespace {

constexpr int64_t kMillisPerDay = 86'400'000;
constexpr size_t kUuidBytes = 16;

std::string text_of(Int128 value) {
  std::array<uint8_t, sizeof value> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(value >> (8 * (bytes.size() - 1 - i)));
  std::string text;
  append_decimal_text(text, bytes, 0);
  return text;
}

// The value in the units of the schema.
int64_t scaled(const EncodeOp& op, const InputColumn& column, size_t i) {
  const Int128 value = load_integer(*op.type, column, i);
  Int128 result = value;
  if (op.multiplier != 1 && __builtin_mul_overflow(value, Int128{op.multiplier}, &result)) {
    throw_value_error(op, ErrorVariant::kOutOfRange, text_of(value) + " is out of range");
  }
  if (op.divisor != 1) {
    result = value / op.divisor;
    if (result * op.divisor != value) {
      throw_value_error(op, ErrorVariant::kInexact,
                        text_of(value) + " is not exact in the schema's unit, which is " + std::to_string(op.divisor) +
                            " times the column's" + op.way_out);
    }
  }
  if (result < op.least || result > op.most) {
    throw_value_error(op, ErrorVariant::kOutOfRange,
                      text_of(value) + " is out of range: the schema's type takes " + std::to_string(op.least) +
                          " to " + std::to_string(op.most) + op.way_out);
  }
  return static_cast<int64_t>(result);
}

double exact_double(const EncodeOp& op, const InputColumn& column, size_t i) {
  double value = 0;
  if (!load_double(*op.type, column, i, &value)) {
    throw_value_error(op, ErrorVariant::kInexact,
                      text_of(load_integer(*op.type, column, i)) + " is not exact as a floating-point number");
  }
  return value;
}

float exact_float(const EncodeOp& op, const InputColumn& column, size_t i) {
  const double value = exact_double(op, column, i);
  const auto narrow = static_cast<float>(value);
  if (static_cast<double>(narrow) != value && !std::isnan(value)) {
    throw_value_error(op, ErrorVariant::kInexact, std::to_string(value) + " is not exact as a float");
  }
  return narrow;
}

uint16_t exact_half(const EncodeOp& op, const InputColumn& column, size_t i) {
  if (op.type->kind == InputKind::kFloat16) return column.value<uint16_t>(i);
  const float value = exact_float(op, column, i);
  uint16_t half = 0;
  if (!float_to_half(value, &half)) {
    throw_value_error(op, ErrorVariant::kInexact, std::to_string(value) + " is not exact as a half-precision number");
  }
  return half;
}

// In as few bytes as possible, at least one.
ByteSpan big_endian(Int128 value, std::array<uint8_t, sizeof(Int128)>& bytes) {
  for (size_t i = bytes.size(); i-- > 0; value >>= 8) bytes[i] = static_cast<uint8_t>(value);
  size_t first = 0;
  while (first + 1 < bytes.size() && bytes[first] == ((bytes[first + 1] & 0x80) != 0 ? 0xff : 0)) ++first;
  return ByteSpan(bytes).subspan(first);
}

Int128 rescaled(const EncodeOp& op, Int128 value) {
  Int128 result = value;
  if (op.scale > 0) {
    if (__builtin_mul_overflow(value, static_cast<Int128>(pow10_u128(op.scale)), &result)) {
      throw_value_error(op, ErrorVariant::kOutOfRange, "a decimal has more digits than the schema's precision");
    }
  } else if (op.scale < 0) {
    const auto divisor = static_cast<Int128>(pow10_u128(-op.scale));
    result = value / divisor;
    if (result * divisor != value) {
      throw_value_error(op, ErrorVariant::kInexact,
                        "a decimal has more digits after the point than the schema's scale");
    }
  }
  const int32_t digits = std::min(op.precision, kMaxDecimal128Precision);
  const auto bound = static_cast<Int128>(pow10_u128(digits));
  if (result >= bound || result <= -bound) {
    throw_value_error(op, ErrorVariant::kOutOfRange,
                      "a decimal has more digits than the schema's precision of " + std::to_string(op.precision));
  }
  return result;
}

DecimalText decimal_of_text(const EncodeOp& op, ByteSpan text) {
  DecimalText decimal;
  if (!parse_decimal(as_text(text), &decimal)) {
    throw_value_error(op, ErrorVariant::kInvalidData, "the text is no decimal number");
  }
  return decimal;
}

size_t checked_index(const EncodeOp& op, size_t index, const InputColumn& dictionary) {
  if (index >= dictionary.length) {
    throw_value_error(op, ErrorVariant::kInvalidData, "an index beyond the end of the dictionary");
  }
  return index;
}

[[noreturn]] void throw_no_symbol(const EncodeOp& op, const SymbolTable& symbols, ByteSpan text) {
  throw_value_error(op, ErrorVariant::kUnknownSymbol,
                    in_quotes(as_text(text)) + " is no symbol of the enum, which has: " + symbols.listed());
}

int hex_value(uint8_t digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const auto lower = static_cast<uint8_t>(digit | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
bool parse_uuid(ByteSpan text, uint8_t* out) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') return false;
      continue;
    }
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = static_cast<uint8_t>(high << 4 | low);
    i += 2;
  }
  return true;
}

// Months, days and milliseconds, each unsigned, of 32 bits. Months are always 0: their length differs.
uint8_t* put_duration(const EncodeOp& op, int64_t millis, uint8_t* p) {
  const int64_t days = millis / kMillisPerDay;
  if (millis < 0 || days > std::numeric_limits<uint32_t>::max()) {
    throw_value_error(op, ErrorVariant::kOutOfRange, "Avro's duration is not negative, and at most 2^32 - 1 days");
  }
  p = put_little_endian(p, uint32_t{0});
  p = put_little_endian(p, static_cast<uint32_t>(days));
  return put_little_endian(p, static_cast<uint32_t>(millis % kMillisPerDay));
}

}  // namespace

uint8_t* Encoder::rare(const EncodeOp& op, const InputColumn& column, size_t i, uint8_t* p) {
  switch (op.code) {
    case EncodeCode::kConstant: {
      const std::vector<uint8_t>& bytes = plan_.constants[op.a];
      p = room(bytes.size() + kMostScalarBytes, p);
      if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
      return p + bytes.size();
    }
    case EncodeCode::kVarint:
      return put_long(p, scaled(op, column, i));
    case EncodeCode::kFloat:
      return put_little_endian(p, std::bit_cast<uint32_t>(exact_float(op, column, i)));
    case EncodeCode::kHalfFloat:
      return put_little_endian(p, std::bit_cast<uint32_t>(half_to_float(exact_half(op, column, i))));
    case EncodeCode::kDouble:
      return put_little_endian(p, std::bit_cast<uint64_t>(exact_double(op, column, i)));
    case EncodeCode::kBytesFixed:
      return put_text(column.fixed(i, op.type->width), p);
    case EncodeCode::kTextOfBytes: {
      const ByteSpan bytes = bytes_of(*op.type, column, i);
      if (!valid_utf8(bytes.data(), bytes.size())) {
        throw_value_error(op, ErrorVariant::kInvalidUtf8, "the bytes are not valid UTF-8, as a string must be");
      }
      return put_text(bytes, p);
    }
    case EncodeCode::kFixed:
      return put_fixed(op, bytes_of(*op.type, column, i), p);
    case EncodeCode::kFixedUuid: {
      std::array<uint8_t, kUuidBytes> uuid{};
      if (!parse_uuid(bytes_of(*op.type, column, i), uuid.data())) {
        throw_value_error(op, ErrorVariant::kInvalidData,
                          "the text is no UUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12");
      }
      return put_fixed(op, uuid, p);
    }
    case EncodeCode::kFixedInteger: {
      const Int128 value = load_integer(*op.type, column, i);
      if (value < 0 || value > std::numeric_limits<uint64_t>::max()) {
        throw_value_error(op, ErrorVariant::kOutOfRange, text_of(value) + " is out of range: 0 to 2^64 - 1");
      }
      return put_little_endian(p, static_cast<uint64_t>(value));
    }
    case EncodeCode::kFixedHalf:
      return put_little_endian(p, exact_half(op, column, i));
    case EncodeCode::kDuration:
      return put_duration(op, scaled(op, column, i), p);
    case EncodeCode::kDecimal: {
      std::array<uint8_t, sizeof(Int128)> bytes{};
      return put_decimal(op, big_endian(rescaled(op, load_integer(*op.type, column, i)), bytes), p);
    }
    case EncodeCode::kDecimalText: {
      DecimalText decimal = decimal_of_text(op, bytes_of(*op.type, column, i));
      if (!rescale(decimal, op.scale)) {
        throw_value_error(op, ErrorVariant::kInexact,
                          "a decimal has more digits after the point than the schema's scale");
      }
      if (decimal.digits.size() > static_cast<size_t>(op.precision)) {
        throw_value_error(op, ErrorVariant::kOutOfRange,
                          "a decimal has more digits than the schema's precision of " + std::to_string(op.precision));
      }
      return put_decimal(op, unscaled_bytes(decimal), p);
    }
    case EncodeCode::kBigDecimal: {
      const DecimalText decimal = decimal_of_text(op, bytes_of(*op.type, column, i));
      ByteBuffer inner;
      const std::vector<uint8_t> bytes = unscaled_bytes(decimal);
      uint8_t* const start = inner.room(bytes.size() + 2 * kMostScalarBytes);
      uint8_t* end = put_long(start, static_cast<int64_t>(bytes.size()));
      std::memcpy(end, bytes.data(), bytes.size());
      end = put_long(end + bytes.size(), decimal.scale);
      return put_text({start, end}, p);
    }
    case EncodeCode::kSymbolText: {
      const InputType& values = op.type->children[0];
      const InputColumn& dictionary = columns_[values.column];
      return put_text(bytes_of(values, dictionary, checked_index(op, index_of(*op.type, column, i), dictionary)), p);
    }
    case EncodeCode::kEnumText: {
      const ByteSpan text = bytes_of(*op.type, column, i);
      const int32_t symbol = plan_.symbols[op.a].find(as_text(text));
      if (symbol < 0) throw_no_symbol(op, plan_.symbols[op.a], text);
      return put_long(p, symbol);
    }
    default:
      return put_symbol(op, column, i, p);
  }
}

uint8_t* Encoder::put_fixed(const EncodeOp& op, ByteSpan bytes, uint8_t* p) {
  if (bytes.size() != op.width) {
    throw_value_error(
        op, ErrorVariant::kWrongLength,
        std::to_string(bytes.size()) + " bytes, where the schema's fixed takes " + std::to_string(op.width));
  }
  p = room(bytes.size() + kMostScalarBytes, p);
  if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
  return p + bytes.size();
}

uint8_t* Encoder::put_decimal(const EncodeOp& op, ByteSpan big_endian, uint8_t* p) {
  if (!op.is_fixed) return put_text(big_endian, p);
  if (big_endian.size() > op.width) {
    throw_value_error(op, ErrorVariant::kOutOfRange,
                      "a decimal does not fit the schema's fixed of " + std::to_string(op.width) + " bytes");
  }
  p = room(op.width + kMostScalarBytes, p);
  const size_t padding = op.width - big_endian.size();
  std::memset(p, (big_endian[0] & 0x80) != 0 ? 0xff : 0, padding);
  std::memcpy(p + padding, big_endian.data(), big_endian.size());
  return p + op.width;
}

// The table of a dictionary's symbols is made when its first value is met.
uint8_t* Encoder::put_symbol(const EncodeOp& op, const InputColumn& column, size_t i, uint8_t* p) {
  constexpr int32_t kNotAskedYet = -2;
  const InputType& values = op.type->children[0];
  const InputColumn& dictionary = columns_[values.column];
  std::vector<int32_t>& symbols = symbols_of_[op.slot];
  if (symbols.empty()) symbols.assign(dictionary.length, kNotAskedYet);
  const size_t index = checked_index(op, index_of(*op.type, column, i), dictionary);
  int32_t& symbol = symbols[index];
  if (symbol == kNotAskedYet) symbol = plan_.symbols[op.a].find(as_text(bytes_of(values, dictionary, index)));
  if (symbol < 0) throw_no_symbol(op, plan_.symbols[op.a], bytes_of(values, dictionary, index));
  return put_long(p, symbol);
}

}  // namespace jetliner
