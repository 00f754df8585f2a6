// JSON to schema: types, unions, arrays and maps. Named types: parse_named.cc.
#include <unordered_set>
#include <utility>

#include "jetliner/error.h"
#include "schema/graph.h"
#include "schema/logical.h"
#include "schema/parser.h"

namespace jetliner {

Schema SchemaParser::parse(const JsonValue& root) {
  schema_.set_root(parse_type(root, "", 1));
  check_same_meaning(schema_, redefinitions_);
  mark_recursive_records(schema_);
  check_expanded_size(schema_);
  return std::move(schema_);
}

NodeId SchemaParser::parse_type(const JsonValue& json, std::string_view space, int depth) {
  if (depth > kMaxSchemaDepth) {
    path_.fail("types are nested more than " + std::to_string(kMaxSchemaDepth) + " levels deep");
  }
  switch (json.kind) {
    case JsonKind::kString:
      return by_name(json.text, space);
    case JsonKind::kArray:
      return parse_union(json, space, depth);
    case JsonKind::kObject:
      return parse_object(json, space, depth);
    default:
      path_.fail("a type is a name (string), a union (array) or an object, not " + std::string(kind_name(json.kind)));
  }
}

NodeId SchemaParser::parse_object(const JsonValue& json, std::string_view space, int depth) {
  const JsonValue* const type = json.find(JsonKey::kType);
  if (type == nullptr) path_.fail("a type's object needs \"type\"");
  if (type->kind != JsonKind::kString) return parse_wrapped(json, *type, space, depth);
  if (const std::optional<AvroType> primitive = primitive_type(type->text)) {
    SchemaNode node;
    node.type = *primitive;
    annotate(json, node);
    return node.logical == LogicalType::kNone ? plain_primitive(*primitive) : add(std::move(node));
  }
  if (const std::optional<AvroType> complex = complex_type(type->text)) {
    switch (*complex) {
      case AvroType::kRecord:
        return parse_record(json, space, depth);
      case AvroType::kEnum:
        return parse_enum(json, space);
      case AvroType::kFixed:
        return parse_fixed(json, space);
      default:
        return parse_items(*complex, json, space, depth);
    }
  }
  // {"type": "Name"}. A logical type beside a reference is ignored: the definition decides.
  return by_name(type->text, space);
}

// {"type": {"type": "long"}, "logicalType": "..."}: the specification does not say which logical type counts. The inner
// one does. If the inner type has none, the outer one is taken where it fits.
NodeId SchemaParser::parse_wrapped(const JsonValue& json, const JsonValue& type, std::string_view space, int depth) {
  const size_t defined_before = schema_.size();
  const NodeId id = parse_type(type, space, depth + 1);
  const bool plain = plain_[static_cast<size_t>(schema_.node(id).type)] == id;
  if (plain) {
    SchemaNode node;
    node.type = schema_.node(id).type;
    annotate(json, node);
    return node.logical == LogicalType::kNone ? id : add(std::move(node));
  }
  const bool defined_here = id >= defined_before;
  if (defined_here && schema_.node(id).logical == LogicalType::kNone) annotate(json, schema_.mutable_node(id));
  return id;
}

NodeId SchemaParser::by_name(std::string_view name, std::string_view space) {
  if (const std::optional<AvroType> primitive = primitive_type(name)) return plain_primitive(*primitive);
  if (const std::optional<NodeId> id = names_.find(name, space)) return *id;
  if (complex_type(name)) {
    const std::string text(name);
    path_.fail("\"" + text + "\" needs its attributes: an object {\"type\": \"" + text + "\", ...} as the type");
  }
  std::string message = "undefined name " + in_quotes(name);
  const std::string resolved = full_name(name, space).text();
  if (resolved != name) message += " (in full " + in_quotes(resolved) + ")";
  path_.fail(message + ": a type is a primitive or a record, enum or fixed that was defined before");
}

NodeId SchemaParser::plain_primitive(AvroType type) {
  std::optional<NodeId>& id = plain_[static_cast<size_t>(type)];
  if (!id) {
    SchemaNode node;
    node.type = type;
    id = add(std::move(node));
  }
  return *id;
}

NodeId SchemaParser::parse_union(const JsonValue& json, std::string_view space, int depth) {
  if (json.children.empty()) path_.fail("a union needs at least one branch");
  SchemaNode node;
  node.type = AvroType::kUnion;
  node.branches.reserve(json.children.size());
  std::unordered_set<std::string> seen;
  std::optional<std::string> repeated;
  bool only_null = true;
  for (const JsonValue& branch : json.children) {
    const NodeId id = parse_type(branch, space, depth + 1);
    const SchemaNode& type = schema_.node(id);
    if (type.type == AvroType::kUnion) path_.fail("a union may not contain a union directly");
    // Named types differ by name, all others by type without the logical type. A record called "array" and an array
    // are refused as well: columns and Avro's JSON name branches by branch_name().
    if (!seen.emplace(branch_name(type)).second && !repeated) repeated = branch_name(type);
    only_null = only_null && type.type == AvroType::kNull;
    node.branches.push_back(id);
  }
  // ["null", "null"] is how arrow-avro writes a nullable column of type null.
  if (repeated && !only_null) {
    path_.fail(repeated->empty() ? "the union has two types with an empty name"
                                 : "the union has " + in_quotes(*repeated) + " twice");
  }
  return add(std::move(node));
}

NodeId SchemaParser::parse_items(AvroType type, const JsonValue& json, std::string_view space, int depth) {
  const bool is_array = type == AvroType::kArray;
  const JsonValue* const items = json.find(is_array ? JsonKey::kItems : JsonKey::kValues);
  if (items == nullptr) path_.fail(is_array ? "an array needs \"items\"" : "a map needs \"values\"");
  SchemaNode node;
  node.type = type;
  {
    const SchemaPath::Step step(path_, is_array ? SchemaPart::kItems : SchemaPart::kValues);
    node.items = parse_type(*items, space, depth + 1);
  }
  annotate(json, node);
  return add(std::move(node));
}

NodeId SchemaParser::add(SchemaNode node) {
  if (schema_.size() >= kMaxExpandedNodes) {
    path_.fail("the schema has more than " + std::to_string(kMaxExpandedNodes) + " types");
  }
  return schema_.add(std::move(node));
}

Schema parse_schema(std::string_view json) {
  if (json.size() > kMaxSchemaBytes) {
    throw Error(ErrorKind::kSchema, ErrorVariant::kInvalidSchema,
                "the schema has " + std::to_string(json.size()) + " bytes; at most " + std::to_string(kMaxSchemaBytes) +
                    " are allowed");
  }
  const JsonTree tree(json);
  return SchemaParser().parse(tree.root());
}

}  // namespace jetliner
