#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/utf8.h"
#include "plan/compiler.h"
#include "types/merged_columns.h"

namespace jetliner {

Compiler::Compiler(Plan& plan, std::vector<uint64_t> min_bytes)
    : plan_(plan), schema_(*plan.schema), min_bytes_(std::move(min_bytes)), resolution_(plan.resolution.get()) {}

void Compiler::run(const ArrowType* own) {
  if (plan_.notes_row_starts) emit({.code = OpCode::kRowStart});
  const SchemaNode& root = schema_.node(schema_.root());
  if (root.type == AvroType::kRecord) {
    if (root.recursive) enclosing_.push_back(schema_.root());
    fields(root, plan_.columns.get(), own);
  } else {
    // Compiled as a record with one field.
    const SchemaNode row{.type = AvroType::kRecord, .fields = {{.name = kRootColumn, .type = schema_.root()}}};
    fields(row, plan_.columns.get(), own);
  }
  path_.clear();
  emit({.code = OpCode::kEnd});
  plan_.min_row_bytes = min_bytes_[schema_.root()];
}

void Compiler::value(NodeId id, const ArrowType* target) {
  const SchemaNode& node = schema_.node(id);
  switch (node.type) {
    case AvroType::kNull:
      null_value(target);
      return;
    case AvroType::kUnion:
      union_value(node, target);
      return;
    case AvroType::kRecord:
      record(id, node, target);
      return;
    case AvroType::kArray:
    case AvroType::kMap:
      list(node, target, [&](const ArrowType* item) { value(node.items, item); });
      return;
    default:
      leaf(target == nullptr ? skip_leaf(node) : read_leaf_into(node, *target), target, -1);
      return;
  }
}

void Compiler::fields(const SchemaNode& node, const ArrowType* target, const ArrowType* own) {
  const FieldIndex wanted = own == nullptr ? FieldIndex(target) : accepting_columns(*target, *own);
  const size_t length = path_.size();
  std::unordered_set<const ArrowType*> filled;
  for (const SchemaField& field : node.fields) {
    const ArrowType* column = wanted.find(field.name);
    if (column != nullptr) filled.insert(column);
    enter(field.name);
    value(field.type, column);
    path_.resize(length);
  }
  if (target == nullptr || filled.size() == target->children.size()) return;
  // This one of several files lacks the other columns.
  for (const ArrowType& column : target->children) {
    if (filled.contains(&column)) continue;
    enter(column.name);
    null_value(&column);
    path_.resize(length);
  }
}

// Reads nothing. A column of type null has no buffers to write to.
void Compiler::null_value(const ArrowType* target) {
  if (target != nullptr && target->layout() != Layout::kNull) null_columns(target->column, subtree_end(*target));
}

void Compiler::record(NodeId id, const SchemaNode& node, const ArrowType* target) {
  const bool within_itself = std::find(enclosing_.begin(), enclosing_.end(), id) != enclosing_.end();
  if (within_itself) {
    emit({.code = target == nullptr ? OpCode::kSkipNode : OpCode::kJson,
          .nulls_invalid = target != nullptr && target->nulls_invalid,
          .column = target == nullptr ? 0 : target->column,
          .a = id,
          .b = target != nullptr && target->replaces_utf8 ? kReplaceUtf8 : 0});
    return;
  }
  if (node.recursive) enclosing_.push_back(id);
  fields(node, target);
  if (node.recursive) enclosing_.pop_back();
}

void Compiler::union_value(const SchemaNode& node, const ArrowType* target) {
  size_t values = 0;
  size_t value_branch = 0;
  for (size_t i = 0; i < node.branches.size(); ++i) {
    if (schema_.node(node.branches[i]).type == AvroType::kNull) continue;
    ++values;
    value_branch = i;
  }
  if (node.branches.size() == 2 && values == 1) {
    nullable(node.branches[value_branch], target, static_cast<uint8_t>(1 - value_branch));
  } else if (node.branches.size() <= 1) {
    emit({.code = OpCode::kBranch, .a = static_cast<uint32_t>(node.branches.size())}, kVarintRunBytes);
    if (values == 1) {
      value(node.branches.front(), target);
    } else {
      null_value(target);
    }
  } else if (values == 0) {  // ["null", "null"]
    union_bodies({}, node.branches.size(), [&](size_t) {
      null_value(target);
      return UnionTable::Branch();
    });
  } else {
    several(node, target);
  }
}

void Compiler::nullable(NodeId id, const ArrowType* target, uint8_t null_branch) {
  const SchemaNode& node = schema_.node(id);
  if (skip_leaf(node).code != OpCode::kEnd) {
    leaf(target == nullptr ? skip_leaf(node) : read_leaf_into(node, *target), target, null_branch);
    return;
  }
  nullable_body(target, null_branch, [&] { value(id, target); });
}

// Branches that only the unions of other files have (merge_columns): kUnion does not know their columns.
void Compiler::absent_branches(const SchemaNode& node, const ArrowType& target) {
  for (const ArrowType& field : target.children) {
    const bool is_present = std::any_of(node.branches.begin(), node.branches.end(),
                                        [&](NodeId id) { return branch_name(schema_.node(id)) == field.name; });
    if (!is_present) null_value(&field);
  }
}

void Compiler::several(const SchemaNode& node, const ArrowType* target) {
  UnionTable table;
  if (target != nullptr) {
    table.first_column = target->column;
    table.last_column = subtree_end(*target);
    absent_branches(node, *target);
  }
  union_bodies(std::move(table), node.branches.size(), [&](size_t i) {
    const SchemaNode& branch_node = schema_.node(node.branches[i]);
    UnionTable::Branch branch;
    branch.is_null = branch_node.type == AvroType::kNull;
    const size_t length = path_.size();
    const ArrowType* field = target == nullptr ? nullptr : target->child(branch_name(branch_node));
    path_ += '(';
    path_ += branch_name(branch_node);
    path_ += ')';
    if (field != nullptr) {
      branch.first_column = field->column;
      branch.last_column = subtree_end(*field);
    }
    value(node.branches[i], field);
    path_.resize(length);
    return branch;
  });
}

Leaf Compiler::as_wanted(Leaf what, const ArrowType* target) {
  if (target == nullptr) return what;
  if (what.code == OpCode::kString && target->replaces_utf8) what.code = OpCode::kReplacedString;
  if (target->layout() == Layout::kSymbolView) {
    const uint8_t* const views = target->symbols->views.views();
    const auto first = static_cast<uint32_t>(plan_.symbol_views.size());
    for (uint32_t i = 0; i < what.a; ++i) {
      const int32_t symbol = what.code == OpCode::kEnumMap ? plan_.symbols[what.b + i] : static_cast<int32_t>(i);
      SymbolView& view = plan_.symbol_views.emplace_back();
      view.fill(0xff);
      if (symbol != kNoSymbol)
        std::copy_n(views + static_cast<size_t>(symbol) * view.size(), view.size(), view.begin());
    }
    what.code = OpCode::kEnumText;
    what.b = first;
  }
  return what;
}

void Compiler::leaf(const Leaf& usual, const ArrowType* target, int null_branch) {
  const Leaf what = as_wanted(usual, target);
  Op op{.code = what.code,
        .nulls_invalid = target != nullptr && target->nulls_invalid,
        .column = target == nullptr ? 0 : target->column,
        .a = what.a,
        .b = what.b};
  if (null_branch >= 0) {
    op.code = nullable_twin(what.code);
    op.null_branch = static_cast<uint8_t>(null_branch);
  } else if (fuse(op)) {
    return;
  }
  emit(op, what.run_bytes + (null_branch >= 0 ? kVarintRunBytes : 0));
  // It has checked the bounds, unless it is nullable: null may have been read instead.
  if (what.run_bytes == 0 && null_branch < 0) run_bytes_ = 0;
}

namespace {

bool is_skip(OpCode code) { return code >= OpCode::kSkipVarints && code <= OpCode::kNullableSkipBytes; }

}  // namespace

// Two skips of the same kind become one. A skip of fixed bytes becomes part of any skip before it.
bool Compiler::fuse(const Op& op) {
  if (op.code != OpCode::kSkipFixed && op.code != OpCode::kSkipVarints) return false;
  if (plan_.ops.size() <= label_) return false;
  Op& last = plan_.ops.back();
  uint32_t* amount = nullptr;
  if (last.code == op.code && last.b == 0) {
    amount = &last.a;
  } else if (op.code == OpCode::kSkipFixed && is_skip(last.code)) {
    amount = &last.b;
  }
  if (amount == nullptr || *amount > UINT32_MAX - op.a) return false;
  *amount += op.a;
  return true;
}

uint32_t Compiler::subtree_end(const ArrowType& target) {
  const ArrowType* last = &target;
  while (!last->children.empty()) last = &last->children.back();
  return last->column + 1;
}

size_t Compiler::emit(const Op& op, uint32_t run_bytes) {
  if (run_bytes_ + run_bytes > kMaxRunBytes) {
    append({.code = OpCode::kCheck});
    run_bytes_ = 0;
  }
  run_bytes_ += run_bytes;
  return append(op);
}

size_t Compiler::append(const Op& op) {
  plan_.ops.push_back(op);
  plan_.paths.push_back(shown_path());
  return plan_.ops.size() - 1;
}

// Names may be long, and each operation has its path, so paths are cut.
std::string Compiler::shown_path() const {
  constexpr size_t kMaxPathBytes = 240;
  if (path_.size() <= kMaxPathBytes) return path_;
  return path_.substr(0, valid_utf8_prefix(as_bytes(path_).data(), kMaxPathBytes)) + "...";
}

void Compiler::enter(std::string_view name) {
  if (!path_.empty()) path_ += '.';
  path_ += name;
}

std::shared_ptr<const Plan> compile(std::shared_ptr<const Schema> schema, std::shared_ptr<const ArrowType> columns,
                                    const ArrowType* own, RowStarts row_starts) {
  auto plan = std::make_shared<Plan>();
  plan->notes_row_starts = row_starts == RowStarts::kNoted;
  plan->schema = std::move(schema);
  plan->columns = std::move(columns);
  Compiler(*plan, min_encoded_bytes(*plan->schema)).run(own);
  return plan;
}

}  // namespace jetliner
