// JSON to schema: records, enums and fixed.
#include <limits>
#include <unordered_set>
#include <utility>

#include "schema/logical.h"
#include "schema/parser.h"

namespace jetliner {
namespace {

constexpr int64_t kMaxFixedBytes = std::numeric_limits<int32_t>::max();

// The strings of "aliases". Anything else there is ignored.
std::vector<std::string_view> aliases(const JsonValue& json) {
  std::vector<std::string_view> out;
  const JsonValue* const list = json.find(JsonKey::kAliases);
  if (list == nullptr || list->kind != JsonKind::kArray) return out;
  for (const JsonValue& alias : list->children) {
    if (alias.kind == JsonKind::kString && !alias.text.empty()) out.push_back(alias.text);
  }
  return out;
}

}  // namespace

NodeId SchemaParser::parse_record(const JsonValue& json, std::string_view space, int depth) {
  SchemaNode node;
  node.type = AvroType::kRecord;
  const FullName name = parse_name(json, space, node);
  std::optional<SchemaPath::Step> root_step;
  if (path_.empty()) root_step.emplace(path_, name.simple);

  const JsonValue* const fields = json.find(JsonKey::kFields);
  if (fields == nullptr || fields->kind != JsonKind::kArray) path_.fail("a record needs \"fields\", an array");
  const NodeId id = define(name, std::move(node));  // before the fields, which may refer to it
  std::vector<SchemaField> parsed;
  parsed.reserve(fields->children.size());
  std::unordered_set<std::string_view> seen;
  for (const JsonValue& field : fields->children) {
    parsed.push_back(parse_field(field, name.space, depth));
    const std::string_view field_name = field.find(JsonKey::kName)->text;
    if (!seen.insert(field_name).second) path_.fail("the record has two fields called " + in_quotes(field_name));
  }
  schema_.mutable_node(id).fields = std::move(parsed);
  return id;
}

SchemaField SchemaParser::parse_field(const JsonValue& json, std::string_view space, int depth) {
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

NodeId SchemaParser::parse_enum(const JsonValue& json, std::string_view space) {
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
    if (!seen.insert(symbol.text).second) fail_at(name, "the enum has the symbol " + in_quotes(symbol.text) + " twice");
    node.symbols.emplace_back(symbol.text);
  }
  // A default that is not a symbol is no error here: only a reader's schema needs its default.
  const JsonValue* const value = json.find(JsonKey::kDefault);
  if (value != nullptr && value->kind == JsonKind::kString && seen.contains(value->text)) {
    node.enum_default = std::string(value->text);
  }
  node.has_bad_enum_default = value != nullptr && !node.enum_default.has_value();
  return define(name, std::move(node));
}

NodeId SchemaParser::parse_fixed(const JsonValue& json, std::string_view space) {
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

FullName SchemaParser::parse_name(const JsonValue& json, std::string_view enclosing_space, SchemaNode& node) const {
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
  check_characters(name_json->text);
  check_characters(space);
  // Polars' own writer gives its record an empty name. Such a type has no name: nothing can refer to it.
  if (!name.simple.empty()) node.name = name.text();
  // Aliases are relative to the namespace of the name, not to the enclosing one.
  for (const std::string_view alias : aliases(json)) node.aliases.push_back(full_name(alias, name.space).text());
  return name;
}

NodeId SchemaParser::define(const FullName& name, SchemaNode node) {
  // "Primitive type names have no namespace and their names may not be defined in any namespace."
  if (primitive_type(name.simple)) {
    fail_at(name, in_quotes(name.text()) + " is the name of a primitive type and may not be defined again");
  }
  const NodeId id = add(std::move(node));
  if (name.simple.empty()) return id;
  if (const std::optional<NodeId> before = names_.define(name, id)) redefinitions_.push_back({*before, id});
  return id;
}

void SchemaParser::check_characters(std::string_view name) const {
  if (name.find('\0') != std::string_view::npos) path_.fail("the name " + in_quotes(name) + " contains U+0000");
}

void SchemaParser::fail_at(const FullName& name, const std::string& message) {
  if (!path_.empty()) path_.fail(message);
  const SchemaPath::Step step(path_, name.simple);
  path_.fail(message);
}

}  // namespace jetliner
