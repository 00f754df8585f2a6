// Avro schemas as an arena of nodes with names resolved (Avro 1.12, "Schema Declaration").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jetliner {

enum class AvroType : uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kRecord,  // `error` as well
  kEnum,
  kArray,
  kMap,
  kUnion,
  kFixed,
};

// kNone also stands for logical types that are unknown or not valid on their base type: data are read as the base type.
enum class LogicalType : uint8_t {
  kNone,
  kDate,             // int, days since 1970-01-01
  kTimeMillis,       // int
  kTimeMicros,       // long
  kTimestampMillis,  // long, an instant
  kTimestampMicros,
  kTimestampNanos,
  kLocalTimestampMillis,  // long, no zone
  kLocalTimestampMicros,
  kLocalTimestampNanos,
  kDecimal,     // bytes or fixed, with precision and scale
  kBigDecimal,  // bytes
  kUuid,        // string or fixed(16)
  kDuration,    // fixed(12)
  kMap,         // array, of items of any type. Of no effect unless they are entries (types/arrow_columns.cc).
  // Arrow's types without a form of their own in Avro: "arrow.int8" and so on, as the crate arrow-avro writes them.
  kArrowInt8,  // int
  kArrowInt16,
  kArrowUInt8,
  kArrowUInt16,
  kArrowUInt32,        // long
  kArrowUInt64,        // long, or fixed(8), little-endian
  kArrowFloat16,       // float, or fixed(2), little-endian
  kArrowTime32Second,  // int
  kArrowTime64Nanos,   // long
  kArrowDurationSeconds,
  kArrowDurationMillis,
  kArrowDurationMicros,
  kArrowDurationNanos,
  kArrowTimestampSecond,
  kArrowLocalTimestampSecond,
  kArrowDate64,  // long, milliseconds
};

using NodeId = uint32_t;

struct SchemaField {
  std::string name;
  NodeId type = 0;
  std::vector<std::string> aliases;
  // JSON text of the default, without white space between tokens. It need not fit the type, and numbers may be of any
  // size. Only schema resolution uses it.
  std::optional<std::string> default_json;
};

struct SchemaNode {
  AvroType type = AvroType::kNull;
  LogicalType logical = LogicalType::kNone;
  int32_t precision = 0;  // decimal
  int32_t scale = 0;      // decimal
  uint64_t size = 0;      // fixed: bytes

  std::string name;                         // record, enum, fixed: full name
  std::vector<std::string> aliases;         // record, enum, fixed: full names
  std::vector<SchemaField> fields;          // record
  std::vector<std::string> symbols;         // enum
  std::optional<std::string> enum_default;  // enum: one of its symbols
  bool has_bad_enum_default = false;        // enum: "default" is not one of its symbols; an error in a reader's schema
  NodeId items = 0;                         // array items, map values
  std::vector<NodeId> branches;             // union, in schema order; no two have the same branch_name()

  // Record: it contains itself, at any depth.
  bool recursive = false;
};

// Limits of schemas. Larger ones are refused.

// Nodes on the longest way from the root, with references to named types followed, but not those to an enclosing
// record. Parser and compiler recurse to this depth.
inline constexpr int kMaxSchemaDepth = 128;
// Nodes, where a reference to a named type counts as its whole definition, but one to an enclosing record as one node.
// Enough for 87,000 nullable columns. A short text can double its size 18 times to reach it.
inline constexpr size_t kMaxExpandedNodes = 1 << 18;
// Bytes of the JSON text.
inline constexpr size_t kMaxSchemaBytes = 32 << 20;

// Named types, and primitive types without a logical type, are one node each, even if they are used many times.
class Schema {
 public:
  [[nodiscard]] const SchemaNode& node(NodeId id) const { return nodes_[id]; }
  [[nodiscard]] NodeId root() const { return root_; }
  [[nodiscard]] size_t size() const { return nodes_.size(); }

  // For the parser.
  NodeId add(SchemaNode node);
  SchemaNode& mutable_node(NodeId id) { return nodes_[id]; }
  void set_root(NodeId id) { root_ = id; }

 private:
  std::vector<SchemaNode> nodes_;
  NodeId root_ = 0;
};

// Parses JSON text. References to a named type are its node, so a recursive schema is a cyclic graph. Throws Error
// (kSchema), variant kInvalidSchema (kParseError where the text is not JSON), with the place in the schema as context.
Schema parse_schema(std::string_view json);

// The name of a union's branch, as in Avro's JSON encoding: "int", "string", "array", "map", or the full name.
std::string_view branch_name(const SchemaNode& node);

// "int", "record", ... for messages.
std::string_view type_name(AvroType type);

}  // namespace jetliner
