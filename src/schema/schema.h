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

// Only those that are valid on their base type; all others are kNone, which means: the base type.
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
};

using NodeId = uint32_t;

struct SchemaField {
  std::string name;
  NodeId type = 0;
  std::vector<std::string> aliases;
  // JSON text of the default, as written but for white space; not checked beyond balanced brackets, and numbers may be
  // of any size. Used by schema resolution only.
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
  bool has_bad_enum_default = false;        // enum: "default" is none of its symbols; only a reader's schema needs one
  NodeId items = 0;                         // array items, map values
  std::vector<NodeId> branches;             // union, in schema order; no two have the same branch_name()

  // Record: one of its own fields leads back to it, at any depth.
  bool recursive = false;
};

// Schemas deeper than this are refused, since the compiler recurses over them: nodes on the way from the root to the
// deepest one, references to named types followed, those to an enclosing record not.
inline constexpr int kMaxSchemaDepth = 128;
// Schemas that have more nodes than this are refused, where a reference to a named type counts as much as its
// definition (but one to an enclosing record as one node): 87,000 nullable columns, or a few lines of text that double
// 18 times.
inline constexpr size_t kMaxExpandedNodes = 1 << 18;
// Schema text larger than this is refused.
inline constexpr size_t kMaxSchemaBytes = 32 << 20;

// Plain primitive types (without a logical type) and named types are one node each, however often they are used.
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

// Parses JSON text. A named type that is referred to again is the same node, so a recursive schema is a cyclic graph.
// Throws Error (kSchema), variant "InvalidSchema" (or "ParseError" where the text is not JSON), with the place inside
// the schema as context, such as "User.address.city".
Schema parse_schema(std::string_view json);

// The name of a type in Avro's JSON encoding of unions: "int", "string", "array", "map", or the full name.
std::string_view branch_name(const SchemaNode& node);

// "int", "record", ... for messages.
std::string_view type_name(AvroType type);

}  // namespace jetliner
