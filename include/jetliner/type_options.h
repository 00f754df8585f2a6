/// @file
/// Avro types that have more than one form in Arrow.
#pragma once

#include <cstdint>

namespace jetliner {

/// The form of an enum.
enum class EnumAs : uint8_t {
  kEnum,         ///< dictionary with the schema's symbols, in a fixed order
  kCategorical,  ///< dictionary without a fixed order
  kString,       ///< string views
};

/// The form of a map, and of an array of entries with logicalType `map`.
enum class MapAs : uint8_t {
  kList,  ///< list of structs {key, value}, in the order of the data
  kMap,   ///< Arrow's Map. A repeated key keeps its first place and its last value.
};

/// The treatment of strings that are not valid UTF-8.
enum class Utf8 : uint8_t {
  kStrict,   ///< damage
  kReplace,  ///< U+FFFD for each maximal part of a character (Unicode 15, section 3.9)
};

/// The treatment of values that Avro admits, but for which a column has no place: a time of day of 24:00, a decimal
/// with more digits than its precision. docs/avro-support.md lists them.
enum class InvalidValues : uint8_t {
  kError,  ///< damage of the record
  kNull,   ///< null, also in columns whose schema does not admit null
};

/// How Arrow columns look where Avro leaves a choice.
struct TypeOptions {
  EnumAs enum_as = EnumAs::kEnum;                        ///< enums
  MapAs map_as = MapAs::kList;                           ///< maps
  Utf8 utf8 = Utf8::kStrict;                             ///< strings that are not valid UTF-8
  InvalidValues invalid_values = InvalidValues::kError;  ///< values for which a column has no place

  bool operator==(const TypeOptions&) const = default;  ///< compares all members
};

}  // namespace jetliner
