#include "resolution/resolve.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "jetliner/error.h"
#include "resolution/match.h"
#include "schema/names.h"

namespace jetliner {
namespace {

// Most pairs on the way from the root. Where two recursive schemas repeat with different periods, there are more pairs
// than either schema has levels.
constexpr int kMaxPairDepth = 1024;
constexpr size_t kMaxPairs = kMaxExpandedNodes;
// A record at top level that matches without its name: after every branch_rank() that goes by names.
constexpr int kTopLevelRank = 3;
constexpr uint32_t kNoField = std::numeric_limits<uint32_t>::max();

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
                "schema mismatch with the reader schema: " + root.reason, std::move(place));
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
  nodes_.push_back(node);  // a recursive type finds it, and takes it for resolvable
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
                 described(reader_nodes_.node(node.reader)) + alias_hint_of(node.writer, node.reader));
}

// A record at top level may have another name in the reader's schema, as in Avro's Java library: there is nothing else
// that it could stand for. So may references to it within itself.
bool Resolution::are_top_level_records(NodeId writer, NodeId reader) const {
  return writer == writer_->root() && reader == reader_nodes_.root() &&
         writer_->node(writer).type == AvroType::kRecord && reader_nodes_.node(reader).type == AvroType::kRecord;
}

// If the reader's type is a union: for its first branch that only has another name.
std::string Resolution::alias_hint_of(NodeId writer, NodeId reader) const {
  const SchemaNode& type = reader_nodes_.node(reader);
  if (type.type != AvroType::kUnion) return alias_hint(writer_->node(writer), type);
  std::string hint;
  for (size_t i = 0; i < type.branches.size() && hint.empty(); ++i) {
    hint = alias_hint(writer_->node(writer), reader_nodes_.node(type.branches[i]));
  }
  return hint;
}

// Adds a child that the node cannot do without. False, and the node fails, where it is unresolvable.
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
  if (is_named(writer.type) && !name_rank(writer, reader).has_value() &&
      !are_top_level_records(node.writer, node.reader)) {
    return fail_to_match(node);
  }
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

// Finds the reader's field for each of the writer's, by name or by one of the reader's aliases. ReaderSchema has
// checked that no name stands for two of the reader's fields. False where the node failed.
bool Resolution::match_fields(ResolvedNode& node, std::vector<uint32_t>& reader_field_of) {
  const std::vector<SchemaField>& theirs = writer_->node(node.writer).fields;
  const std::vector<SchemaField>& ours = reader_nodes_.node(node.reader).fields;
  reader_field_of.assign(theirs.size(), kNoField);
  std::unordered_map<std::string_view, uint32_t> index;  // of the writer's fields by name; made when first needed
  const auto find = [&](const std::string& name, size_t guess) -> std::optional<uint32_t> {
    if (guess < theirs.size() && theirs[guess].name == name) return static_cast<uint32_t>(guess);
    if (index.empty()) {
      for (size_t i = 0; i < theirs.size(); ++i) index.emplace(theirs[i].name, static_cast<uint32_t>(i));
    }
    const auto found = index.find(name);
    return found == index.end() ? std::nullopt : std::optional(found->second);
  };
  size_t guess = 0;  // most schemas have their fields in the same order
  for (uint32_t i = 0; i < ours.size(); ++i) {
    std::optional<uint32_t> match = find(ours[i].name, guess);
    for (const std::string& alias : ours[i].aliases) {
      const std::optional<uint32_t> other = find(alias, guess);
      if (other.has_value() && match.has_value() && *other != *match) {
        const SchemaPath::Step step(path_, ours[i].name);
        fail(node, "the file's fields " + in_quotes(theirs[*match].name) + " and " + in_quotes(theirs[*other].name) +
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
      std::string hint;
      for (size_t i = 0; i < branches.size() && hint.empty(); ++i) hint = alias_hint_of(branches[i], node.reader);
      fail(node, "no branch of the file's union can be read as " + described(reader_nodes_.node(node.reader)) + hint);
    }
  }
}

void Resolution::into_union(ResolvedNode& node) {
  node.kind = ResolvedKind::kIntoUnion;
  const SchemaNode& writer = writer_->node(node.writer);
  const std::vector<NodeId>& branches = reader_nodes_.node(node.reader).branches;
  std::optional<int> best;
  for (size_t i = 0; i < branches.size(); ++i) {
    std::optional<int> rank = branch_rank(writer, reader_nodes_.node(branches[i]));
    if (!rank.has_value() && are_top_level_records(node.writer, branches[i])) rank = kTopLevelRank;
    if (!rank.has_value() || (best.has_value() && *rank >= *best)) continue;
    best = rank;
    node.branch = static_cast<uint32_t>(i);
  }
  if (!best.has_value()) {
    fail(node, "the file's " + described(writer) + " matches no branch of the reader's union" +
                   alias_hint_of(node.writer, node.reader));
    return;
  }
  take(node, pair(node.writer, branches[node.branch]));
}

}  // namespace jetliner
