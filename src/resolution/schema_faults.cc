#include "resolution/schema_faults.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "resolution/default_value.h"
#include "schema/names.h"
#include "schema/path.h"

namespace jetliner {
namespace {

// Visits each named type once, at its first place.
template <typename Visit>
class NamedTypes {
 public:
  NamedTypes(const Schema& schema, Visit visit)
      : schema_(schema), visit_(std::move(visit)), is_seen_(schema.size(), false) {}

  void run() {
    const SchemaNode& root = schema_.node(schema_.root());
    const SchemaPath::Step step(path_, simple_name(root.name));
    type(schema_.root());
  }

 private:
  void type(NodeId id) {
    if (is_seen_[id]) return;
    is_seen_[id] = true;
    const SchemaNode& node = schema_.node(id);
    switch (node.type) {
      case AvroType::kRecord:
        visit_(node, path_);
        for (const SchemaField& field : node.fields) {
          const SchemaPath::Step step(path_, field.name);
          type(field.type);
        }
        break;
      case AvroType::kEnum:
      case AvroType::kFixed:
        visit_(node, path_);
        break;
      case AvroType::kArray:
      case AvroType::kMap: {
        const SchemaPath::Step step(path_, node.type == AvroType::kArray ? SchemaPart::kItems : SchemaPart::kValues);
        type(node.items);
        break;
      }
      case AvroType::kUnion:
        for (const NodeId branch : node.branches) type(branch);
        break;
      default:
        break;
    }
  }

  const Schema& schema_;
  Visit visit_;
  std::vector<bool> is_seen_;
  SchemaPath path_;
};

bool is_valid_full_name(std::string_view name) {
  for (;;) {
    const size_t dot = name.find('.');
    if (!is_valid_name(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

std::vector<std::string> bad_names(const Schema& schema) {
  std::vector<std::string> lines;
  NamedTypes(schema, [&](const SchemaNode& node, SchemaPath& path) {
    const auto add = [&](std::string_view what, std::string_view name) {
      if (lines.size() == kMostFaults) return;
      std::string& line = lines.emplace_back("the name of ");
      line.append(what).append(" ").append(in_quotes(name));
      if (path.text() != name) line.append(" at ").append(in_quotes(path.text()));
      line.append(" is not valid in Avro");
    };
    if (!node.name.empty() && !is_valid_full_name(node.name)) add(type_name(node.type), node.name);
    for (const SchemaField& field : node.fields) {
      const SchemaPath::Step step(path, field.name);
      if (lines.size() < kMostFaults && !is_valid_name(field.name)) add("field", path.text());
    }
    for (const std::string& symbol : node.symbols) {
      if (!is_valid_name(symbol)) add("symbol", symbol);
    }
  }).run();
  return lines;
}

std::vector<std::string> bad_defaults(const Schema& schema) {
  std::vector<std::string> lines;
  DefaultEncoder encoder(schema);
  std::vector<uint8_t> bytes;
  NamedTypes(schema, [&](const SchemaNode& node, SchemaPath& path) {
    if (lines.size() == kMostFaults) return;
    if (node.has_bad_enum_default) {
      lines.push_back("the default of the enum at " + in_quotes(path.text()) + " is none of its symbols");
    }
    for (const SchemaField& field : node.fields) {
      if (!field.default_json || lines.size() == kMostFaults) continue;
      const SchemaPath::Step step(path, field.name);
      bytes.clear();
      if (!encoder.append(field.type, *field.default_json, bytes)) {
        lines.push_back("the default of field " + in_quotes(path.text()) + " does not fit: " + encoder.problem());
      }
    }
  }).run();
  return lines;
}

}  // namespace jetliner
