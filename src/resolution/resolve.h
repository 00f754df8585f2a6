// How the data of a writer's schema become values of a reader's schema (Avro 1.12, "Schema Resolution").
//
// A pair of types that belong together is a node; pairs that occur again, as in records within themselves, are the same
// node. All that can be known of two schemas is decided here. What depends on the data, the branch of a writer's union
// and the symbol of an enum, is left to whoever reads them.
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
  kLeaf,          // neither nested nor an enum; the reader's type is the same or the writer's is promoted to it
  kEnum,          // symbols
  kRecord,        // children, reader_fields, defaults
  kItems,         // arrays and maps: children[0]
  kFromUnion,     // the writer's type is a union: children, one for each of its branches, to the whole reader's type
  kIntoUnion,     // the reader's type alone is a union: children[0] to its branch `branch`
  kUnresolvable,  // reason, place
};

struct ResolvedNode {
  ResolvedKind kind = ResolvedKind::kLeaf;
  NodeId writer = 0;
  NodeId reader = 0;
  uint32_t branch = 0;
  std::vector<ResolvedId> children;     // records: one for each of the writer's fields; kNotRead where it is dropped
  std::vector<uint32_t> reader_fields;  // records: which of the reader's fields that child is
  std::vector<uint32_t> defaults;       // records: the reader's fields that the writer does not have
  std::vector<int32_t> symbols;         // enums: the reader's symbol for each of the writer's, or kNoSymbol
  std::string reason = {};
  std::string place = {};  // as in ErrorPlace::context
};

class Resolution {
 public:
  // Throws Error (kSchema), variant "IncompatibleSchemas", with the place as context, where no data of the writer's
  // schema can be read: types that do not match anywhere but in a branch of a writer's union. Such a branch is an
  // error only where it occurs in data.
  Resolution(std::shared_ptr<const Schema> writer, std::shared_ptr<const ReaderSchema> reader);

  [[nodiscard]] const ResolvedNode& node(ResolvedId id) const { return nodes_[id]; }
  [[nodiscard]] ResolvedId root() const { return 0; }
  [[nodiscard]] const Schema& writer() const { return *writer_; }
  [[nodiscard]] const ReaderSchema& reader() const { return *reader_; }
  [[nodiscard]] const std::shared_ptr<const ReaderSchema>& shared_reader() const { return reader_; }

  // For each node, whether the bytes of the writer's data are data of the reader's type as they stand.
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

  std::shared_ptr<const Schema> writer_;
  std::shared_ptr<const ReaderSchema> reader_;
  const Schema& reader_nodes_;
  std::vector<ResolvedNode> nodes_;
  std::unordered_map<uint64_t, ResolvedId> ids_;  // by writer << 32 | reader
  SchemaPath path_;
  int depth_ = 0;
};

}  // namespace jetliner
