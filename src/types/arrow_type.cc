#include "types/arrow_type.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "jetliner/error.h"
#include "schema/logical.h"

namespace jetliner {
namespace {

struct TypeRow {
  Layout layout;
  const char* format;
  Conversion conversion = Conversion::kNone;
};

// Types without a logical type. Times are stored as nanoseconds: that is what Polars holds, so it takes them as they
// are.
TypeRow plain_row(AvroType type) {
  switch (type) {
    case AvroType::kNull:
      return {Layout::kNull, "n"};
    case AvroType::kBoolean:
      return {Layout::kBit, "b"};
    case AvroType::kInt:
      return {Layout::kFixed4, "i"};
    case AvroType::kLong:
      return {Layout::kFixed8, "l"};
    case AvroType::kFloat:
      return {Layout::kFixed4, "f"};
    case AvroType::kDouble:
      return {Layout::kFixed8, "g"};
    case AvroType::kBytes:
    case AvroType::kFixed:
      return {Layout::kBinaryView, "vz"};
    case AvroType::kString:
      return {Layout::kStringView, "vu"};
    case AvroType::kEnum:
      return {Layout::kDictionary, "I"};
    case AvroType::kArray:
    case AvroType::kMap:
      return {Layout::kList, "+L"};
    case AvroType::kRecord:
      return {Layout::kStruct, "+s"};
    case AvroType::kUnion:
      return {Layout::kStruct, "+s", Conversion::kUnion};
  }
  return {Layout::kNull, "n"};
}

TypeRow type_row(const SchemaNode& node) {
  switch (node.logical) {
    case LogicalType::kNone:
      break;
    case LogicalType::kDate:
      return {Layout::kFixed4, "tdD"};
    case LogicalType::kTimeMillis:
      return {Layout::kFixed8, "ttn", Conversion::kTimeMillis};
    case LogicalType::kTimeMicros:
      return {Layout::kFixed8, "ttn", Conversion::kTimeMicros};
    case LogicalType::kTimestampMillis:
      return {Layout::kFixed8, "tsm:UTC"};
    case LogicalType::kTimestampMicros:
      return {Layout::kFixed8, "tsu:UTC"};
    case LogicalType::kTimestampNanos:
      return {Layout::kFixed8, "tsn:UTC"};
    case LogicalType::kLocalTimestampMillis:
      return {Layout::kFixed8, "tsm:"};
    case LogicalType::kLocalTimestampMicros:
      return {Layout::kFixed8, "tsu:"};
    case LogicalType::kLocalTimestampNanos:
      return {Layout::kFixed8, "tsn:"};
    case LogicalType::kDecimal:
      if (node.precision > kMaxDecimal128Precision) return {Layout::kStringView, "vu", Conversion::kDecimalText};
      return {Layout::kFixed16, "d:", Conversion::kDecimal};
    case LogicalType::kBigDecimal:
      return {Layout::kStringView, "vu", Conversion::kBigDecimal};
    case LogicalType::kUuid:
      if (node.type == AvroType::kFixed) return {Layout::kStringView, "vu", Conversion::kUuid};
      return {Layout::kStringView, "vu"};
    case LogicalType::kDuration:
      return {Layout::kFixed8, "tDu", Conversion::kDuration};
  }
  return plain_row(node.type);
}

// "long", "fixed(4)", "decimal(9,2) of fixed(4)", "timestamp-micros of long": all that tells two types apart, but for
// names and what is nested.
std::string avro_text(const SchemaNode& node) {
  std::string text(type_name(node.type));
  if (node.type == AvroType::kFixed) text += "(" + std::to_string(node.size) + ")";
  if (node.logical == LogicalType::kNone) return text;
  std::string logical(logical_name(node.logical));
  if (node.logical == LogicalType::kDecimal) {
    logical += "(" + std::to_string(node.precision) + "," + std::to_string(node.scale) + ")";
  }
  return logical + " of " + text;
}

class TypeBuilder {
 public:
  TypeBuilder(const Schema& schema, const TypeOptions& options)
      : schema_(schema), options_(options), replaces_utf8_(options.utf8 == Utf8::kReplace) {}

  ArrowType column(std::string name, NodeId id) {
    // Named types that refer to each other may nest deeper than the schema's text does.
    if (++depth_ > kMaxSchemaDepth) {
      throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType,
                  "types nest deeper than " + std::to_string(kMaxSchemaDepth) + " levels");
    }
    ArrowType type = counted_column(std::move(name), id);
    --depth_;
    return type;
  }

  void add_fields(ArrowType& type, NodeId id) {
    if (std::find(enclosing_.begin(), enclosing_.end(), id) != enclosing_.end()) {
      // A record within itself has no finite column type: it becomes JSON text.
      type.layout = Layout::kStringView;
      type.format = "vu";
      type.conversion = Conversion::kJson;
      type.replaces_utf8 = replaces_utf8_;
      return;
    }
    if (schema_.node(id).recursive) enclosing_.push_back(id);
    for (const SchemaField& field : schema_.node(id).fields) type.children.push_back(column(field.name, field.type));
    if (schema_.node(id).recursive) enclosing_.pop_back();
  }

 private:
  ArrowType counted_column(std::string name, NodeId id) {
    if (++num_columns_ > kMaxColumns) {
      throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType,
                  "the schema unfolds to more than " + std::to_string(kMaxColumns) + " columns");
    }
    num_levels_ += static_cast<size_t>(depth_);
    if (num_levels_ > kMaxColumnLevels) {
      throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType,
                  "the levels of all columns that the schema unfolds to are more than " +
                      std::to_string(kMaxColumnLevels) + " together");
    }
    const SchemaNode& node = schema_.node(id);
    text_bytes_ += name.size();
    for (const std::string& symbol : node.symbols) text_bytes_ += sizeof(std::string) + symbol.size();
    if (text_bytes_ > kMaxColumnTextBytes) {
      throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType,
                  "the names of the schema's columns and the symbols of its enums unfold to more than " +
                      std::to_string(kMaxColumnTextBytes) + " bytes");
    }
    if (node.type == AvroType::kUnion) return union_column(std::move(name), node);

    const TypeRow row = type_row(node);
    ArrowType type{.name = std::move(name), .format = row.format, .layout = row.layout, .conversion = row.conversion};
    type.avro = avro_text(node);
    switch (node.type) {
      case AvroType::kRecord:
        add_fields(type, id);
        break;
      case AvroType::kArray:
        type.children.push_back(column("item", node.items));
        break;
      case AvroType::kMap:
        if (options_.map_as == MapAs::kMap) {
          type.format = "+m";
          type.conversion = Conversion::kMap;
        }
        type.children.push_back(map_entry(node));
        break;
      case AvroType::kEnum:
        enumeration(type, id);
        break;
      case AvroType::kString:
        type.replaces_utf8 = replaces_utf8_;
        break;
      default:
        break;
    }
    if (row.conversion == Conversion::kDecimal) {
      type.format += std::to_string(node.precision) + "," + std::to_string(node.scale);
    }
    return type;
  }

  void enumeration(ArrowType& type, NodeId id) {
    std::shared_ptr<const EnumSymbols>& symbols = symbols_[id];
    if (symbols == nullptr) symbols = std::make_shared<const EnumSymbols>(schema_.node(id).symbols);
    type.symbols = symbols;
    if (options_.enum_as == EnumAs::kCategorical) type.conversion = Conversion::kCategories;
    if (options_.enum_as == EnumAs::kString) {
      type.layout = Layout::kSymbolView;
      type.format = "vu";
    }
  }

  ArrowType union_column(std::string name, const SchemaNode& node) {
    std::vector<NodeId> values;
    for (const NodeId branch : node.branches) {
      if (schema_.node(branch).type != AvroType::kNull) values.push_back(branch);
    }
    const bool nullable = values.size() < node.branches.size();
    if (values.empty()) return ArrowType{.name = std::move(name), .format = "n", .layout = Layout::kNull};
    if (values.size() == 1) {
      ArrowType type = column(std::move(name), values.front());
      type.nullable = nullable;
      return type;
    }
    const TypeRow row = plain_row(AvroType::kUnion);
    ArrowType type{.name = std::move(name), .format = row.format, .layout = row.layout, .conversion = row.conversion};
    type.avro = "union";
    type.nullable = nullable;
    for (const NodeId branch : values) {
      type.children.push_back(column(std::string(branch_name(schema_.node(branch))), branch));
      type.children.back().nullable = true;
    }
    return type;
  }

  ArrowType map_entry(const SchemaNode& map) {
    ArrowType entry{.name = "entries", .format = "+s", .layout = Layout::kStruct};
    entry.children.push_back(
        ArrowType{.name = "key", .format = "vu", .layout = Layout::kStringView, .replaces_utf8 = replaces_utf8_});
    entry.children.push_back(column("value", map.items));
    num_columns_ += 2;
    return entry;
  }

  const Schema& schema_;
  const TypeOptions& options_;
  const bool replaces_utf8_;
  std::unordered_map<NodeId, std::shared_ptr<const EnumSymbols>> symbols_;  // of enums met so far
  std::vector<NodeId> enclosing_;                                           // recursive records around the present node
  size_t num_columns_ = 0;
  size_t num_levels_ = 0;  // of them
  size_t text_bytes_ = 0;
  int depth_ = 0;
};

// Adds to `out` what the path (names joined by dots) selects of `type`; false where it leads nowhere.
bool select_path(const ArrowType& type, std::string_view path, ArrowType& out);

// The same among the fields of a struct. A field's name may itself hold dots: the whole rest is tried first.
bool select_field(const ArrowType& type, std::string_view path, ArrowType& out) {
  constexpr size_t kNone = std::string_view::npos;
  for (size_t cut = path.size(); cut != kNone; cut = cut == 0 ? kNone : path.rfind('.', cut - 1)) {
    const ArrowType* field = type.child(path.substr(0, cut));
    if (field != nullptr) {
      auto place = std::find_if(out.children.begin(), out.children.end(),
                                [&](const ArrowType& have) { return have.name == field->name; });
      const bool is_new = place == out.children.end();
      ArrowType selected = is_new ? ArrowType{} : std::move(*place);
      const bool is_whole = cut == path.size();
      if (is_whole) selected = *field;
      const bool found = is_whole || select_path(*field, path.substr(cut + 1), selected);
      if (!is_new) {
        *place = std::move(selected);
      } else if (found) {
        out.children.push_back(std::move(selected));
      }
      if (found) return true;
    }
  }
  return false;
}

bool select_path(const ArrowType& type, std::string_view path, ArrowType& out) {
  if (type.layout != Layout::kStruct && type.layout != Layout::kList) return false;
  if (out.format.empty()) {  // first path into this type
    out = type;
    out.children.clear();
  }
  if (type.layout == Layout::kStruct) return select_field(type, path, out);
  ArrowType item = out.children.empty() ? ArrowType{} : std::move(out.children.front());
  const bool found = select_path(type.children.front(), path, item);
  out.children.clear();
  if (type.conversion == Conversion::kMap && !item.format.empty()) {
    for (const ArrowType& part : type.children.front().children) {
      if (item.child(part.name) == nullptr) item.children.push_back(part);
    }
  }
  if (!item.format.empty()) out.children.push_back(std::move(item));
  return found;
}

// Selection appends in the order of the names; columns keep the order of the schema.
void restore_order(const ArrowType& schema, ArrowType& selected) {
  const auto position = [&](const ArrowType& field) {
    return std::find_if(schema.children.begin(), schema.children.end(),
                        [&](const ArrowType& other) { return other.name == field.name; }) -
           schema.children.begin();
  };
  std::vector<std::pair<std::ptrdiff_t, ArrowType>> order;
  order.reserve(selected.children.size());
  for (ArrowType& field : selected.children) {
    const std::ptrdiff_t at = position(field);
    restore_order(schema.children[static_cast<size_t>(at)], field);
    order.emplace_back(at, std::move(field));
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  selected.children.clear();
  for (auto& entry : order) selected.children.push_back(std::move(entry.second));
}

void number(ArrowType& type, uint32_t& next, uint32_t& scopes) {
  for (ArrowType& child : type.children) {
    child.column = next++;
    if (child.layout == Layout::kList) child.item_scope = scopes++;
    number(child, next, scopes);
  }
}

std::string join(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

std::string describe(const ArrowType& type) { return type.nullable ? type.avro + " or null" : type.avro; }

std::string difference_at(const ArrowType& expected, const ArrowType& actual, const std::string& path) {
  if (expected.avro != actual.avro || expected.nullable != actual.nullable || expected.layout != actual.layout) {
    return "field '" + path + "' has another type (" + describe(actual) + " instead of " + describe(expected) + ")";
  }
  if (expected.symbols != nullptr && expected.symbols->names != actual.symbols->names) {
    return "enum '" + path + "' has other symbols";
  }
  if (expected.layout == Layout::kList) {
    return difference_at(expected.children.front(), actual.children.front(), path + "[]");
  }
  const FieldIndex others(&actual);
  for (const ArrowType& field : expected.children) {
    const ArrowType* other = others.find(field.name);
    if (other == nullptr) return "field '" + join(path, field.name) + "' is missing";
    std::string found = difference_at(field, *other, join(path, field.name));
    if (!found.empty()) return found;
  }
  const FieldIndex wanted(&expected);
  for (const ArrowType& field : actual.children) {
    if (wanted.find(field.name) == nullptr) return "field '" + join(path, field.name) + "' is additional";
  }
  return {};
}

}  // namespace

EnumSymbols::EnumSymbols(std::vector<std::string> the_names) : names(std::move(the_names)) {
  for (const std::string& symbol : names) {
    listed += std::to_string(symbol.size()) + ";" + symbol;
    views.add(symbol, 1);
  }
}

FieldIndex::FieldIndex(const ArrowType* type) {
  if (type == nullptr) return;
  for (const ArrowType& field : type->children) add(field);
}

const ArrowType* FieldIndex::find(std::string_view name) const {
  const auto place = fields_.find(name);
  return place == fields_.end() ? nullptr : place->second;
}

const ArrowType* ArrowType::child(std::string_view child_name) const {
  for (const ArrowType& field : children) {
    if (field.name == child_name) return &field;
  }
  return nullptr;
}

ArrowType arrow_columns(const Schema& schema, const TypeOptions& options) {
  const SchemaNode& root = schema.node(schema.root());
  ArrowType columns{.format = "+s", .layout = Layout::kStruct};
  TypeBuilder builder(schema, options);
  if (root.type != AvroType::kRecord) {
    columns.children.push_back(builder.column("value", schema.root()));
    return columns;
  }
  if (root.fields.empty()) {
    throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType,
                "record '" + root.name + "' has zero fields, so there is no column to read");
  }
  builder.add_fields(columns, schema.root());
  return columns;
}

ArrowType select(const ArrowType& columns, const std::vector<std::string>& names) {
  ArrowType selected{.format = columns.format, .layout = columns.layout};
  const std::unordered_set<std::string_view> wanted(names.begin(), names.end());
  for (const ArrowType& column : columns.children) {
    if (wanted.contains(column.name)) selected.children.push_back(column);
  }
  return selected;
}

ArrowType project(const ArrowType& columns, const std::vector<std::string>& paths) {
  ArrowType selected{.format = columns.format, .layout = columns.layout};
  for (const std::string& path : paths) select_field(columns, path, selected);
  restore_order(columns, selected);
  return selected;
}

uint32_t number_columns(ArrowType& root) {
  uint32_t next = 0;
  uint32_t scopes = 1;  // that of the top level is 0
  number(root, next, scopes);
  return next;
}

std::string difference(const ArrowType& expected, const ArrowType& actual) {
  return difference_at(expected, actual, "");
}

}  // namespace jetliner
