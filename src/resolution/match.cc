#include "resolution/match.h"

#include <algorithm>

#include "schema/names.h"
#include "schema/path.h"

namespace jetliner {

bool is_named(AvroType type) {
  return type == AvroType::kRecord || type == AvroType::kEnum || type == AvroType::kFixed;
}

bool is_promoted(AvroType writer, AvroType reader) {
  switch (writer) {
    case AvroType::kInt:
      return reader == AvroType::kLong || reader == AvroType::kFloat || reader == AvroType::kDouble;
    case AvroType::kLong:
      return reader == AvroType::kFloat || reader == AvroType::kDouble;
    case AvroType::kFloat:
      return reader == AvroType::kDouble;
    case AvroType::kString:
      return reader == AvroType::kBytes;
    case AvroType::kBytes:
      return reader == AvroType::kString;
    default:
      return false;
  }
}

std::optional<int> name_rank(const SchemaNode& writer, const SchemaNode& reader) {
  if (writer.name == reader.name) return 0;
  if (simple_name(writer.name) == simple_name(reader.name)) return 1;
  const auto& aliases = reader.aliases;
  if (std::find(aliases.begin(), aliases.end(), writer.name) != aliases.end()) return 2;
  return std::nullopt;
}

std::optional<int> branch_rank(const SchemaNode& writer, const SchemaNode& branch) {
  constexpr int kPromoted = 3;  // after every name_rank()
  if (writer.type == branch.type) {
    if (!is_named(writer.type)) return 0;
    if (writer.type == AvroType::kFixed && writer.size != branch.size) return std::nullopt;
    return name_rank(writer, branch);
  }
  if (is_promoted(writer.type, branch.type)) return kPromoted;
  return std::nullopt;
}

std::string alias_hint(const SchemaNode& writer, const SchemaNode& reader) {
  if (!is_named(writer.type) || writer.type != reader.type || name_rank(writer, reader).has_value()) return "";
  if (writer.type == AvroType::kFixed && writer.size != reader.size) return "";
  const std::string type(type_name(writer.type));
  if (writer.name.empty()) return "; give the reader's " + type + " an empty name as well";
  // An alias without a dot belongs to the namespace of the type that has it. ".X" is X of the null namespace.
  const bool needs_dot = writer.name.find('.') == std::string::npos && reader.name.find('.') != std::string::npos;
  return "; if they are the same, add the alias " + in_quotes(needs_dot ? '.' + writer.name : writer.name) +
         " to the reader's " + type + (reader.name.empty() ? " with the empty name" : ' ' + in_quotes(reader.name));
}

std::string described(const SchemaNode& node) {
  std::string text(type_name(node.type));
  if (!node.name.empty()) text += ' ' + in_quotes(node.name);
  if (node.type == AvroType::kFixed) text += " of " + std::to_string(node.size) + " bytes";
  if (node.logical == LogicalType::kDecimal) {
    text += " (decimal(" + std::to_string(node.precision) + "," + std::to_string(node.scale) + "))";
  }
  return text;
}

}  // namespace jetliner
