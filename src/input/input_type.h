// The types of Arrow data that is to be written, from the Arrow C data interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "jetliner/arrow_abi.h"
#include "types/data_type.h"

namespace jetliner {

enum class InputKind : uint8_t {
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
  kInt128,  // Polars' own
  kFloat16,
  kFloat32,
  kFloat64,
  kDecimal128,   // precision, scale
  kDate32,       // days
  kDate64,       // milliseconds
  kTime32,       // unit: seconds or milliseconds
  kTime64,       // unit: microseconds or nanoseconds
  kTimestamp,    // unit, has_zone
  kDuration,     // unit
  kText,         // extent
  kBinary,       // extent; width
  kList,         // extent; width; one child
  kMap,          // one child, a struct of key and value
  kStruct,       // children
  kDictionary,   // children: the values; index_kind
  kUnsupported,  // format
};

// The way in which the extent of a value of many bytes or items is stored.
enum class Extent : uint8_t {
  kOffsets32,
  kOffsets64,
  kViews,       // text and bytes only
  kFixedWidth,  // bytes and lists only
};

struct InputType {
  std::string name;  // of the column or struct field
  InputKind kind = InputKind::kUnsupported;
  bool nullable = true;
  Extent extent = Extent::kOffsets32;
  TimeUnit unit = TimeUnit::kSecond;
  bool has_zone = false;
  int32_t precision = 0;
  int32_t scale = 0;
  size_t width = 0;                                // bytes or items of each value
  InputKind index_kind = InputKind::kUnsupported;  // of a dictionary
  std::vector<std::string> symbols;                // of a Polars Enum, in its order
  bool is_enum = false;                            // a dictionary with a fixed order of symbols
  std::string format;                              // as given
  std::vector<InputType> children;
  uint32_t column = 0;  // index in preorder; the root has 0
};

// Most levels of nested types.
inline constexpr int kMaxInputDepth = 128;

// The type of a batch: a struct of its columns. Types that cannot be written are kUnsupported: only who needs such a
// column refuses it. Throws Error (kSchema), variant kUnsupportedType, for anything but a struct, for a child that is
// missing, and for more than kMaxInputDepth levels.
InputType input_type(const ArrowSchema& schema);

// The number of columns in a type, itself included.
size_t num_columns(const InputType& type);

// Whether data of one type can be read as the other: all but names of list items, and nullability.
bool same_type(const InputType& a, const InputType& b);

// For messages, such as "Datetime(us)" for timestamps: Polars' names.
std::string shown_type(const InputType& type);

}  // namespace jetliner
