#include "types/merged_columns.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "jetliner/error.h"

namespace jetliner {
namespace {

std::optional<ArrowType> merged_type(const ArrowType& left, const ArrowType& right);

// The wider of two formats of numbers; empty where they have nothing in common.
std::string_view wider_number(std::string_view left, std::string_view right) {
  if (left == right) return left;
  const auto is = [&](std::string_view one, std::string_view other) {
    return (left == one && right == other) || (left == other && right == one);
  };
  if (is("i", "l")) return "l";
  // Not long and float: on the way to a float, what is a double in between is rounded twice.
  if (is("i", "g") || is("l", "g") || is("f", "g") || is("i", "f")) return "g";
  return {};
}

// Decimals of one scale: "d:9,2" and "d:18,2".
bool is_wider_decimal(const ArrowType& wide, const ArrowType& narrow) {
  if (wide.conversion != Conversion::kDecimal || narrow.conversion != Conversion::kDecimal) return false;
  const auto precision = [](const ArrowType& type) { return std::stoi(type.format.substr(2)); };
  const auto scale = [](const ArrowType& type) { return type.format.substr(type.format.find(',')); };
  return scale(wide) == scale(narrow) && precision(wide) >= precision(narrow);
}

// Enums, whatever they become.
bool has_symbols(const ArrowType& type) { return type.symbols != nullptr; }

bool starts_with_symbols(const ArrowType& longer, const ArrowType& shorter) {
  const std::vector<std::string>& all = longer.symbols->names;
  const std::vector<std::string>& first = shorter.symbols->names;
  return longer.layout == shorter.layout && all.size() >= first.size() &&
         std::equal(first.begin(), first.end(), all.begin());
}

// Fields of both structs, `left`'s first. Nothing where a field's types do not go together.
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
  if (left.layout == Layout::kNull || right.layout == Layout::kNull) {
    ArrowType result = left.layout == Layout::kNull ? right : left;
    result.name = left.name;
    result.nullable = true;
    return result;
  }
  std::optional<ArrowType> result;
  if (left.layout == Layout::kStruct && right.layout == Layout::kStruct) {
    // A record and a union are told apart by what is in the data before them.
    if ((left.conversion == Conversion::kUnion) == (right.conversion == Conversion::kUnion)) {
      result = merged_fields(left, right);
    }
  } else if (left.layout == Layout::kList && right.layout == Layout::kList) {
    const ArrowType& item = left.children.front();
    // The one is an array, the other a map ("item" and "entries").
    if (left.format != right.format || item.name != right.children.front().name) return {};
    if (std::optional<ArrowType> both = merged_type(item, right.children.front())) {
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
  } else if (left.layout == right.layout && left.format == right.format) {
    result = left;  // however the values come about: each file's plan knows that of its own
  } else if (is_wider_decimal(left, right)) {
    result = left;
  } else if (is_wider_decimal(right, left)) {
    result = right;
  } else if (const std::string_view format = wider_number(left.format, right.format); !format.empty()) {
    result = left;
    result->format = format;
    result->layout = Layout::kFixed8;
  }
  if (result.has_value()) {
    result->name = left.name;
    result->nullable = left.nullable || right.nullable;
    result->replaces_utf8 = left.replaces_utf8 || right.replaces_utf8;
  }
  return result;
}

// Whether values of `own` type can be read into a column of `merged` type.
bool accepts(const ArrowType& merged, const ArrowType& own) {
  if (own.layout == Layout::kNull) return true;
  if (merged.layout == Layout::kList && own.layout == Layout::kList) {
    const ArrowType& item = merged.children.front();
    const ArrowType& own_item = own.children.front();
    return merged.format == own.format && item.name == own_item.name && accepts(item, own_item);
  }
  if (merged.layout == Layout::kStruct && own.layout == Layout::kStruct) {
    if ((merged.conversion == Conversion::kUnion) != (own.conversion == Conversion::kUnion)) return false;
    const FieldIndex fields(&merged);
    return std::all_of(own.children.begin(), own.children.end(), [&](const ArrowType& field) {
      const ArrowType* wide = fields.find(field.name);
      return wide == nullptr || accepts(*wide, field);  // what was not selected is passed over
    });
  }
  if (has_symbols(merged) || has_symbols(own)) {
    return has_symbols(merged) && has_symbols(own) && starts_with_symbols(merged, own);
  }
  if (merged.layout == own.layout && merged.format == own.format) return true;
  return is_wider_decimal(merged, own) ||
         (merged.format != own.format && wider_number(merged.format, own.format) == merged.format);
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
