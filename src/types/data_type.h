// The Arrow types that columns have, and how their values lie in memory.
#pragma once

#include <cstdint>

namespace jetliner {

// Arrow types without their parameters.
enum class ArrowKind : uint8_t {
  kNull,
  kBoolean,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kFloat16,
  kFloat32,
  kFloat64,
  kDecimal128,  // precision, scale
  kDate32,      // days since 1970-01-01
  kTime64,      // unit; since midnight
  kTimestamp,   // unit, is_utc
  kDuration,    // unit
  kBinaryView,
  kStringView,
  kDictionary,  // uint32 indices into string views; has_fixed_symbols
  kLargeList,
  kMap,
  kStruct,
};

enum class TimeUnit : uint8_t { kSecond, kMilli, kMicro, kNano };

// An Arrow type without its children. Parameters that the kind does not have keep their defaults, so `==` compares
// types.
struct DataType {
  ArrowKind kind = ArrowKind::kNull;
  TimeUnit unit = TimeUnit::kSecond;
  bool is_utc = false;             // timestamp: an instant in UTC; otherwise it has no time zone
  bool has_fixed_symbols = false;  // dictionary: a fixed, ordered set of symbols. Polars: Enum, otherwise Categorical.
  int32_t precision = 0;           // decimal: digits in all
  int32_t scale = 0;               // decimal: digits after the point

  bool operator==(const DataType&) const = default;
};

// Most digits of Arrow's decimal128, and of Polars' Decimal.
inline constexpr int32_t kMaxDecimal128Precision = 38;

// Physical layouts of columns. Several types share one.
enum class Layout : uint8_t {
  kNull,        // no buffers
  kBit,         // bitmap
  kFixed1,      // 1 byte a row
  kFixed2,      // 2 bytes a row
  kFixed4,      // 4 bytes a row
  kFixed8,      // 8 bytes a row
  kFixed16,     // 16 bytes a row
  kDictionary,  // 4-byte indices into ArrowType::symbols
  kBinaryView,  // 16-byte views and heap buffers
  kStringView,  // the same, UTF-8
  kSymbolView,  // string views of ArrowType::symbols, whose text is the only heap buffer
  kList,        // 8-byte offsets, one child. A finished map has 4-byte offsets.
  kStruct,      // children only
};

// The layout of a kind. String views of an enum's symbols have another one: ArrowType::layout().
constexpr Layout layout_of(ArrowKind kind) {
  switch (kind) {
    case ArrowKind::kNull:
      return Layout::kNull;
    case ArrowKind::kBoolean:
      return Layout::kBit;
    case ArrowKind::kInt8:
    case ArrowKind::kUInt8:
      return Layout::kFixed1;
    case ArrowKind::kInt16:
    case ArrowKind::kUInt16:
    case ArrowKind::kFloat16:
      return Layout::kFixed2;
    case ArrowKind::kInt32:
    case ArrowKind::kUInt32:
    case ArrowKind::kFloat32:
    case ArrowKind::kDate32:
      return Layout::kFixed4;
    case ArrowKind::kInt64:
    case ArrowKind::kUInt64:
    case ArrowKind::kFloat64:
    case ArrowKind::kTime64:
    case ArrowKind::kTimestamp:
    case ArrowKind::kDuration:
      return Layout::kFixed8;
    case ArrowKind::kDecimal128:
      return Layout::kFixed16;
    case ArrowKind::kBinaryView:
      return Layout::kBinaryView;
    case ArrowKind::kStringView:
      return Layout::kStringView;
    case ArrowKind::kDictionary:
      return Layout::kDictionary;
    case ArrowKind::kLargeList:
    case ArrowKind::kMap:
      return Layout::kList;
    case ArrowKind::kStruct:
      return Layout::kStruct;
  }
  return Layout::kNull;
}

}  // namespace jetliner
