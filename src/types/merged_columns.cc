#include "types/merged_columns.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "jetliner/error.h"
#include "types/arrow_columns.h"

namespace jetliner {
namespace {

std::optional<ArrowType> merged_type(const ArrowType& left, const ArrowType& right);

bool is_null(const ArrowType& type) { return type.kind() == ArrowKind::kNull; }

// The number type that holds all values of both kinds, but see merge_columns() about long. Nothing if there is none.
std::optional<ArrowKind> wider_number(ArrowKind left, ArrowKind right) {
  const auto are = [&](ArrowKind one, ArrowKind other) {
    return (left == one && right == other) || (left == other && right == one);
  };
  if (are(ArrowKind::kInt32, ArrowKind::kInt64)) return ArrowKind::kInt64;
  if (are(ArrowKind::kInt32, ArrowKind::kFloat32) || are(ArrowKind::kInt32, ArrowKind::kFloat64) ||
      are(ArrowKind::kFloat32, ArrowKind::kFloat64) || are(ArrowKind::kInt64, ArrowKind::kFloat64)) {
    return ArrowKind::kFloat64;
  }
  // Not long and float: they would meet in double. Where the caller then wants floats, a long is rounded twice.
  return std::nullopt;
}

// The type that holds all values of both. Nothing if there is none. For types without children and symbols.
std::optional<DataType> wider_type(const DataType& left, const DataType& right) {
  if (left == right) return left;
  if (left.kind == ArrowKind::kDecimal128 && right.kind == ArrowKind::kDecimal128) {
    if (left.scale != right.scale) return std::nullopt;
    return left.precision >= right.precision ? left : right;
  }
  if (const std::optional<ArrowKind> kind = wider_number(left.kind, right.kind)) return DataType{.kind = *kind};
  return std::nullopt;
}

// A list may come from an array or a map, a struct from a record or a union. Only values of the same origin go
// together.
bool is_same_nesting(const ArrowType& left, const ArrowType& right) {
  return left.type == right.type && left.avro.type == right.avro.type;
}

// Enums, as dictionaries or as text.
bool has_symbols(const ArrowType& type) { return type.symbols != nullptr; }

bool starts_with_symbols(const ArrowType& longer, const ArrowType& shorter) {
  const std::vector<std::string>& all = longer.symbols->names;
  const std::vector<std::string>& first = shorter.symbols->names;
  return longer.type == shorter.type && all.size() >= first.size() &&
         std::equal(first.begin(), first.end(), all.begin());
}

// Fields of both structs, those of `left` first. Nothing where the types of a field do not go together.
std::optional<ArrowType> merged_fields(const ArrowType& left, const ArrowType& right) {
  ArrowType result = left;
  const FieldIndex ours(&left);
  const FieldIndex theirs(&right);
  for (ArrowType& field : result.children) {
    const ArrowType* other = theirs.find(field.name);
    if (other == nullptr) {
      field.nullable = true;
      continue;
    }
    std::optional<ArrowType> both = merged_type(field, *other);
    if (!both.has_value()) return {};
    field = std::move(*both);
  }
  for (const ArrowType& field : right.children) {
    if (ours.find(field.name) != nullptr) continue;
    result.children.push_back(field);
    result.children.back().nullable = true;
  }
  return result;
}

std::optional<ArrowType> merged_type(const ArrowType& left, const ArrowType& right) {
  if (is_null(left) || is_null(right)) {
    ArrowType result = is_null(left) ? right : left;
    result.name = left.name;
    result.nullable = true;
    return result;
  }
  std::optional<ArrowType> result;
  if (left.layout() == Layout::kStruct && right.layout() == Layout::kStruct) {
    if (is_same_nesting(left, right)) result = merged_fields(left, right);
  } else if (left.layout() == Layout::kList && right.layout() == Layout::kList) {
    if (!is_same_nesting(left, right)) return {};
    if (std::optional<ArrowType> both = merged_type(left.children.front(), right.children.front())) {
      result = left;
      result->children.front() = std::move(*both);
    }
  } else if (has_symbols(left) || has_symbols(right)) {
    if (!has_symbols(left) || !has_symbols(right)) return {};
    if (starts_with_symbols(left, right)) {
      result = left;
    } else if (starts_with_symbols(right, left)) {
      result = right;
    }
  } else if (const std::optional<DataType> wider = wider_type(left.type, right.type)) {
    // The Avro types may differ: each file's plan converts from its own.
    result = left;
    result->type = *wider;
  }
  if (result.has_value()) {
    result->name = left.name;
    result->nullable = left.nullable || right.nullable;
    result->replaces_utf8 = left.replaces_utf8 || right.replaces_utf8;
    result->nulls_invalid = left.nulls_invalid || right.nulls_invalid;
  }
  return result;
}

// True if values of type `own` can be read into a column of type `merged`.
bool accepts(const ArrowType& merged, const ArrowType& own) {
  if (is_null(own)) return true;
  if (merged.layout() == Layout::kList && own.layout() == Layout::kList) {
    return is_same_nesting(merged, own) && accepts(merged.children.front(), own.children.front());
  }
  if (merged.layout() == Layout::kStruct && own.layout() == Layout::kStruct) {
    if (!is_same_nesting(merged, own)) return false;
    const FieldIndex fields(&merged);
    return std::all_of(own.children.begin(), own.children.end(), [&](const ArrowType& field) {
      const ArrowType* wide = fields.find(field.name);
      return wide == nullptr || accepts(*wide, field);  // fields that were not selected are skipped
    });
  }
  if (has_symbols(merged) || has_symbols(own)) {
    return has_symbols(merged) && has_symbols(own) && starts_with_symbols(merged, own);
  }
  return wider_type(merged.type, own.type) == merged.type;
}

// Adds the columns below `type`, and their levels.
void count(const ArrowType& type, size_t level, size_t& columns, size_t& levels) {
  for (const ArrowType& child : type.children) {
    ++columns;
    levels += level;
    count(child, level + 1, columns, levels);
  }
}

}  // namespace

void merge_columns(ArrowType& merged, const ArrowType& other) {
  const FieldIndex theirs(&other);
  std::unordered_set<std::string_view> placed;
  for (ArrowType& column : merged.children) {
    const ArrowType* own = theirs.find(column.name);
    if (own == nullptr || placed.contains(own->name)) {
      column.nullable = true;
      continue;
    }
    std::optional<ArrowType> both = merged_type(column, *own);
    if (!both.has_value()) {
      column.nullable = true;
      continue;
    }
    column = std::move(*both);
    placed.insert(own->name);
  }
  for (const ArrowType& column : other.children) {
    if (placed.contains(column.name)) continue;
    merged.children.push_back(column);
    merged.children.back().nullable = true;
  }
  size_t columns = 0;
  size_t levels = 0;
  count(merged, 1, columns, levels);
  if (columns > kMaxColumns || levels > kMaxColumnLevels) {
    throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType,
                "the schemas of the files unfold to more than " + std::to_string(kMaxColumns) + " columns, or " +
                    std::to_string(kMaxColumnLevels) + " levels of them");
  }
}

void name_variants(ArrowType& columns, std::unordered_set<std::string> taken) {
  for (const ArrowType& column : columns.children) taken.insert(column.name);
  std::unordered_set<std::string_view> seen;
  for (ArrowType& column : columns.children) {
    if (seen.insert(column.name).second) continue;
    size_t number = 2;
    do {
      column.exported_as = column.name + " (" + std::to_string(number++) + ")";
    } while (!taken.insert(column.exported_as).second);
  }
}

FieldIndex accepting_columns(const ArrowType& merged, const ArrowType& own) {
  const FieldIndex types(&own);
  FieldIndex columns;
  for (const ArrowType& column : merged.children) {
    const ArrowType* type = types.find(column.name);
    if (type != nullptr && accepts(column, *type)) columns.add(column);
  }
  return columns;
}

}  // namespace jetliner
