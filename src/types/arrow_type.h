// The Avro -> Arrow type table, in one place (arrow_type.cc): what a column of each schema node looks like.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/string_views.h"
#include "jetliner/options.h"
#include "schema/schema.h"

namespace jetliner {

// Physical layouts, not logical types: those are in ArrowType::format.
enum class Layout : uint8_t {
  kNull,        // no buffers
  kBit,         // bitmap: boolean
  kFixed4,      // 4 bytes a row
  kFixed8,      // 8 bytes a row
  kFixed16,     // 16 bytes a row: decimal128
  kDictionary,  // 4-byte indices into `symbols`
  kBinaryView,  // 16-byte views and heap buffers
  kStringView,  // the same, UTF-8
  kSymbolView,  // the same, of `symbols`, which are the one heap buffer of all rows
  kList,        // 8-byte offsets, one child
  kStruct,      // children only
};

// How the values of a column come about where the layout alone does not say it.
enum class Conversion : uint8_t {
  kNone,
  kTimeMillis,   // int of milliseconds -> nanoseconds since midnight
  kTimeMicros,   // long of microseconds -> nanoseconds since midnight
  kDecimal,      // two's complement -> decimal128
  kDecimalText,  // two's complement -> text with the scale applied (precision above 38)
  kBigDecimal,   // bytes that hold unscaled value and scale -> text
  kUuid,         // fixed(16) -> text
  kDuration,     // fixed(12) -> microseconds
  kJson,         // a record within itself -> JSON text
  kUnion,        // several branches -> struct with one field per branch
  kCategories,   // enum -> dictionary whose symbols are no fixed set
  kMap,          // map -> list in the form of Arrow's Map: 4-byte offsets, each key once
};

// The symbols of an enum in the forms that columns and schemas are exported with: made once, shared by all.
struct EnumSymbols {
  explicit EnumSymbols(std::vector<std::string> the_names);
  std::vector<std::string> names;
  std::string listed;  // each after its length in bytes and a ';': how Polars' metadata name an Enum's categories
  StringViews views;
};

struct ArrowType {
  std::string name = {};    // of the column or struct field
  std::string format = {};  // Arrow C data interface format string; of the index for dictionaries
  Layout layout = Layout::kNull;
  Conversion conversion = Conversion::kNone;
  bool nullable = false;                            // the schema admits null here
  std::vector<ArrowType> children = {};             // struct fields, or the one list item
  std::shared_ptr<const EnumSymbols> symbols = {};  // dictionary, symbol views
  bool replaces_utf8 = false;                       // text: what is not UTF-8 becomes U+FFFD
  std::string exported_as = {};  // name of a variant, where other columns have the same (merged_columns.h)
  std::string avro = {};         // the Avro type in words, such as "decimal(9,2) of fixed(4)"
  uint32_t column = 0;           // index in preorder; set by number_columns()
  uint32_t item_scope = 0;       // lists: index in preorder among them, from 1; set by number_columns()

  [[nodiscard]] const std::string& exported_name() const { return exported_as.empty() ? name : exported_as; }
  // The struct field of that name, or nullptr.
  [[nodiscard]] const ArrowType* child(std::string_view child_name) const;
};

// The fields of a struct by name, for whoever asks for many of them. The type must outlive it; nullptr has no fields.
class FieldIndex {
 public:
  FieldIndex() = default;
  explicit FieldIndex(const ArrowType* type);
  // Of fields of the same name the first counts.
  void add(const ArrowType& field) { fields_.emplace(field.name, &field); }
  // nullptr where there is none.
  [[nodiscard]] const ArrowType* find(std::string_view name) const;

 private:
  std::unordered_map<std::string_view, const ArrowType*> fields_;
};

// Most columns, nested ones included, that a schema may unfold to (named types that are used again are unfolded again).
inline constexpr size_t kMaxColumns = 100'000;

// Most levels of them all together, a column at top level being one, a field of its struct two. What builds a struct of
// arrays or of types often walks over all that is below it, for each struct on the way.
inline constexpr size_t kMaxColumnLevels = 1'000'000;

// Most bytes of their names and of the symbols of enums, which are unfolded with them.
inline constexpr size_t kMaxColumnTextBytes = 256 << 20;

// Polars and Arrow's decimal128 hold no more digits.
inline constexpr int kMaxDecimal128Precision = 38;

// The columns of a schema, as the children of a struct: the fields of a record, or one column "value" for any other
// type. Throws Error (kSchema): UnsupportedType for a record with zero fields at top level and for more than
// kMaxColumns, kMaxColumnLevels or kMaxColumnTextBytes.
ArrowType arrow_columns(const Schema& schema, const TypeOptions& options = {});

// Keeps only the named columns. Names that do not exist are ignored.
ArrowType select(const ArrowType& columns, const std::vector<std::string>& names);

// The same for columns and parts of columns. A path is a top-level column, or a path of names joined by dots that leads
// through structs (and through lists, which add no name): "address.city". Names that do not exist are ignored. Arrow's
// Map cannot be without its keys or without values: they come along.
ArrowType project(const ArrowType& columns, const std::vector<std::string>& paths);

// Numbers all columns below the root, and the lists among them, in preorder. Returns how many columns there are.
uint32_t number_columns(ArrowType& root);

// Where two files' columns differ, field order aside, as text for a message; empty where they do not.
std::string difference(const ArrowType& expected, const ArrowType& actual);

}  // namespace jetliner
