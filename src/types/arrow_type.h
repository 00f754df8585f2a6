// Columns: their names, Arrow types and children.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/string_views.h"
#include "schema/schema.h"
#include "types/data_type.h"

namespace jetliner {

// The one column of a schema whose root is not a record.
inline constexpr const char* kRootColumn = "value";

// The child of a list of a map's entries is a struct with these fields. In a list, a projection may leave one of them
// out. In Arrow's Map, the key comes first.
inline constexpr const char* kMapEntries = "entries";
inline constexpr const char* kMapKey = "key";
inline constexpr const char* kMapValue = "value";

// The symbols of an enum in the forms that columns and schemas are exported with. Columns share them.
struct EnumSymbols {
  explicit EnumSymbols(std::vector<std::string> the_names);
  std::vector<std::string> names;
  std::string listed;  // length in bytes, ';' and text of each: Polars' metadata of an Enum
  StringViews views;
};

// The Avro type that a column is made from, without names and without nested types.
struct AvroOrigin {
  AvroType type = AvroType::kNull;
  LogicalType logical = LogicalType::kNone;
  int32_t precision = 0;     // decimal
  int32_t scale = 0;         // decimal
  uint64_t fixed_bytes = 0;  // fixed

  bool operator==(const AvroOrigin&) const = default;
};

struct ArrowType {
  std::string name = {};  // of the column or struct field
  DataType type = {};
  AvroOrigin avro = {};                             // the entries of a map have that of the map
  bool nullable = false;                            // the schema admits null here
  bool replaces_utf8 = false;                       // text: U+FFFD replaces what is not UTF-8
  bool nulls_invalid = false;                       // values that have no place in the column become null
  std::vector<ArrowType> children = {};             // struct fields, or the one list item
  std::shared_ptr<const EnumSymbols> symbols = {};  // enums, also those that become text
  std::string exported_as = {};  // new name of a variant, where another column has `name` (merged_columns.h)
  uint32_t column = 0;           // index in preorder; set by number_columns()
  uint32_t item_scope = 0;       // lists: index in preorder among them, from 1; set by number_columns()

  [[nodiscard]] const std::string& exported_name() const { return exported_as.empty() ? name : exported_as; }
  [[nodiscard]] ArrowKind kind() const { return type.kind; }
  [[nodiscard]] Layout layout() const {
    const Layout usual = layout_of(type.kind);
    return usual == Layout::kStringView && symbols != nullptr ? Layout::kSymbolView : usual;
  }
  // The first struct field of that name, or nullptr.
  [[nodiscard]] const ArrowType* child(std::string_view child_name) const;
};

// Finds fields of a struct by name, for callers that look for many. The type must outlive it; nullptr has no fields.
class FieldIndex {
 public:
  FieldIndex() = default;
  explicit FieldIndex(const ArrowType* type);
  // Does nothing where a field of that name is there already.
  void add(const ArrowType& field) { fields_.emplace(field.name, &field); }
  // nullptr where there is none.
  [[nodiscard]] const ArrowType* find(std::string_view name) const;

 private:
  std::unordered_map<std::string_view, const ArrowType*> fields_;
};

// Numbers all columns below the root, and the lists among them, in preorder. Returns the number of columns.
uint32_t number_columns(ArrowType& root);

}  // namespace jetliner
