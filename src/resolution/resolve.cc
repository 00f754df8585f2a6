#include "resolution/resolve.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "jetliner/error.h"

namespace jetliner {
namespace {

// Pairs on the way from the root. Two schemas that repeat with different periods have more pairs than either has
// levels.
constexpr int kMaxPairDepth = 1024;
constexpr size_t kMaxPairs = kMaxExpandedNodes;
constexpr uint32_t kNoField = std::numeric_limits<uint32_t>::max();

std::string_view simple_name(std::string_view full_name) { return full_name.substr(full_name.rfind('.') + 1); }

// How well a writer's named type is the reader's: "the unqualified names match", or the writer's full name is an alias
// of the reader's. Lower is better; where several branches of a union match, the best is meant.
std::optional<int> name_rank(const SchemaNode& writer, const SchemaNode& reader) {
  if (writer.name == reader.name) return 0;
  if (simple_name(writer.name) == simple_name(reader.name)) return 1;
  const auto& aliases = reader.aliases;
  if (std::find(aliases.begin(), aliases.end(), writer.name) != aliases.end()) return 2;
  return std::nullopt;
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

bool is_named(AvroType type) {
  return type == AvroType::kRecord || type == AvroType::kEnum || type == AvroType::kFixed;
}

// Of a branch of a reader's union for a writer's type that is none. The same type comes before promotions, whatever
// the order of the branches: a schema that is resolved against itself changes nothing.
std::optional<int> branch_rank(const SchemaNode& writer, const SchemaNode& branch) {
  constexpr int kPromoted = 3;
  if (writer.type == branch.type) {
    if (!is_named(writer.type)) return 0;
    if (writer.type == AvroType::kFixed && writer.size != branch.size) return std::nullopt;
    return name_rank(writer, branch);
  }
  if (is_promoted(writer.type, branch.type)) return kPromoted;
  return std::nullopt;
}

std::string described(const SchemaNode& node) {
  std::string text(type_name(node.type));
  if (!node.name.empty()) text += ' ' + quoted(node.name);
  if (node.type == AvroType::kFixed) text += " of " + std::to_string(node.size) + " bytes";
  if (node.logical == LogicalType::kDecimal) {
    text += " (decimal(" + std::to_string(node.precision) + "," + std::to_string(node.scale) + "))";
  }
  return text;
}

}  // namespace

Resolution::Resolution(std::shared_ptr<const Schema> writer, std::shared_ptr<const ReaderSchema> reader)
    : writer_(std::move(writer)), reader_(std::move(reader)), reader_nodes_(reader_->schema()) {
  const std::string_view root_name = simple_name(reader_nodes_.node(reader_nodes_.root()).name);
  std::optional<SchemaPath::Step> step;
  if (!root_name.empty()) step.emplace(path_, root_name);
  const ResolvedNode& root = nodes_[pair(writer_->root(), reader_nodes_.root())];
  if (root.kind == ResolvedKind::kUnresolvable) {
    ErrorPlace place;
    place.context = root.place;
    throw Error(ErrorKind::kSchema, ErrorVariant::kIncompatibleSchemas,
                "schema mismatch with reader_schema: " + root.reason, std::move(place));
  }
}

ResolvedId Resolution::pair(NodeId writer, NodeId reader) {
  const auto [place, is_new] =
      ids_.try_emplace(static_cast<uint64_t>(writer) << 32 | reader, static_cast<ResolvedId>(nodes_.size()));
  if (!is_new) return place->second;
  const ResolvedId id = place->second;
  ResolvedNode node;
  node.writer = writer;
  node.reader = reader;
  nodes_.push_back(node);  // found by whoever is inside of it: taken for resolvable
  if (++depth_ > kMaxPairDepth || id >= kMaxPairs) {
    fail(node, "the two schemas together are nested too deeply or too large");
  } else {
    resolve_pair(node);
  }
  --depth_;
  nodes_[id] = std::move(node);
  return id;
}

void Resolution::fail(ResolvedNode& node, std::string reason) const {
  node.kind = ResolvedKind::kUnresolvable;
  node.children.clear();
  node.reason = std::move(reason);
  node.place = path_.text();
}

void Resolution::fail_to_match(ResolvedNode& node) const {
  fail(node, "the file's " + described(writer_->node(node.writer)) + " cannot be read as " +
                 described(reader_nodes_.node(node.reader)));
}

// Adds a child without which nothing of the node can be read. False where that is so.
bool Resolution::take(ResolvedNode& node, ResolvedId child) {
  const ResolvedNode& taken = nodes_[child];
  if (taken.kind == ResolvedKind::kUnresolvable) {
    node.kind = ResolvedKind::kUnresolvable;
    node.children.clear();
    node.reason = taken.reason;
    node.place = taken.place;
    return false;
  }
  node.children.push_back(child);
  return true;
}

void Resolution::resolve_pair(ResolvedNode& node) {
  const SchemaNode& writer = writer_->node(node.writer);
  const SchemaNode& reader = reader_nodes_.node(node.reader);
  if (writer.type == AvroType::kUnion) {
    from_union(node);
  } else if (reader.type == AvroType::kUnion) {
    into_union(node);
  } else if (writer.type == reader.type) {
    same_type(node);
  } else if (!is_promoted(writer.type, reader.type)) {
    fail_to_match(node);
  }
}

void Resolution::same_type(ResolvedNode& node) {
  const SchemaNode& writer = writer_->node(node.writer);
  const SchemaNode& reader = reader_nodes_.node(node.reader);
  if (is_named(writer.type) && !name_rank(writer, reader).has_value()) return fail_to_match(node);
  switch (writer.type) {
    case AvroType::kRecord:
      return record(node);
    case AvroType::kEnum:
      return enumeration(node);
    case AvroType::kArray:
    case AvroType::kMap: {
      node.kind = ResolvedKind::kItems;
      const SchemaPath::Step step(path_, writer.type == AvroType::kArray ? SchemaPart::kItems : SchemaPart::kValues);
      take(node, pair(writer.items, reader.items));
      return;
    }
    case AvroType::kFixed:
      if (writer.size != reader.size) return fail_to_match(node);
      break;
    default:
      break;
  }
  // "Two schemas that are decimal logical types match if their scales and precisions match." All other logical types
  // are the reader's, on the number or bytes in the file.
  if (writer.logical == LogicalType::kDecimal && reader.logical == LogicalType::kDecimal &&
      (writer.precision != reader.precision || writer.scale != reader.scale)) {
    fail_to_match(node);
  }
}

void Resolution::enumeration(ResolvedNode& node) {
  node.kind = ResolvedKind::kEnum;
  const SchemaNode& writer = writer_->node(node.writer);
  const SchemaNode& reader = reader_nodes_.node(node.reader);
  std::unordered_map<std::string_view, int32_t> index;
  for (size_t i = 0; i < reader.symbols.size(); ++i) index.emplace(reader.symbols[i], static_cast<int32_t>(i));
  const int32_t otherwise = reader.enum_default.has_value() ? index.at(*reader.enum_default) : kNoSymbol;
  node.symbols.reserve(writer.symbols.size());
  for (const std::string& symbol : writer.symbols) {
    const auto found = index.find(symbol);
    node.symbols.push_back(found == index.end() ? otherwise : found->second);
  }
}

// Which of the reader's fields each of the writer's is. By name, or by one of the reader's aliases; ReaderSchema has
// seen to it that no name stands for two of the reader's fields.
bool Resolution::match_fields(ResolvedNode& node, std::vector<uint32_t>& reader_field_of) {
  const std::vector<SchemaField>& theirs = writer_->node(node.writer).fields;
  const std::vector<SchemaField>& ours = reader_nodes_.node(node.reader).fields;
  reader_field_of.assign(theirs.size(), kNoField);
  std::unordered_map<std::string_view, uint32_t> index;  // of the writer's fields; made when first needed
  const auto find = [&](const std::string& name, size_t guess) -> std::optional<uint32_t> {
    if (guess < theirs.size() && theirs[guess].name == name) return static_cast<uint32_t>(guess);
    if (index.empty()) {
      for (size_t i = 0; i < theirs.size(); ++i) index.emplace(theirs[i].name, static_cast<uint32_t>(i));
    }
    const auto found = index.find(name);
    return found == index.end() ? std::nullopt : std::optional(found->second);
  };
  size_t guess = 0;  // fields mostly stand in the same order
  for (uint32_t i = 0; i < ours.size(); ++i) {
    std::optional<uint32_t> match = find(ours[i].name, guess);
    for (const std::string& alias : ours[i].aliases) {
      const std::optional<uint32_t> other = find(alias, guess);
      if (other.has_value() && match.has_value() && *other != *match) {
        const SchemaPath::Step step(path_, ours[i].name);
        fail(node, "the file's fields " + quoted(theirs[*match].name) + " and " + quoted(theirs[*other].name) +
                       " both match this field, by its name and aliases");
        return false;
      }
      if (other.has_value()) match = other;
    }
    if (match.has_value()) {
      reader_field_of[*match] = i;
      guess = *match + 1;
    } else if (reader_->default_of(node.reader, i).has_value()) {
      node.defaults.push_back(i);
    } else {
      const SchemaPath::Step step(path_, ours[i].name);
      fail(node, "the file has no such field, and the field has no default");
      return false;
    }
  }
  return true;
}

void Resolution::record(ResolvedNode& node) {
  node.kind = ResolvedKind::kRecord;
  std::vector<uint32_t> reader_field_of;
  if (!match_fields(node, reader_field_of)) return;
  const std::vector<SchemaField>& theirs = writer_->node(node.writer).fields;
  const std::vector<SchemaField>& ours = reader_nodes_.node(node.reader).fields;
  node.children.reserve(theirs.size());
  for (size_t i = 0; i < theirs.size(); ++i) {
    const uint32_t ours_at = reader_field_of[i];
    if (ours_at == kNoField) {
      node.children.push_back(kNotRead);
      continue;
    }
    const SchemaPath::Step step(path_, ours[ours_at].name);
    if (!take(node, pair(theirs[i].type, ours[ours_at].type))) return;
  }
  node.reader_fields = std::move(reader_field_of);
}

void Resolution::from_union(ResolvedNode& node) {
  node.kind = ResolvedKind::kFromUnion;
  const std::vector<NodeId>& branches = writer_->node(node.writer).branches;
  node.children.reserve(branches.size());
  for (const NodeId branch : branches) node.children.push_back(pair(branch, node.reader));
  const auto fails = [&](ResolvedId id) { return nodes_[id].kind == ResolvedKind::kUnresolvable; };
  if (std::all_of(node.children.begin(), node.children.end(), fails)) {
    if (branches.size() == 1) {
      const ResolvedId only = node.children.front();
      node.children.clear();
      take(node, only);
    } else {
      fail(node, "no branch of the file's union can be read as " + described(reader_nodes_.node(node.reader)));
    }
  }
}

void Resolution::into_union(ResolvedNode& node) {
  node.kind = ResolvedKind::kIntoUnion;
  const SchemaNode& writer = writer_->node(node.writer);
  const std::vector<NodeId>& branches = reader_nodes_.node(node.reader).branches;
  std::optional<int> best;
  for (size_t i = 0; i < branches.size(); ++i) {
    const std::optional<int> rank = branch_rank(writer, reader_nodes_.node(branches[i]));
    if (!rank.has_value() || (best.has_value() && *rank >= *best)) continue;
    best = rank;
    node.branch = static_cast<uint32_t>(i);
  }
  if (!best.has_value()) {
    fail(node, "the file's " + described(writer) + " matches no branch of the reader's union");
    return;
  }
  take(node, pair(node.writer, branches[node.branch]));
}

namespace {

// Leaving out what is inside.
bool is_unchanged_here(const ResolvedNode& node, const Schema& writer, const Schema& reader,
                       const std::vector<ResolvedNode>& nodes) {
  switch (node.kind) {
    case ResolvedKind::kLeaf:
      return writer.node(node.writer).type == reader.node(node.reader).type;
    case ResolvedKind::kEnum:
      for (size_t i = 0; i < node.symbols.size(); ++i) {
        if (node.symbols[i] != static_cast<int32_t>(i)) return false;
      }
      // A number that the writer does not have is an error, whatever the reader has.
      return node.symbols.size() == reader.node(node.reader).symbols.size();
    case ResolvedKind::kRecord:
      for (size_t i = 0; i < node.children.size(); ++i) {
        if (node.children[i] == kNotRead || node.reader_fields[i] != i) return false;
      }
      return node.defaults.empty();
    case ResolvedKind::kItems:
      return true;
    case ResolvedKind::kFromUnion:
      if (reader.node(node.reader).type != AvroType::kUnion) return false;
      if (node.children.size() != reader.node(node.reader).branches.size()) return false;
      for (size_t i = 0; i < node.children.size(); ++i) {
        const ResolvedNode& child = nodes[node.children[i]];
        if (child.kind != ResolvedKind::kIntoUnion || child.branch != i) return false;
      }
      return true;
    case ResolvedKind::kIntoUnion:  // by itself it adds a branch; below kFromUnion its child counts
    case ResolvedKind::kUnresolvable:
      return false;
  }
  return false;
}

}  // namespace

std::vector<bool> Resolution::unchanged() const {
  std::vector<bool> same(nodes_.size());
  for (ResolvedId id = 0; id < nodes_.size(); ++id) {
    same[id] = is_unchanged_here(nodes_[id], *writer_, reader_nodes_, nodes_);
  }
  // What is inside mostly comes after what is around it.
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
