// Finds the parts of the writer's data that are also data of the reader's type.
#include <algorithm>

#include "resolution/resolve.h"

namespace jetliner {
namespace {

// True if the node is unchanged provided that its children are.
bool is_unchanged_but_for_children(const ResolvedNode& node, const Resolution& resolution) {
  const SchemaNode& writer = resolution.writer().node(node.writer);
  const SchemaNode& reader = resolution.reader().schema().node(node.reader);
  switch (node.kind) {
    case ResolvedKind::kLeaf:
      return writer.type == reader.type;
    case ResolvedKind::kEnum:
      for (size_t i = 0; i < node.symbols.size(); ++i) {
        if (node.symbols[i] != static_cast<int32_t>(i)) return false;
      }
      // A number that the writer does not have is an error, so the reader must not have more.
      return node.symbols.size() == reader.symbols.size();
    case ResolvedKind::kRecord:
      for (size_t i = 0; i < node.children.size(); ++i) {
        if (node.children[i] == kNotRead || node.reader_fields[i] != i) return false;
      }
      return node.defaults.empty();
    case ResolvedKind::kItems:
      return true;
    case ResolvedKind::kFromUnion:
      if (reader.type != AvroType::kUnion) return false;
      if (node.children.size() != reader.branches.size()) return false;
      for (size_t i = 0; i < node.children.size(); ++i) {
        const ResolvedNode& child = resolution.node(node.children[i]);
        if (child.kind != ResolvedKind::kIntoUnion || child.branch != i) return false;
      }
      return true;
    case ResolvedKind::kIntoUnion:  // adds a branch number, unless it is a child of kFromUnion
    case ResolvedKind::kUnresolvable:
      return false;
  }
  return false;
}

}  // namespace

std::vector<bool> Resolution::unchanged() const {
  std::vector<bool> same(nodes_.size());
  for (ResolvedId id = 0; id < nodes_.size(); ++id) same[id] = is_unchanged_but_for_children(nodes_[id], *this);
  // A node with a changed child is changed as well. Repeated until nothing is found, for nodes may be cyclic. Children
  // mostly have higher ids, so backwards takes few rounds.
  for (bool changed = true; changed;) {
    changed = false;
    for (ResolvedId id = static_cast<ResolvedId>(nodes_.size()); id-- > 0;) {
      if (!same[id]) continue;
      const ResolvedNode& node = nodes_[id];
      const bool still = std::all_of(node.children.begin(), node.children.end(), [&](ResolvedId child) {
        return same[node.kind == ResolvedKind::kFromUnion ? nodes_[child].children.front() : child];
      });
      if (still) continue;
      same[id] = false;
      changed = true;
    }
  }
  return same;
}

}  // namespace jetliner
