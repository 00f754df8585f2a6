#include "types/arrow_columns.h"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jetliner/error.h"
#include "types/type_table.h"

namespace jetliner {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType, message);
}

AvroOrigin origin_of(const SchemaNode& node) {
  return {.type = node.type,
          .logical = node.logical,
          .precision = node.precision,
          .scale = node.scale,
          .fixed_bytes = node.size};
}

// True if the items of a list are entries of a map: records of exactly `key` and `value`, whatever their order. Neither
// the entries nor the keys of Arrow's Map may be null. A record within itself is text, so it is no entry.
bool are_entries(const ArrowType& item) {
  if (item.avro.type != AvroType::kRecord || item.kind() != ArrowKind::kStruct || item.nullable) return false;
  const ArrowType* const key = item.child(kMapKey);
  return item.children.size() == 2 && key != nullptr && item.child(kMapValue) != nullptr && !key->nullable &&
         key->kind() != ArrowKind::kNull;
}

class ColumnBuilder {
 public:
  ColumnBuilder(const Schema& schema, const TypeOptions& options)
      : schema_(schema),
        options_(options),
        replaces_utf8_(options.utf8 == Utf8::kReplace),
        nulls_invalid_(options.invalid_values == InvalidValues::kNull) {}

  ArrowType column(std::string name, NodeId id) {
    // Named types that refer to each other may nest deeper than the schema's text does.
    if (++depth_ > kMaxSchemaDepth) {
      refuse("types nest deeper than " + std::to_string(kMaxSchemaDepth) + " levels");
    }
    count(name, schema_.node(id));
    ArrowType type = column_of_type(std::move(name), id);
    --depth_;
    return type;
  }

  void add_fields(ArrowType& type, NodeId id) {
    const SchemaNode& record = schema_.node(id);
    if (std::find(enclosing_.begin(), enclosing_.end(), id) != enclosing_.end()) {
      // A record within itself has no finite column type. It becomes JSON text.
      type.type = {.kind = ArrowKind::kStringView};
      type.replaces_utf8 = replaces_utf8_;
      type.nulls_invalid = nulls_invalid_;
      return;
    }
    if (record.recursive) enclosing_.push_back(id);
    for (const SchemaField& field : record.fields) type.children.push_back(column(field.name, field.type));
    if (record.recursive) enclosing_.pop_back();
  }

 private:
  void count(const std::string& name, const SchemaNode& node) {
    if (++num_columns_ > kMaxColumns) {
      refuse("the schema unfolds to more than " + std::to_string(kMaxColumns) + " columns");
    }
    num_levels_ += static_cast<size_t>(depth_);
    if (num_levels_ > kMaxColumnLevels) {
      refuse("the levels of all columns that the schema unfolds to are more than " + std::to_string(kMaxColumnLevels) +
             " together");
    }
    text_bytes_ += name.size();
    for (const std::string& symbol : node.symbols) text_bytes_ += sizeof(std::string) + symbol.size();
    if (text_bytes_ > kMaxColumnTextBytes) {
      refuse("the names of the schema's columns and the symbols of its enums unfold to more than " +
             std::to_string(kMaxColumnTextBytes) + " bytes");
    }
  }

  ArrowType column_of_type(std::string name, NodeId id) {
    const SchemaNode& node = schema_.node(id);
    if (node.type == AvroType::kUnion) return union_column(std::move(name), node);
    ArrowType type{.name = std::move(name), .type = data_type(node, options_), .avro = origin_of(node)};
    type.nulls_invalid = nulls_invalid_ && has_values(node.type);
    switch (node.type) {
      case AvroType::kRecord:
        add_fields(type, id);
        break;
      case AvroType::kArray:
        add_items(type, node);
        break;
      case AvroType::kMap:
        type.children.push_back(map_entry(node));
        break;
      case AvroType::kEnum:
        type.symbols = symbols_of(id);
        break;
      case AvroType::kString:
        type.replaces_utf8 = replaces_utf8_;
        break;
      default:
        break;
    }
    return type;
  }

  // Null and one other type: that type, nullable. More types: a struct with one field for each.
  ArrowType union_column(std::string name, const SchemaNode& node) {
    std::vector<NodeId> values;
    for (const NodeId branch : node.branches) {
      if (schema_.node(branch).type != AvroType::kNull) values.push_back(branch);
    }
    const bool nullable = values.size() < node.branches.size();
    if (values.empty()) return ArrowType{.name = std::move(name), .avro = origin_of(node)};
    if (values.size() == 1) {
      ArrowType type = column(std::move(name), values.front());
      type.nullable = nullable;
      return type;
    }
    ArrowType type{
        .name = std::move(name), .type = data_type(node, options_), .avro = origin_of(node), .nullable = nullable};
    for (const NodeId branch : values) {
      type.children.push_back(column(std::string(branch_name(schema_.node(branch))), branch));
      type.children.back().nullable = true;
    }
    return type;
  }

  void add_items(ArrowType& type, const SchemaNode& array) {
    type.avro.logical = LogicalType::kNone;  // columns of the same type have the same origin
    type.children.push_back(column("item", array.items));
    ArrowType& item = type.children.front();
    if (options_.map_as != MapAs::kMap || array.logical != LogicalType::kMap || !are_entries(item)) return;
    type.type.kind = ArrowKind::kMap;
    type.avro.logical = LogicalType::kMap;
    item.name = kMapEntries;
    if (item.children.front().name != kMapKey) std::swap(item.children.front(), item.children.back());
    item.children.front().nulls_invalid = false;  // keys of Arrow's Map are not null: an invalid one stays a failure
  }

  // True if a column of the type has values of its own. Structs and lists have none: their fields and items have.
  static bool has_values(AvroType type) {
    switch (type) {
      case AvroType::kNull:
      case AvroType::kArray:
      case AvroType::kMap:
      case AvroType::kUnion:
      case AvroType::kRecord:
        return false;
      default:
        return true;
    }
  }

  ArrowType map_entry(const SchemaNode& map) {
    ArrowType entry{.name = kMapEntries, .type = {.kind = ArrowKind::kStruct}, .avro = origin_of(map)};
    entry.children.push_back(ArrowType{.name = kMapKey,
                                       .type = {.kind = ArrowKind::kStringView},
                                       .avro = {.type = AvroType::kString},
                                       .replaces_utf8 = replaces_utf8_});
    entry.children.push_back(column(kMapValue, map.items));
    num_columns_ += 2;  // the entry and its key
    return entry;
  }

  std::shared_ptr<const EnumSymbols> symbols_of(NodeId id) {
    std::shared_ptr<const EnumSymbols>& symbols = symbols_[id];
    if (symbols == nullptr) symbols = std::make_shared<const EnumSymbols>(schema_.node(id).symbols);
    return symbols;
  }

  const Schema& schema_;
  const TypeOptions& options_;
  const bool replaces_utf8_;
  const bool nulls_invalid_;
  std::unordered_map<NodeId, std::shared_ptr<const EnumSymbols>> symbols_;  // of the enums so far
  std::vector<NodeId> enclosing_;                                           // recursive records around the present node
  size_t num_columns_ = 0;
  size_t num_levels_ = 0;  // of all columns so far
  size_t text_bytes_ = 0;
  int depth_ = 0;
};

}  // namespace

ArrowType arrow_columns(const Schema& schema, const TypeOptions& options) {
  const SchemaNode& root = schema.node(schema.root());
  ArrowType columns{.type = {.kind = ArrowKind::kStruct}};
  ColumnBuilder builder(schema, options);
  if (root.type != AvroType::kRecord) {
    columns.children.push_back(builder.column(kRootColumn, schema.root()));
    return columns;
  }
  if (root.fields.empty()) {
    refuse("record '" + root.name + "' has zero fields, so there is no column to read");
  }
  builder.add_fields(columns, schema.root());
  return columns;
}

}  // namespace jetliner
