// A schema as one line of text, for table-driven tests, and errors caught as values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jetliner/error.h"
#include "schema/schema.h"

namespace jetliner {

inline std::string logical_text(const SchemaNode& node) {
  static const std::vector<std::string> kNames = {"",
                                                  "date",
                                                  "time-millis",
                                                  "time-micros",
                                                  "timestamp-millis",
                                                  "timestamp-micros",
                                                  "timestamp-nanos",
                                                  "local-timestamp-millis",
                                                  "local-timestamp-micros",
                                                  "local-timestamp-nanos",
                                                  "decimal",
                                                  "big-decimal",
                                                  "uuid",
                                                  "duration",
                                                  "map",
                                                  "arrow.int8",
                                                  "arrow.int16",
                                                  "arrow.uint8",
                                                  "arrow.uint16",
                                                  "arrow.uint32",
                                                  "arrow.uint64",
                                                  "arrow.float16",
                                                  "arrow.time32-second",
                                                  "arrow.time64-nanosecond",
                                                  "arrow.duration-seconds",
                                                  "arrow.duration-millis",
                                                  "arrow.duration-micros",
                                                  "arrow.duration-nanos",
                                                  "arrow.timestamp-second",
                                                  "arrow.local-timestamp-second",
                                                  "arrow.date64"};
  if (node.logical == LogicalType::kNone) return "";
  std::string text = "/" + kNames.at(static_cast<size_t>(node.logical));
  if (node.logical == LogicalType::kDecimal) {
    text += "(" + std::to_string(node.precision) + "," + std::to_string(node.scale) + ")";
  }
  return text;
}

// "record ns.User{id:long,tags:array<string>,next:union[null,^ns.User]}": ^ marks a reference to an enclosing record.
inline std::string schema_text(const Schema& schema, NodeId id, std::vector<NodeId>& enclosing) {
  const SchemaNode& node = schema.node(id);
  std::string text(type_name(node.type));
  switch (node.type) {
    case AvroType::kRecord: {
      for (const NodeId outer : enclosing) {
        if (outer == id) return "^" + node.name;
      }
      enclosing.push_back(id);
      text += " " + node.name + "{";
      for (size_t i = 0; i < node.fields.size(); ++i) {
        if (i > 0) text += ",";
        text += node.fields[i].name + ":" + schema_text(schema, node.fields[i].type, enclosing);
      }
      enclosing.pop_back();
      return text + "}";
    }
    case AvroType::kEnum: {
      text += " " + node.name + "(";
      for (size_t i = 0; i < node.symbols.size(); ++i) text += (i > 0 ? "," : "") + node.symbols[i];
      return text + ")";
    }
    case AvroType::kFixed:
      return text + " " + node.name + "(" + std::to_string(node.size) + ")" + logical_text(node);
    case AvroType::kArray:
    case AvroType::kMap:
      return text + logical_text(node) + "<" + schema_text(schema, node.items, enclosing) + ">";
    case AvroType::kUnion: {
      text += "[";
      for (size_t i = 0; i < node.branches.size(); ++i) {
        if (i > 0) text += ",";
        text += schema_text(schema, node.branches[i], enclosing);
      }
      return text + "]";
    }
    default:
      return text + logical_text(node);
  }
}

inline std::string schema_text(std::string_view json) {
  const Schema schema = parse_schema(json);
  std::vector<NodeId> enclosing;
  return schema_text(schema, schema.root(), enclosing);
}

// The error of parsing; nothing if it succeeds.
inline std::optional<Error> schema_error(std::string_view json) {
  try {
    (void)parse_schema(json);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

}  // namespace jetliner
