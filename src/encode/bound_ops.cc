#include "encode/bound_ops.h"

#include <cstring>

namespace jetliner {
namespace {

ShortLong short_long(int32_t branch) {
  ShortLong result;
  if (branch == kNoBranch) return result;
  std::array<uint8_t, kMostScalarBytes> bytes{};
  result.size = static_cast<uint8_t>(put_long(bytes.data(), branch) - bytes.data());
  std::memcpy(result.bytes.data(), bytes.data(), result.bytes.size());
  return result;
}

// Bytes between two values of a column; 0 for bits, and where offsets lead to the values.
size_t value_bytes(const InputType& type) {
  switch (type.kind) {
    case InputKind::kInt8:
    case InputKind::kUInt8:
      return 1;
    case InputKind::kInt16:
    case InputKind::kUInt16:
    case InputKind::kFloat16:
      return 2;
    case InputKind::kInt32:
    case InputKind::kUInt32:
    case InputKind::kFloat32:
    case InputKind::kDate32:
    case InputKind::kTime32:
      return 4;
    case InputKind::kInt64:
    case InputKind::kUInt64:
    case InputKind::kFloat64:
    case InputKind::kDate64:
    case InputKind::kTime64:
    case InputKind::kTimestamp:
    case InputKind::kDuration:
      return 8;
    case InputKind::kText:
    case InputKind::kBinary:
      return type.extent == Extent::kViews ? kViewBytes : 0;
    default:
      return 0;
  }
}

size_t num_ops(const std::vector<EncodeOp>& ops) {
  size_t count = ops.size();
  for (const EncodeOp& op : ops) count += num_ops(op.below);
  return count;
}

const uint8_t* moved(const void* begin, size_t bytes) {
  return begin == nullptr ? nullptr : static_cast<const uint8_t*>(begin) + bytes;
}

BoundOp bound(const EncodeOp& op, const InputColumn& column) {
  BoundOp result;
  result.code = op.code;
  result.branch = short_long(op.value_branch);
  result.null = short_long(op.null_branch);
  result.validity = column.validity;
  result.offset = column.offset;
  result.heaps = column.heaps;
  result.op = &op;
  result.column = &column;
  result.values = moved(column.values, 0);
  result.offsets = moved(column.offsets, 0);
  if (op.type != nullptr) {
    result.extent = op.type->extent;
    result.values = moved(column.values, value_bytes(*op.type) * column.offset);
    const size_t offset_bytes = result.extent == Extent::kOffsets64 ? sizeof(int64_t) : sizeof(int32_t);
    result.offsets = moved(column.offsets, offset_bytes * column.offset);
  }
  return result;
}

ShortLong joined(const ShortLong& a, const ShortLong& b) {
  ShortLong result = a;
  for (size_t i = 0; i < b.size; ++i) result.bytes[result.size++] = b.bytes[i];
  return result;
}

// A record that is never null.
bool is_always_set(const BoundOp& op) { return op.code == EncodeCode::kRecord && op.validity == nullptr; }

// Has an operation write `bytes` first, whether its value is null or not. Returns false where it cannot.
bool prepend(const ShortLong& bytes, BoundOp& op) {
  if (op.code == EncodeCode::kNull || op.code == EncodeCode::kUnion) return false;  // write `null` behind `branch`
  const size_t room = op.branch.bytes.size() - bytes.size;
  if (op.branch.size > room || op.null.size > room) return false;
  op.branch = joined(bytes, op.branch);
  if (op.null.size > 0) op.null = joined(bytes, op.null);
  return true;
}

}  // namespace

void BoundPlan::bind(const EncodePlan& plan, const InputBatch& batch) {
  columns_ = batch.columns().data();
  ops_.clear();
  ops_.reserve(num_ops(plan.ops));  // pointers to operations stay valid
  rows_ = add(plan.ops, /*flatten=*/true);
}

BoundOps BoundPlan::add(const std::vector<EncodeOp>& ops, bool flatten) {
  const size_t begin = ops_.size();
  add_siblings(ops, flatten);
  if (flatten) join_branches(begin);
  const size_t end = ops_.size();
  for (size_t i = begin; i < end; ++i) {
    ops_[i].room = kOpRoom * (end - i);
    if (flatten && is_always_set(ops_[i])) continue;
    // A union runs one of the operations below it.
    ops_[i].below = add(ops_[i].op->below, ops_[i].code != EncodeCode::kUnion);
  }
  return {ops_.data() + begin, ops_.data() + end};
}

void BoundPlan::join_branches(size_t begin) {
  size_t end = begin;
  for (size_t i = begin; i < ops_.size(); ++i) {
    BoundOp op = ops_[i];
    while (end > begin && is_always_set(ops_[end - 1]) && prepend(ops_[end - 1].branch, op)) --end;
    ops_[end++] = op;
  }
  ops_.resize(end);
}

void BoundPlan::add_siblings(const std::vector<EncodeOp>& ops, bool flatten) {
  for (const EncodeOp& op : ops) {
    const BoundOp one = bound(op, columns_[op.column]);
    const bool is_flat = flatten && is_always_set(one);
    if (!is_flat || one.branch.size > 0) ops_.push_back(one);
    if (is_flat) add_siblings(op.below, flatten);
  }
}

}  // namespace jetliner
