// The implementation of compile(): one walk over a schema, or over a writer's and a reader's schema together. It emits
// operations in the order of the writer's data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/leaf.h"
#include "plan/plan.h"

namespace jetliner {

class Compiler {
 public:
  // plan.schema and plan.columns must be set, and plan.resolution for run_resolved(). `min_bytes` is
  // min_encoded_bytes() of plan.schema.
  Compiler(Plan& plan, std::vector<uint64_t> min_bytes);

  // Emits the body of a row, by plan.schema alone (compile.cc). For `own` see compile().
  void run(const ArrowType* own);
  // The same by plan.resolution (compile_resolved.cc).
  void run_resolved();

 private:
  // In all of these, `target` is the column to fill. nullptr: the value is skipped.

  // Values of plan.schema.
  void value(NodeId id, const ArrowType* target);
  void fields(const SchemaNode& node, const ArrowType* target, const ArrowType* own = nullptr);
  void null_value(const ArrowType* target);
  void record(NodeId id, const SchemaNode& node, const ArrowType* target);
  void union_value(const SchemaNode& node, const ArrowType* target);
  void nullable(NodeId id, const ArrowType* target, uint8_t null_branch);
  void absent_branches(const SchemaNode& node, const ArrowType& target);
  void several(const SchemaNode& node, const ArrowType* target);

  // Values of plan.resolution. `target` is a column of the reader's schema.
  void resolved(ResolvedId id, const ArrowType* target);
  void resolved_leaf(const ResolvedNode& node, const ArrowType* target, int null_branch);
  void resolved_record(ResolvedId id, const ResolvedNode& node, const ArrowType* target);
  void resolved_fields(const ResolvedNode& node, const ArrowType* target);
  void from_union(const ResolvedNode& node, const ArrowType* target);
  bool from_nullable(const ResolvedNode& node, const ArrowType* target);
  void from_several(const ResolvedNode& node, const ArrowType* target);
  void into_union(const ResolvedNode& node, const ArrowType* target);
  void into_branch(const ResolvedNode& node, const ArrowType* target, bool others_are_null);
  bool branches_are_distinct(const ResolvedNode& node) const;
  [[nodiscard]] bool is_null_branch(const ResolvedNode& node) const;
  [[nodiscard]] size_t num_values(const SchemaNode& reader_union) const;
  void default_value(NodeId type, ByteSpan bytes, const ArrowType* target);
  void null_columns(uint32_t first, uint32_t last);
  void fail(const std::string& reason);
  bool is_unchanged(ResolvedId id);

  // `null_branch`: the index of the null branch, -1 for values that are not nullable.
  void leaf(const Leaf& usual, const ArrowType* target, int null_branch);
  // The operation by the column's TypeOptions.
  Leaf as_wanted(Leaf what, const ArrowType* target);
  // Makes one operation of `op` and the one before it. False where that is not possible.
  bool fuse(const Op& op);

  // Emits a kNullable, and its body by body().
  template <typename Body>
  void nullable_body(const ArrowType* target, uint8_t null_branch, Body body);
  // Emits a kUnion, and each branch by body(i). That returns its entry of the UnionTable, without the start of its
  // body.
  template <typename Body>
  void union_bodies(UnionTable table, size_t num_branches, Body body);
  // Emits an array or map of plan.schema, and its items by body(target of the items).
  template <typename Body>
  void list(const SchemaNode& node, const ArrowType* target, Body body);

  // The columns at and below `target` are [target.column, subtree_end).
  static uint32_t subtree_end(const ArrowType& target);
  // Appends an operation, and a kCheck before it where the run of scalars would be too long. Returns its index.
  size_t emit(const Op& op, uint32_t run_bytes = 0);
  size_t append(const Op& op);
  [[nodiscard]] std::string shown_path() const;
  // Adds a field to path_. The caller restores the length of path_ when it leaves the field.
  void enter(std::string_view name);

  // The index of the next operation, to which something jumps. It is not fused with the one before.
  uint32_t label() {
    label_ = plan_.ops.size();
    return static_cast<uint32_t>(label_);
  }

  Plan& plan_;
  const Schema& schema_;
  std::vector<uint64_t> min_bytes_;
  std::vector<NodeId> enclosing_;  // recursive records around the present node
  std::string path_;
  uint32_t run_bytes_ = 0;  // most bytes that scalars took since the last bounds check
  size_t label_ = 0;        // the last operation to which something jumps

  const Resolution* resolution_ = nullptr;
  std::vector<NodeId> enclosing_readers_;   // recursive records of the reader's schema around the present node
  std::vector<uint64_t> reader_min_bytes_;  // when first needed
  std::vector<bool> unchanged_;             // when first needed
};

template <typename Body>
void Compiler::nullable_body(const ArrowType* target, uint8_t null_branch, Body body) {
  Op op{.code = OpCode::kNullable, .null_branch = null_branch};
  if (target != nullptr) {
    op.column = target->column;
    op.a = subtree_end(*target);
  }
  const size_t at = emit(op, kVarintRunBytes);
  const uint32_t when_null = run_bytes_;
  body();
  run_bytes_ = std::max(run_bytes_, when_null);
  plan_.ops[at].jump = label();
}

template <typename Body>
void Compiler::union_bodies(UnionTable table, size_t num_branches, Body body) {
  const auto index = static_cast<uint32_t>(plan_.unions.size());
  plan_.unions.emplace_back();
  const size_t at = emit({.code = OpCode::kUnion, .column = table.first_column, .a = index}, kVarintRunBytes);
  const uint32_t at_start = run_bytes_;
  uint32_t longest = at_start;
  std::vector<size_t> jumps;
  for (size_t i = 0; i < num_branches; ++i) {
    const uint32_t start = label();
    run_bytes_ = at_start;
    UnionTable::Branch branch = body(i);
    branch.body = start;
    longest = std::max(longest, run_bytes_);
    jumps.push_back(emit({.code = OpCode::kJump}));
    table.branches.push_back(branch);
  }
  run_bytes_ = longest;
  const uint32_t after = label();
  for (const size_t jump : jumps) plan_.ops[jump].jump = after;
  plan_.ops[at].jump = after;
  plan_.unions[index] = std::move(table);
}

template <typename Body>
void Compiler::list(const SchemaNode& node, const ArrowType* target, Body body) {
  const bool is_map = node.type == AvroType::kMap;
  const uint64_t item_bytes = min_bytes_[node.items] + (is_map ? 1 : 0);
  Op op{.code = target == nullptr ? OpCode::kSkipList
                : is_map          ? OpCode::kMap
                                  : OpCode::kList,
        .column = target == nullptr ? 0 : target->column,
        .a = target == nullptr ? 0 : target->item_scope,
        .b = static_cast<uint32_t>(std::min<uint64_t>(item_bytes, UINT32_MAX))};
  const size_t at = emit(op);
  run_bytes_ = 0;
  label();
  const size_t length = path_.size();
  const ArrowType* item = target == nullptr ? nullptr : &target->children.front();
  if (is_map) {
    const ArrowType* key = item == nullptr ? nullptr : item->child(kMapKey);
    path_ += "{key}";
    static const SchemaNode kKey{.type = AvroType::kString};
    leaf(key == nullptr ? skip_leaf(kKey) : read_leaf(kKey), key, -1);
    path_.resize(length);
    path_ += "{}";
    item = item == nullptr ? nullptr : item->child(kMapValue);
  } else {
    path_ += "[]";
  }
  body(item);
  path_.resize(length);
  emit({.code = target == nullptr ? OpCode::kEndSkippedItem : OpCode::kEndItem});
  plan_.ops[at].jump = label();
  run_bytes_ = 0;  // lists have bounds checks
  if (target != nullptr && target->kind() == ArrowKind::kMap) {
    const uint32_t key_column = target->children.front().child(kMapKey)->column;
    emit({.code = OpCode::kUniqueKeys, .column = target->column, .a = key_column});
  }
}

}  // namespace jetliner
