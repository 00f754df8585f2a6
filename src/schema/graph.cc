#include "schema/graph.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "schema/names.h"
#include "schema/path.h"

namespace jetliner {

namespace {

size_t num_children(const SchemaNode& node) {
  switch (node.type) {
    case AvroType::kRecord:
      return node.fields.size();
    case AvroType::kUnion:
      return node.branches.size();
    case AvroType::kArray:
    case AvroType::kMap:
      return 1;
    default:
      return 0;
  }
}

NodeId child(const SchemaNode& node, size_t i) {
  switch (node.type) {
    case AvroType::kRecord:
      return node.fields[i].type;
    case AvroType::kUnion:
      return node.branches[i];
    default:
      return node.items;
  }
}

// Tarjan's strongly connected components. Not recursive: chains of references may be as long as the schema.
class RecursionMarker {
 public:
  explicit RecursionMarker(Schema& schema) : schema_(schema), order_(schema.size(), kUnseen), low_(schema.size(), 0) {}

  void run() {
    enter(schema_.root());
    while (!walk_.empty()) {
      Visit& visit = walk_.back();
      const SchemaNode& node = schema_.node(visit.id);
      if (visit.next_child == num_children(node)) {
        leave();
        continue;
      }
      const NodeId to = child(node, visit.next_child++);
      if (to == visit.id) schema_.mutable_node(to).recursive = true;  // its own field, without a type in between
      if (order_[to] == kUnseen) {
        enter(to);
      } else if (order_[to] != kDone) {
        low_[visit.id] = std::min(low_[visit.id], order_[to]);
      }
    }
  }

 private:
  struct Visit {
    NodeId id;
    size_t next_child;
  };
  static constexpr uint32_t kUnseen = std::numeric_limits<uint32_t>::max();
  static constexpr uint32_t kDone = kUnseen - 1;

  void enter(NodeId id) {
    order_[id] = low_[id] = counter_++;
    walk_.push_back({id, 0});
    open_.push_back(id);
  }

  void leave() {
    const NodeId id = walk_.back().id;
    walk_.pop_back();
    if (!walk_.empty()) {
      const NodeId parent = walk_.back().id;
      low_[parent] = std::min(low_[parent], low_[id]);
    }
    if (low_[id] != order_[id]) return;
    // The nodes of `open_` from `id` on are one component. If it has more than one node, each lies on a cycle.
    const bool cyclic = open_.back() != id;
    NodeId member = id;
    do {
      member = open_.back();
      open_.pop_back();
      order_[member] = kDone;
      SchemaNode& node = schema_.mutable_node(member);
      if (cyclic && node.type == AvroType::kRecord) node.recursive = true;
    } while (member != id);
  }

  Schema& schema_;
  std::vector<uint32_t> order_;  // when a node was entered, kUnseen, or kDone once its component is complete
  std::vector<uint32_t> low_;    // the earliest open node that is known to be reachable
  std::vector<Visit> walk_;
  std::vector<NodeId> open_;  // nodes whose component is not complete
  uint32_t counter_ = 0;
};

// Recursion is bounded by kMaxSchemaDepth, time by kMaxExpandedNodes.
class ExpandedSizeChecker {
 public:
  explicit ExpandedSizeChecker(const Schema& schema) : schema_(schema), enclosing_(schema.size(), false) {}

  void visit(NodeId id, int depth) {
    const SchemaNode& node = schema_.node(id);
    if (depth > kMaxSchemaDepth) {
      path_.fail("types are nested more than " + std::to_string(kMaxSchemaDepth) + " levels deep");
    }
    if (++expanded_ > kMaxExpandedNodes) {
      path_.fail("the schema has more than " + std::to_string(kMaxExpandedNodes) +
                 " types where each reference to a named type stands for its definition");
    }
    if (node.type == AvroType::kRecord) {
      if (enclosing_[id]) return;
      enclosing_[id] = true;
      for (const SchemaField& field : node.fields) {
        const SchemaPath::Step step(path_, field.name);
        visit(field.type, depth + 1);
      }
      enclosing_[id] = false;
    } else if (node.type == AvroType::kArray || node.type == AvroType::kMap) {
      const SchemaPath::Step step(path_, node.type == AvroType::kArray ? SchemaPart::kItems : SchemaPart::kValues);
      visit(node.items, depth + 1);
    } else {
      for (const NodeId branch : node.branches) visit(branch, depth + 1);
    }
  }

  void run() {
    const SchemaPath::Step step(path_, simple_name(schema_.node(schema_.root()).name));
    visit(schema_.root(), 1);
  }

 private:
  const Schema& schema_;
  std::vector<bool> enclosing_;  // records on the way from the root to here
  size_t expanded_ = 0;
  SchemaPath path_;
};

}  // namespace

void mark_recursive_records(Schema& schema) { RecursionMarker(schema).run(); }

void check_expanded_size(const Schema& schema) { ExpandedSizeChecker(schema).run(); }

}  // namespace jetliner
