#include "resolution/reader_schema.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "jetliner/error.h"
#include "resolution/default_value.h"
#include "schema/names.h"
#include "schema/path.h"

namespace jetliner {
namespace {

[[noreturn]] void fail(const SchemaNode& node, const std::string& field, const std::string& message) {
  ErrorPlace place;
  place.context = simple_name(node.name);
  if (!field.empty()) place.context += '.' + field;
  throw Error(ErrorKind::kSchema, ErrorVariant::kInvalidSchema, "reader schema: " + message, std::move(place));
}

// Names and aliases by which types or fields are found in a writer's schema. None may stand for two: Avro's
// implementations differ in which they choose.
class Claims {
 public:
  // Takes `text` for `owner`. Returns the name of the owner that has it already, or nullptr.
  const std::string* claim(const std::string& text, const std::string& owner) {
    const auto [place, is_new] = owners_.emplace(text, &owner);
    return is_new || *place->second == owner ? nullptr : place->second;
  }

 private:
  std::unordered_map<std::string_view, const std::string*> owners_;
};

void check_field_aliases(const SchemaNode& record) {
  Claims claims;
  for (const SchemaField& field : record.fields) claims.claim(field.name, field.name);
  for (const SchemaField& field : record.fields) {
    for (const std::string& alias : field.aliases) {
      if (const std::string* other = claims.claim(alias, field.name)) {
        fail(record, field.name,
             "the alias " + in_quotes(alias) + " is " + (*other == alias ? "the name" : "an alias") + " of the field " +
                 in_quotes(*other) + " as well");
      }
    }
  }
}

void check_type_aliases(const Schema& schema) {
  Claims claims;
  for (NodeId id = 0; id < schema.size(); ++id) {
    const SchemaNode& node = schema.node(id);
    if (!node.name.empty()) claims.claim(node.name, node.name);
  }
  for (NodeId id = 0; id < schema.size(); ++id) {
    const SchemaNode& node = schema.node(id);
    for (const std::string& alias : node.aliases) {
      if (const std::string* other = claims.claim(alias, node.name)) {
        fail(node, "",
             "the alias " + in_quotes(alias) + " of " + in_quotes(node.name) + " is " +
                 (*other == alias ? "the name" : "an alias") + " of " + in_quotes(*other) + " as well");
      }
    }
  }
}

bool has_defaults(const SchemaNode& record) {
  return std::any_of(record.fields.begin(), record.fields.end(),
                     [](const SchemaField& field) { return field.default_json.has_value(); });
}

Schema parse(std::string_view json) {
  try {
    return parse_schema(json);
  } catch (const Error& error) {
    throw Error(error.kind(), error.variant(), std::string("reader schema: ") + error.what(), error.place());
  }
}

}  // namespace

ReaderSchema::ReaderSchema(std::string_view json) : schema_(parse(json)), defaults_(schema_.size()) {
  check_type_aliases(schema_);
  DefaultEncoder encoder(schema_);
  for (NodeId id = 0; id < schema_.size(); ++id) {
    const SchemaNode& node = schema_.node(id);
    if (node.has_bad_enum_default) fail(node, "", "the default of " + in_quotes(node.name) + " is none of its symbols");
    if (node.type != AvroType::kRecord) continue;
    check_field_aliases(node);
    if (!has_defaults(node)) continue;
    defaults_[id].resize(node.fields.size());
    for (size_t i = 0; i < node.fields.size(); ++i) {
      const SchemaField& field = node.fields[i];
      if (!field.default_json.has_value()) continue;
      const size_t begin = bytes_.size();
      if (!encoder.append(field.type, *field.default_json, bytes_)) {
        fail(node, field.name, "the default does not fit: " + encoder.problem());
      }
      defaults_[id][i] = {.begin = begin, .end = bytes_.size(), .exists = true};
    }
  }
  bytes_.resize(bytes_.size() + kSlackBytes);
}

std::optional<ByteSpan> ReaderSchema::default_of(NodeId record, size_t field) const {
  if (defaults_[record].empty() || !defaults_[record][field].exists) return std::nullopt;
  const Range& range = defaults_[record][field];
  return ByteSpan(bytes_.data() + range.begin, range.end - range.begin);
}

}  // namespace jetliner
