// JSON to schema (Avro 1.12, "Schema Declaration").
//
// Strict where reading could go wrong: names, duplicates, sizes. Lenient where writers are known to be sloppy and the
// meaning is clear: unknown attributes, defaults that do not fit, malformed aliases, an enum's default that is none of
// its symbols, types in more objects than needed ({"type": {"type": "long"}}), names with characters beyond
// [A-Za-z0-9_].

#include <array>
#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>

#include "jetliner/error.h"
#include "schema/graph.h"
#include "schema/json.h"
#include "schema/logical.h"
#include "schema/names.h"
#include "schema/path.h"
#include "schema/schema.h"

namespace jetliner {

namespace {

constexpr size_t kNumTypes = static_cast<size_t>(AvroType::kFixed) + 1;
constexpr int64_t kMaxFixedBytes = std::numeric_limits<int32_t>::max();

std::optional<AvroType> complex_type(std::string_view name) {
  if (name == "record" || name == "error") return AvroType::kRecord;
  if (name == "enum") return AvroType::kEnum;
  if (name == "array") return AvroType::kArray;
  if (name == "map") return AvroType::kMap;
  if (name == "fixed") return AvroType::kFixed;
  return std::nullopt;
}

class Parser {
 public:
  Schema parse(const JsonValue& root) {
    schema_.set_root(parse_type(root, "", 1));
    mark_recursive_records(schema_);
    check_expanded_size(schema_);
    return std::move(schema_);
  }

 private:
  // `space` is the namespace that names without a dot belong to here; `depth` counts types that enclose one another.
  NodeId parse_type(const JsonValue& json, std::string_view space, int depth) {
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

  NodeId parse_object(const JsonValue& json, std::string_view space, int depth) {
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

  // {"type": {"type": "long"}, "logicalType": "..."}: the specification does not say whose logical type counts. The
  // inner one does; where the inner type has none, the outer one is taken if it fits.
  NodeId parse_wrapped(const JsonValue& json, const JsonValue& type, std::string_view space, int depth) {
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

  NodeId by_name(std::string_view name, std::string_view space) {
    if (const std::optional<AvroType> primitive = primitive_type(name)) return plain_primitive(*primitive);
    if (const std::optional<NodeId> id = names_.find(name, space)) return *id;
    if (complex_type(name)) {
      const std::string text(name);
      path_.fail("\"" + text + "\" needs its attributes: an object {\"type\": \"" + text + "\", ...} as the type");
    }
    std::string message = "undefined name " + quoted(name);
    const std::string resolved = full_name(name, space).text();
    if (resolved != name) message += " (in full " + quoted(resolved) + ")";
    path_.fail(message + ": a type is a primitive or a record, enum or fixed that was defined before");
  }

  NodeId plain_primitive(AvroType type) {
    std::optional<NodeId>& id = plain_[static_cast<size_t>(type)];
    if (!id) {
      SchemaNode node;
      node.type = type;
      id = add(std::move(node));
    }
    return *id;
  }

  NodeId parse_union(const JsonValue& json, std::string_view space, int depth) {
    if (json.children.empty()) path_.fail("a union needs at least one branch");
    SchemaNode node;
    node.type = AvroType::kUnion;
    node.branches.reserve(json.children.size());
    std::unordered_set<std::string> seen;
    for (const JsonValue& branch : json.children) {
      const NodeId id = parse_type(branch, space, depth + 1);
      const SchemaNode& type = schema_.node(id);
      if (type.type == AvroType::kUnion) path_.fail("a union may not contain a union directly");
      // Named types differ by name, all others by type alone: logical types do not make them different. A record that
      // is called "array" cannot be told from an array by its name, which is how readers and Avro's JSON tell branches
      // apart.
      if (!seen.emplace(branch_name(type)).second) path_.fail("the union has " + quoted(branch_name(type)) + " twice");
      node.branches.push_back(id);
    }
    return add(std::move(node));
  }

  // Arrays and maps.
  NodeId parse_items(AvroType type, const JsonValue& json, std::string_view space, int depth) {
    const bool is_array = type == AvroType::kArray;
    const JsonValue* const items = json.find(is_array ? JsonKey::kItems : JsonKey::kValues);
    if (items == nullptr) path_.fail(is_array ? "an array needs \"items\"" : "a map needs \"values\"");
    SchemaNode node;
    node.type = type;
    {
      const SchemaPath::Step step(path_, is_array ? SchemaPart::kItems : SchemaPart::kValues);
      node.items = parse_type(*items, space, depth + 1);
    }
    return add(std::move(node));
  }

  NodeId parse_record(const JsonValue& json, std::string_view space, int depth) {
    SchemaNode node;
    node.type = AvroType::kRecord;
    const FullName name = parse_name(json, space, node);
    const bool at_root = path_.empty();
    std::optional<SchemaPath::Step> root_step;
    if (at_root) root_step.emplace(path_, name.simple);

    const JsonValue* const fields = json.find(JsonKey::kFields);
    if (fields == nullptr || fields->kind != JsonKind::kArray) path_.fail("a record needs \"fields\", an array");
    const NodeId id = define(name, std::move(node));  // before the fields, which may refer to it
    std::vector<SchemaField> parsed;
    parsed.reserve(fields->children.size());
    std::unordered_set<std::string_view> seen;
    for (const JsonValue& field : fields->children) {
      parsed.push_back(parse_field(field, name.space, depth));
      const std::string_view field_name = field.find(JsonKey::kName)->text;
      if (!seen.insert(field_name).second) path_.fail("the record has two fields called " + quoted(field_name));
    }
    schema_.mutable_node(id).fields = std::move(parsed);
    return id;
  }

  SchemaField parse_field(const JsonValue& json, std::string_view space, int depth) {
    if (json.kind != JsonKind::kObject) {
      path_.fail("a field is an object with \"name\" and \"type\", not " + std::string(kind_name(json.kind)));
    }
    const JsonValue* const name = json.find(JsonKey::kName);
    if (name == nullptr || name->kind != JsonKind::kString) path_.fail("a field needs \"name\", a string");
    check_characters(name->text);
    const SchemaPath::Step step(path_, name->text);
    const JsonValue* const type = json.find(JsonKey::kType);
    if (type == nullptr) path_.fail("a field needs \"type\"");
    SchemaField field;
    field.name = name->text;
    field.type = parse_type(*type, space, depth + 1);
    for (const std::string_view alias : aliases(json)) field.aliases.emplace_back(alias);
    if (const JsonValue* const value = json.find(JsonKey::kDefault)) field.default_json = minified(value->raw);
    return field;
  }

  NodeId parse_enum(const JsonValue& json, std::string_view space) {
    SchemaNode node;
    node.type = AvroType::kEnum;
    const FullName name = parse_name(json, space, node);
    const JsonValue* const symbols = json.find(JsonKey::kSymbols);
    if (symbols == nullptr || symbols->kind != JsonKind::kArray) {
      fail_at(name, "an enum needs \"symbols\", an array of strings");
    }
    node.symbols.reserve(symbols->children.size());
    std::unordered_set<std::string_view> seen;
    for (const JsonValue& symbol : symbols->children) {
      if (symbol.kind != JsonKind::kString) {
        fail_at(name, "an enum's symbols are strings, not " + std::string(kind_name(symbol.kind)));
      }
      if (!seen.insert(symbol.text).second) fail_at(name, "the enum has the symbol " + quoted(symbol.text) + " twice");
      node.symbols.emplace_back(symbol.text);
    }
    // One that is no symbol could never be used; nothing is read by it unless schemas are resolved.
    const JsonValue* const value = json.find(JsonKey::kDefault);
    if (value != nullptr && value->kind == JsonKind::kString && seen.contains(value->text)) {
      node.enum_default = std::string(value->text);
    }
    node.has_bad_enum_default = value != nullptr && !node.enum_default.has_value();
    return define(name, std::move(node));
  }

  NodeId parse_fixed(const JsonValue& json, std::string_view space) {
    SchemaNode node;
    node.type = AvroType::kFixed;
    const FullName name = parse_name(json, space, node);
    const JsonValue* const size_json = json.find(JsonKey::kSize);
    const std::optional<int64_t> size = size_json == nullptr ? std::nullopt : json_integer(*size_json);
    if (!size || *size < 0 || *size > kMaxFixedBytes) {
      fail_at(name, "a fixed needs \"size\", an integer from 0 to " + std::to_string(kMaxFixedBytes));
    }
    node.size = static_cast<uint64_t>(*size);
    annotate(json, node);
    return define(name, std::move(node));
  }

  // "name", "namespace" and "aliases" of a record, enum or fixed.
  FullName parse_name(const JsonValue& json, std::string_view enclosing_space, SchemaNode& node) const {
    const std::string type(type_name(node.type));
    const JsonValue* const name_json = json.find(JsonKey::kName);
    if (name_json == nullptr || name_json->kind != JsonKind::kString) {
      path_.fail("this " + type + " needs \"name\", a string");
    }
    std::string_view space = enclosing_space;
    const JsonValue* const space_json = json.find(JsonKey::kNamespace);
    if (space_json != nullptr && space_json->kind != JsonKind::kNull) {
      if (space_json->kind != JsonKind::kString) path_.fail("\"namespace\" of this " + type + " must be a string");
      space = space_json->text;
    }
    FullName name = full_name(name_json->text, space);
    if (name.simple.empty()) path_.fail("the name " + quoted(name_json->text) + " of this " + type + " is empty");
    check_characters(name_json->text);
    check_characters(space);
    node.name = name.text();
    // Relative to the namespace of the name, not to the enclosing one.
    for (const std::string_view alias : aliases(json)) node.aliases.push_back(full_name(alias, name.space).text());
    return name;
  }

  NodeId define(const FullName& name, SchemaNode node) {
    // "Primitive type names have no namespace and their names may not be defined in any namespace."
    if (primitive_type(name.simple)) {
      fail_at(name, quoted(name.text()) + " is the name of a primitive type and may not be defined again");
    }
    if (!names_.define(name, static_cast<NodeId>(schema_.size()))) {
      fail_at(name, "the name " + quoted(name.text()) + " is defined twice");
    }
    return add(std::move(node));
  }

  NodeId add(SchemaNode node) {
    if (schema_.size() >= kMaxExpandedNodes) {
      path_.fail("the schema has more than " + std::to_string(kMaxExpandedNodes) + " types");
    }
    return schema_.add(std::move(node));
  }

  // The strings of "aliases"; what is not a string or not an array is of no use and harms nobody.
  static std::vector<std::string_view> aliases(const JsonValue& json) {
    std::vector<std::string_view> out;
    const JsonValue* const list = json.find(JsonKey::kAliases);
    if (list == nullptr || list->kind != JsonKind::kArray) return out;
    for (const JsonValue& alias : list->children) {
      if (alias.kind == JsonKind::kString && !alias.text.empty()) out.push_back(alias.text);
    }
    return out;
  }

  // Arrow hands names over as C strings; any other character is fine.
  void check_characters(std::string_view name) const {
    if (name.find('\0') != std::string_view::npos) path_.fail("the name " + quoted(name) + " contains U+0000");
  }

  // About a named type: its name is the place where it is the root.
  [[noreturn]] void fail_at(const FullName& name, const std::string& message) {
    if (!path_.empty()) path_.fail(message);
    const SchemaPath::Step step(path_, name.simple);
    path_.fail(message);
  }

  Schema schema_;
  NameTable names_;
  SchemaPath path_;
  std::array<std::optional<NodeId>, kNumTypes> plain_;  // by type; only primitives have one
};

}  // namespace

Schema parse_schema(std::string_view json) {
  if (json.size() > kMaxSchemaBytes) {
    throw Error(ErrorKind::kSchema, ErrorVariant::kInvalidSchema,
                "the schema has " + std::to_string(json.size()) + " bytes; at most " + std::to_string(kMaxSchemaBytes) +
                    " are allowed");
  }
  const JsonTree tree(json);
  return Parser().parse(tree.root());
}

}  // namespace jetliner
