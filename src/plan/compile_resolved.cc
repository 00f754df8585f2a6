// Schema resolution (Avro 1.12): the walk of compile.cc, over pairs of a writer's and a reader's type. Operations are
// in the order of the writer's data and fill columns of the reader's schema. Fields that the reader's schema lacks are
// skipped as in compile.cc.
#include <algorithm>
#include <memory>
#include <utility>

#include "jetliner/error.h"
#include "plan/compiler.h"

namespace jetliner {
namespace {

// Most operations of a plan. Pairs of recursive records may be unfolded many times, and each branch of a writer's union
// is compiled with the whole reader's type.
constexpr size_t kMaxResolvedOps = 1 << 20;

}  // namespace

void Compiler::run_resolved() {
  if (plan_.notes_row_starts) emit({.code = OpCode::kRowStart});
  const ResolvedNode& root = resolution_->node(resolution_->root());
  if (resolution_->reader().schema().node(root.reader).type == AvroType::kRecord) {
    resolved(resolution_->root(), plan_.columns.get());
  } else {
    path_ = kRootColumn;
    resolved(resolution_->root(), plan_.columns->child(kRootColumn));
  }
  path_.clear();
  emit({.code = OpCode::kEnd});
  plan_.min_row_bytes = min_bytes_[root.writer];
}

void Compiler::resolved(ResolvedId id, const ArrowType* target) {
  if (plan_.ops.size() > kMaxResolvedOps) {
    throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType,
                "the file's schema and the reader schema together unfold to more than " +
                    std::to_string(kMaxResolvedOps) + " steps");
  }
  const ResolvedNode& node = resolution_->node(id);
  if (target == nullptr) {
    value(node.writer, nullptr);
    return;
  }
  switch (node.kind) {
    case ResolvedKind::kLeaf:
    case ResolvedKind::kEnum:
      resolved_leaf(node, target, -1);
      return;
    case ResolvedKind::kRecord:
      resolved_record(id, node, target);
      return;
    case ResolvedKind::kItems:
      list(schema_.node(node.writer), target, [&](const ArrowType* item) { resolved(node.children[0], item); });
      return;
    case ResolvedKind::kFromUnion:
      from_union(node, target);
      return;
    case ResolvedKind::kIntoUnion:
      into_union(node, target);
      return;
    case ResolvedKind::kUnresolvable:
      fail(node.reason);
      return;
  }
}

void Compiler::resolved_leaf(const ResolvedNode& node, const ArrowType* target, int null_branch) {
  const SchemaNode& writer = schema_.node(node.writer);
  if (writer.type == AvroType::kNull) return;
  if (node.kind == ResolvedKind::kLeaf) {
    leaf(read_promoted_leaf(writer, resolution_->reader().schema().node(node.reader)), target, null_branch);
    return;
  }
  Leaf what = read_leaf(writer);  // no table is needed if the reader's first symbols are the writer's
  for (size_t i = 0; i < node.symbols.size(); ++i) {
    if (node.symbols[i] == static_cast<int32_t>(i)) continue;
    what.code = OpCode::kEnumMap;
    what.b = static_cast<uint32_t>(plan_.symbols.size());
    plan_.symbols.insert(plan_.symbols.end(), node.symbols.begin(), node.symbols.end());
    break;
  }
  leaf(what, target, null_branch);
}

void Compiler::resolved_record(ResolvedId id, const ResolvedNode& node, const ArrowType* target) {
  if (target->layout() == Layout::kStringView) {  // a record within itself: JSON text
    const uint32_t how = target->replaces_utf8 ? kReplaceUtf8 : 0;
    // Even where the bytes are the same, the names in the text are the reader's.
    if (is_unchanged(id)) {
      emit({.code = OpCode::kJson,
            .nulls_invalid = target->nulls_invalid,
            .column = target->column,
            .a = node.reader,
            .b = kReaderSchema | how});
    } else {
      emit({.code = OpCode::kResolvedJson,
            .nulls_invalid = target->nulls_invalid,
            .column = target->column,
            .a = id,
            .b = how});
    }
    return;
  }
  const bool writer_recursive = schema_.node(node.writer).recursive;
  const bool reader_recursive = resolution_->reader().schema().node(node.reader).recursive;
  if (writer_recursive) enclosing_.push_back(node.writer);
  if (reader_recursive) enclosing_readers_.push_back(node.reader);
  resolved_fields(node, target);
  if (writer_recursive) enclosing_.pop_back();
  if (reader_recursive) enclosing_readers_.pop_back();
}

void Compiler::resolved_fields(const ResolvedNode& node, const ArrowType* target) {
  const std::vector<SchemaField>& ours = resolution_->reader().schema().node(node.reader).fields;
  const std::vector<SchemaField>& theirs = schema_.node(node.writer).fields;
  const FieldIndex columns(target);
  std::vector<const ArrowType*> wanted;
  wanted.reserve(ours.size());
  for (const SchemaField& field : ours) wanted.push_back(columns.find(field.name));
  const size_t length = path_.size();
  for (size_t i = 0; i < theirs.size(); ++i) {
    if (node.children[i] == kNotRead) {
      enter(theirs[i].name);
      value(theirs[i].type, nullptr);
    } else {
      enter(ours[node.reader_fields[i]].name);
      resolved(node.children[i], wanted[node.reader_fields[i]]);
    }
    path_.resize(length);
  }
  for (const uint32_t i : node.defaults) {
    if (wanted[i] == nullptr) continue;
    enter(ours[i].name);
    default_value(ours[i].type, *resolution_->reader().default_of(node.reader, i), wanted[i]);
    path_.resize(length);
  }
}

void Compiler::from_union(const ResolvedNode& node, const ArrowType* target) {
  if (node.children.size() == 1) {
    emit({.code = OpCode::kBranch, .a = 1}, kVarintRunBytes);
    resolved(node.children.front(), target);
  } else if (!from_nullable(node, target)) {
    from_several(node, target);
  }
}

// Both are a union of null and one other type. False where they are not.
bool Compiler::from_nullable(const ResolvedNode& node, const ArrowType* target) {
  const SchemaNode& reader = resolution_->reader().schema().node(node.reader);
  if (node.children.size() != 2 || reader.type != AvroType::kUnion || num_values(reader) != 1) return false;
  const bool second_is_null = is_null_branch(resolution_->node(node.children[1]));
  const ResolvedNode& present = resolution_->node(node.children[second_is_null ? 0 : 1]);
  const ResolvedNode& absent = resolution_->node(node.children[second_is_null ? 1 : 0]);
  if (!is_null_branch(absent) || is_null_branch(present) || present.kind != ResolvedKind::kIntoUnion) return false;
  const auto null_branch = static_cast<uint8_t>(second_is_null ? 1 : 0);
  const ResolvedNode& inner = resolution_->node(present.children.front());
  if (inner.kind == ResolvedKind::kLeaf || inner.kind == ResolvedKind::kEnum) {
    resolved_leaf(inner, target, null_branch);
  } else {
    nullable_body(target, null_branch, [&] { resolved(present.children.front(), target); });
  }
  return true;
}

void Compiler::from_several(const ResolvedNode& node, const ArrowType* target) {
  const bool distinct = branches_are_distinct(node);
  UnionTable table;
  if (distinct) {
    table.first_column = target->column;
    table.last_column = subtree_end(*target);
  }
  union_bodies(std::move(table), node.children.size(), [&](size_t i) {
    UnionTable::Branch branch;
    if (!distinct) {
      resolved(node.children[i], target);
      return branch;
    }
    const ResolvedNode& child = resolution_->node(node.children[i]);
    const Schema& reader = resolution_->reader().schema();
    const SchemaNode& reader_branch = reader.node(reader.node(child.reader).branches[child.branch]);
    branch.is_null = reader_branch.type == AvroType::kNull;
    if (const ArrowType* field = target->child(branch_name(reader_branch))) {
      branch.first_column = field->column;
      branch.last_column = subtree_end(*field);
    }
    into_branch(child, target, false);
    return branch;
  });
}

// True if each of the writer's branches has a branch of the reader's union for itself, and no branch with a value is
// left over. Then kUnion writes the nulls of the other branches.
bool Compiler::branches_are_distinct(const ResolvedNode& node) const {
  const SchemaNode& reader = resolution_->reader().schema().node(node.reader);
  if (reader.type != AvroType::kUnion || num_values(reader) < 2) return false;
  std::vector<bool> taken(reader.branches.size());
  size_t values = 0;
  for (const ResolvedId id : node.children) {
    const ResolvedNode& child = resolution_->node(id);
    if (child.kind != ResolvedKind::kIntoUnion || taken[child.branch]) return false;
    taken[child.branch] = true;
    if (!is_null_branch(child)) ++values;
  }
  return values == num_values(reader);
}

void Compiler::into_union(const ResolvedNode& node, const ArrowType* target) {
  const SchemaNode& reader = resolution_->reader().schema().node(node.reader);
  if (is_null_branch(node)) {
    if (target->layout() != Layout::kNull) null_columns(target->column, subtree_end(*target));
  } else if (num_values(reader) == 1) {
    resolved(node.children.front(), target);
  } else {
    into_branch(node, target, true);
  }
}

// Reads into one field of the struct of a union.
void Compiler::into_branch(const ResolvedNode& node, const ArrowType* target, bool others_are_null) {
  const Schema& reader = resolution_->reader().schema();
  const SchemaNode& branch = reader.node(reader.node(node.reader).branches[node.branch]);
  const size_t length = path_.size();
  const ArrowType* field = target->child(branch_name(branch));
  path_ += '(';
  path_ += branch_name(branch);
  path_ += ')';
  if (others_are_null) {
    const uint32_t end = subtree_end(*target);
    null_columns(target->column + 1, field == nullptr ? end : field->column);
    if (field != nullptr) null_columns(subtree_end(*field), end);
  }
  resolved(node.children.front(), field);
  path_.resize(length);
}

bool Compiler::is_null_branch(const ResolvedNode& node) const {
  return node.kind == ResolvedKind::kIntoUnion && schema_.node(node.writer).type == AvroType::kNull;
}

size_t Compiler::num_values(const SchemaNode& reader_union) const {
  return static_cast<size_t>(std::count_if(
      reader_union.branches.begin(), reader_union.branches.end(),
      [&](NodeId branch) { return resolution_->reader().schema().node(branch).type != AvroType::kNull; }));
}

// A default has a plan of its own: by the reader's type alone, for the bytes of its encoding.
void Compiler::default_value(NodeId type, ByteSpan bytes, const ArrowType* target) {
  const Schema& reader = resolution_->reader().schema();
  const SchemaNode& node = reader.node(type);
  const bool is_branch = node.type == AvroType::kUnion;
  // Null has no data, so its encoding is only the branch number: one byte if that is below 64. Larger ones go on below.
  if (is_branch && bytes.size() == 1 && reader.node(node.branches[bytes[0] >> 1]).type == AvroType::kNull) {
    null_columns(target->column, subtree_end(*target));
    return;
  }
  emit({.code = OpCode::kDefault, .a = static_cast<uint32_t>(plan_.defaults.size())});
  const auto body = std::make_shared<Plan>();
  body->schema = {resolution_->shared_reader(), &reader};
  body->columns = plan_.columns;
  if (reader_min_bytes_.empty()) reader_min_bytes_ = min_encoded_bytes(reader);
  Compiler compiler(*body, std::move(reader_min_bytes_));
  compiler.path_ = path_;
  compiler.enclosing_ = enclosing_readers_;
  compiler.value(type, target);
  compiler.emit({.code = OpCode::kEnd});
  reader_min_bytes_ = std::move(compiler.min_bytes_);
  plan_.defaults.push_back({.bytes = bytes, .plan = body});
}

void Compiler::null_columns(uint32_t first, uint32_t last) {
  if (first < last) emit({.code = OpCode::kNull, .column = first, .a = last});
}

void Compiler::fail(const std::string& reason) {
  emit({.code = OpCode::kFail, .a = static_cast<uint32_t>(plan_.reasons.size())});
  plan_.reasons.push_back(reason);
}

bool Compiler::is_unchanged(ResolvedId id) {
  if (unchanged_.empty()) unchanged_ = resolution_->unchanged();
  return unchanged_[id];
}

std::shared_ptr<const Plan> compile(std::shared_ptr<const Schema> schema, std::shared_ptr<const ReaderSchema> reader,
                                    std::shared_ptr<const ArrowType> columns, RowStarts row_starts) {
  auto plan = std::make_shared<Plan>();
  plan->notes_row_starts = row_starts == RowStarts::kNoted;
  plan->schema = schema;
  plan->columns = std::move(columns);
  plan->resolution = std::make_shared<const Resolution>(std::move(schema), std::move(reader));
  Compiler(*plan, min_encoded_bytes(*plan->schema)).run_resolved();
  return plan;
}

}  // namespace jetliner
