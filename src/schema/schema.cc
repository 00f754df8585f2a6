#include "schema/schema.h"

#include <utility>

namespace jetliner {

NodeId Schema::add(SchemaNode node) {
  nodes_.push_back(std::move(node));
  return static_cast<NodeId>(nodes_.size() - 1);
}

std::string_view branch_name(const SchemaNode& node) {
  switch (node.type) {
    case AvroType::kRecord:
    case AvroType::kEnum:
    case AvroType::kFixed:
      return node.name;
    default:
      return type_name(node.type);
  }
}

std::string_view type_name(AvroType type) {
  switch (type) {
    case AvroType::kNull:
      return "null";
    case AvroType::kBoolean:
      return "boolean";
    case AvroType::kInt:
      return "int";
    case AvroType::kLong:
      return "long";
    case AvroType::kFloat:
      return "float";
    case AvroType::kDouble:
      return "double";
    case AvroType::kBytes:
      return "bytes";
    case AvroType::kString:
      return "string";
    case AvroType::kRecord:
      return "record";
    case AvroType::kEnum:
      return "enum";
    case AvroType::kArray:
      return "array";
    case AvroType::kMap:
      return "map";
    case AvroType::kUnion:
      return "union";
    case AvroType::kFixed:
      return "fixed";
  }
  return "unknown";
}

}  // namespace jetliner
