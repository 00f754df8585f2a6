// How the data of a writer's schema become values of a reader's schema (Avro 1.12, "Schema Resolution").
//
// Each pair of a writer's and a reader's type is a node. A pair that occurs again is the same node, so recursive types
// make a cyclic graph. Everything that follows from the two schemas is decided here. The branch of a writer's union and
// the symbol of an enum depend on the data: the decoder decides by them.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "resolution/reader_schema.h"
#include "schema/path.h"
#include "schema/schema.h"

namespace jetliner {

using ResolvedId = uint32_t;
inline constexpr ResolvedId kNotRead = std::numeric_limits<ResolvedId>::max();
inline constexpr int32_t kNoSymbol = -1;

enum class ResolvedKind : uint8_t {
  kLeaf,          // neither nested nor an enum. The reader's type is the same, or the writer's is promoted to it.
  kEnum,          // uses symbols
  kRecord,        // uses children, reader_fields, defaults
  kItems,         // arrays and maps: children[0] is that of the items
  kFromUnion,     // the writer's type is a union: one child for each branch, paired with the whole reader's type
  kIntoUnion,     // only the reader's type is a union: children[0] is paired with its branch `branch`
  kUnresolvable,  // uses reason, place
};

struct ResolvedNode {
  ResolvedKind kind = ResolvedKind::kLeaf;
  NodeId writer = 0;
  NodeId reader = 0;
  uint32_t branch = 0;
  std::vector<ResolvedId> children;     // records: one for each of the writer's fields; kNotRead: the field is dropped
  std::vector<uint32_t> reader_fields;  // records: for each child, the index of the reader's field
  std::vector<uint32_t> defaults;       // records: indices of the reader's fields that the writer does not have
  std::vector<int32_t> symbols;         // enums: the reader's symbol for each of the writer's, or kNoSymbol
  std::string reason = {};
  std::string place = {};  // as in ErrorPlace::context
};

class Resolution {
 public:
  // Throws Error (kSchema), variant kIncompatibleSchemas, with the place as context, where types do not match.
  // Exception: a branch of a writer's union that does not match is an error only where it occurs in data.
  Resolution(std::shared_ptr<const Schema> writer, std::shared_ptr<const ReaderSchema> reader);

  [[nodiscard]] const ResolvedNode& node(ResolvedId id) const { return nodes_[id]; }
  [[nodiscard]] ResolvedId root() const { return 0; }
  [[nodiscard]] const Schema& writer() const { return *writer_; }
  [[nodiscard]] const ReaderSchema& reader() const { return *reader_; }
  [[nodiscard]] const std::shared_ptr<const ReaderSchema>& shared_reader() const { return reader_; }

  // For each node, whether the writer's bytes are also valid data of the reader's type, with the same meaning.
  [[nodiscard]] std::vector<bool> unchanged() const;

 private:
  ResolvedId pair(NodeId writer, NodeId reader);
  void resolve_pair(ResolvedNode& node);
  void same_type(ResolvedNode& node);
  void record(ResolvedNode& node);
  bool match_fields(ResolvedNode& node, std::vector<uint32_t>& reader_field_of);
  void enumeration(ResolvedNode& node);
  void from_union(ResolvedNode& node);
  void into_union(ResolvedNode& node);
  bool take(ResolvedNode& node, ResolvedId child);
  void fail(ResolvedNode& node, std::string reason) const;
  void fail_to_match(ResolvedNode& node) const;
  [[nodiscard]] bool are_top_level_records(NodeId writer, NodeId reader) const;
  [[nodiscard]] std::string alias_hint_of(NodeId writer, NodeId reader) const;

  std::shared_ptr<const Schema> writer_;
  std::shared_ptr<const ReaderSchema> reader_;
  const Schema& reader_nodes_;
  std::vector<ResolvedNode> nodes_;
  std::unordered_map<uint64_t, ResolvedId> ids_;  // by writer << 32 | reader
  SchemaPath path_;
  int depth_ = 0;
};

}  // namespace jetliner
