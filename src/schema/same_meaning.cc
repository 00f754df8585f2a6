#include "schema/same_meaning.h"

#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "jetliner/error.h"
#include "schema/logical.h"
#include "schema/names.h"
#include "schema/path.h"

namespace jetliner {
namespace {

// A type for messages: "int", "long (timestamp-micros)", "fixed \"F\" of 2 bytes".
std::string shown(const SchemaNode& node) {
  std::string text(type_name(node.type));
  if (!node.name.empty()) text += ' ' + in_quotes(node.name);
  if (node.type == AvroType::kFixed) text += " of " + std::to_string(node.size) + " bytes";
  if (node.logical == LogicalType::kNone) return text;
  text += " (" + std::string(logical_name(node.logical));
  if (node.logical == LogicalType::kDecimal) {
    text += '(' + std::to_string(node.precision) + ',' + std::to_string(node.scale) + ')';
  }
  return text + ')';
}

// The first difference of two types, nested types left out; nothing if there is none.
std::optional<std::string> difference(const SchemaNode& a, const SchemaNode& b) {
  if (a.type != b.type || a.logical != b.logical || a.precision != b.precision || a.scale != b.scale ||
      a.size != b.size || a.name != b.name) {
    return shown(a) + " or " + shown(b);
  }
  if (a.symbols != b.symbols) return shown(a) + " has other symbols, or in another order";
  const auto counts = [](size_t x, size_t y) { return std::to_string(x) + " or " + std::to_string(y); };
  if (a.branches.size() != b.branches.size()) {
    return "a union of " + counts(a.branches.size(), b.branches.size()) + " branches";
  }
  if (a.fields.size() != b.fields.size()) {
    return shown(a) + " has " + counts(a.fields.size(), b.fields.size()) + " fields";
  }
  for (size_t i = 0; i < a.fields.size(); ++i) {
    if (a.fields[i].name != b.fields[i].name) {
      return shown(a) + " has a field " + in_quotes(a.fields[i].name) + " or " + in_quotes(b.fields[i].name);
    }
  }
  return std::nullopt;
}

// Sets of types that have the same meaning unless a difference is found (the algorithm of Hopcroft and Karp). Each pair
// that is compared joins two sets, so there are fewer pairs than types.
class MeaningSets {
 public:
  explicit MeaningSets(const Schema& schema) : schema_(schema), parent_(schema.size()) {
    std::iota(parent_.begin(), parent_.end(), NodeId{0});
  }

  // Returns the first difference.
  std::optional<std::string> join(NodeId first, NodeId second) {
    std::vector<Pair> open = {{first, second, {}}};
    while (!open.empty()) {
      const auto [a, b, field] = open.back();
      open.pop_back();
      const NodeId root_a = root(a);
      const NodeId root_b = root(b);
      if (root_a == root_b) continue;
      const SchemaNode& x = schema_.node(a);
      const SchemaNode& y = schema_.node(b);
      if (std::optional<std::string> found = difference(x, y)) {
        return field.empty() ? *found : "field " + in_quotes(field) + ": " + *found;
      }
      parent_[root_b] = root_a;
      for (size_t i = x.fields.size(); i-- > 0;) {
        open.push_back({x.fields[i].type, y.fields[i].type, x.fields[i].name});
      }
      for (size_t i = x.branches.size(); i-- > 0;) open.push_back({x.branches[i], y.branches[i], field});
      if (x.type == AvroType::kArray || x.type == AvroType::kMap) open.push_back({x.items, y.items, field});
    }
    return std::nullopt;
  }

 private:
  struct Pair {
    NodeId a;
    NodeId b;
    std::string_view field;  // in which the two stand
  };

  NodeId root(NodeId id) {
    for (; parent_[id] != id; id = parent_[id]) parent_[id] = parent_[parent_[id]];
    return id;
  }

  const Schema& schema_;
  std::vector<NodeId> parent_;  // a set is a tree; its root stands for it
};

// Finds the place of a definition: where a walk in the order of the text meets the type first. The recursion is as deep
// as the text, which the parser has bounded.
class PlaceFinder {
 public:
  PlaceFinder(const Schema& schema, NodeId wanted) : schema_(schema), wanted_(wanted), seen_(schema.size()) {}

  std::string find() {
    visit(schema_.root());
    return place_.value_or("");
  }

 private:
  void visit(NodeId id) {
    if (place_ || seen_[id]) return;
    seen_[id] = true;
    const SchemaNode& node = schema_.node(id);
    std::optional<SchemaPath::Step> root_step;
    if (path_.empty() && !node.name.empty()) root_step.emplace(path_, simple_name(node.name));
    if (id == wanted_) {
      place_ = path_.text();
      return;
    }
    for (const SchemaField& field : node.fields) {
      const SchemaPath::Step step(path_, field.name);
      visit(field.type);
    }
    for (const NodeId branch : node.branches) visit(branch);
    if (node.type == AvroType::kArray || node.type == AvroType::kMap) {
      const SchemaPath::Step step(path_, node.type == AvroType::kArray ? SchemaPart::kItems : SchemaPart::kValues);
      visit(node.items);
    }
  }

  const Schema& schema_;
  const NodeId wanted_;
  std::vector<bool> seen_;
  SchemaPath path_;
  std::optional<std::string> place_;
};

}  // namespace

void check_same_meaning(const Schema& schema, const std::vector<Redefinition>& redefinitions) {
  if (redefinitions.empty()) return;
  MeaningSets sets(schema);
  for (const Redefinition& pair : redefinitions) {
    const std::optional<std::string> found = sets.join(pair.first, pair.second);
    if (!found) continue;
    const std::string first = PlaceFinder(schema, pair.first).find();
    const std::string second = PlaceFinder(schema, pair.second).find();
    ErrorPlace place;
    place.context = second;
    throw Error(ErrorKind::kSchema, ErrorVariant::kInvalidSchema,
                "the name " + in_quotes(schema.node(pair.first).name) +
                    " is defined twice, with different meanings: at " + in_quotes(first) + " and at " +
                    in_quotes(second) + " (" + *found + ")",
                std::move(place));
  }
}

}  // namespace jetliner
