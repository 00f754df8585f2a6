// JSON to schema (Avro 1.12, "Schema Declaration").
//
// Strict where an error could lead to wrong data: names, duplicates, sizes. Lenient where some writers are careless and
// the meaning is clear: unknown attributes, defaults that do not fit, malformed aliases, an enum's default that is not
// one of its symbols, types in more objects than needed ({"type": {"type": "long"}}), names with characters beyond
// [A-Za-z0-9_], empty names, and a type that is defined again with the same meaning.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/json.h"
#include "schema/names.h"
#include "schema/path.h"
#include "schema/same_meaning.h"
#include "schema/schema.h"

namespace jetliner {

// Parses one schema. Errors are Error (kSchema), variant kInvalidSchema, with the place as context.
class SchemaParser {
 public:
  Schema parse(const JsonValue& root);

 private:
  // In all of these, `space` is the namespace of names without a dot, and `depth` the number of types around this one.
  NodeId parse_type(const JsonValue& json, std::string_view space, int depth);
  NodeId parse_object(const JsonValue& json, std::string_view space, int depth);
  NodeId parse_wrapped(const JsonValue& json, const JsonValue& type, std::string_view space, int depth);
  NodeId parse_union(const JsonValue& json, std::string_view space, int depth);
  // Arrays and maps.
  NodeId parse_items(AvroType type, const JsonValue& json, std::string_view space, int depth);
  NodeId by_name(std::string_view name, std::string_view space);
  NodeId plain_primitive(AvroType type);
  NodeId add(SchemaNode node);

  NodeId parse_record(const JsonValue& json, std::string_view space, int depth);
  SchemaField parse_field(const JsonValue& json, std::string_view space, int depth);
  NodeId parse_enum(const JsonValue& json, std::string_view space);
  NodeId parse_fixed(const JsonValue& json, std::string_view space);
  // "name", "namespace" and "aliases" of a record, enum or fixed.
  FullName parse_name(const JsonValue& json, std::string_view enclosing_space, SchemaNode& node) const;
  NodeId define(const FullName& name, SchemaNode node);
  // Arrow's names are C strings, so U+0000 is refused. Any other character is fine.
  void check_characters(std::string_view name) const;
  // An error in a named type. At the root its name is the context.
  [[noreturn]] void fail_at(const FullName& name, const std::string& message);

  static constexpr size_t kNumTypes = static_cast<size_t>(AvroType::kFixed) + 1;

  Schema schema_;
  NameTable names_;
  std::vector<Redefinition> redefinitions_;  // compared when the schema is complete: a definition may hold another
  SchemaPath path_;
  std::array<std::optional<NodeId>, kNumTypes> plain_;  // by type: the node of a primitive without a logical type
};

}  // namespace jetliner
