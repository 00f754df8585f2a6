#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "plan/plan.h"

namespace jetliner {
namespace {

// Sums of sizes stop here: nothing in memory is larger.
constexpr uint64_t kHugeBytes = uint64_t{1} << 48;

class MinBytes {
 public:
  explicit MinBytes(const Schema& schema) : schema_(schema), bytes_(schema.size()), state_(schema.size(), kNew) {}

  std::vector<uint64_t> all() {
    visit(schema_.root());
    return std::move(bytes_);
  }

 private:
  enum State : uint8_t { kNew, kOpen, kDone };

  uint64_t visit(NodeId id) {
    if (state_[id] == kDone) return bytes_[id];
    if (state_[id] == kOpen) return 0;  // within itself: 0 is a lower bound
    state_[id] = kOpen;
    bytes_[id] = std::min(kHugeBytes, least(schema_.node(id)));
    state_[id] = kDone;
    return bytes_[id];
  }

  uint64_t least(const SchemaNode& node) {
    switch (node.type) {
      case AvroType::kNull:
        return 0;
      case AvroType::kFloat:
        return 4;
      case AvroType::kDouble:
        return 8;
      case AvroType::kFixed:
        return node.size;
      case AvroType::kArray:
      case AvroType::kMap:
        visit(node.items);
        return 1;
      case AvroType::kRecord: {
        uint64_t sum = 0;
        for (const SchemaField& field : node.fields) sum = std::min(kHugeBytes, sum + visit(field.type));
        return sum;
      }
      case AvroType::kUnion: {
        uint64_t smallest = node.branches.empty() ? 0 : kHugeBytes;
        for (const NodeId branch : node.branches) smallest = std::min(smallest, visit(branch));
        return 1 + smallest;
      }
      default:
        return 1;
    }
  }

  const Schema& schema_;
  std::vector<uint64_t> bytes_;
  std::vector<State> state_;
};

// A leaf operation, before it is known whether null is possible.
struct Leaf {
  OpCode code;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t run_bytes = 0;  // most bytes it takes without looking at the end of the data; 0: it looks
};

constexpr uint32_t kVarintRunBytes = 10;

// What reads a leaf into a column. kEnd for nodes that are not leaves.
Leaf read_leaf(const SchemaNode& node) {
  const auto size = static_cast<uint32_t>(node.size);
  const auto precision = static_cast<uint32_t>(node.precision);
  const auto scale = static_cast<uint32_t>(node.scale);
  switch (node.logical) {
    case LogicalType::kTimeMillis:
      return {OpCode::kTimeMillis, 0, 0, kVarintRunBytes};
    case LogicalType::kTimeMicros:
      return {OpCode::kTimeMicros, 0, 0, kVarintRunBytes};
    case LogicalType::kDecimal:
      if (node.precision > kMaxDecimal128Precision) {
        return node.type == AvroType::kFixed ? Leaf{OpCode::kTextFixed, scale, size} : Leaf{OpCode::kTextBytes, scale};
      }
      return node.type == AvroType::kFixed ? Leaf{OpCode::kDecimalFixed, precision, size}
                                           : Leaf{OpCode::kDecimalBytes, precision};
    case LogicalType::kBigDecimal:
      return {OpCode::kBigDecimal};
    case LogicalType::kUuid:
      if (node.type == AvroType::kFixed) return {OpCode::kUuid, 0, 0, 16};
      break;
    case LogicalType::kDuration:
      return {OpCode::kDuration, 0, 0, 12};
    default:
      break;
  }
  switch (node.type) {
    case AvroType::kBoolean:
      return {OpCode::kBoolean, 0, 0, 1};
    case AvroType::kInt:
      return {OpCode::kInt, 0, 0, kVarintRunBytes};
    case AvroType::kLong:
      return {OpCode::kLong, 0, 0, kVarintRunBytes};
    case AvroType::kFloat:
      return {OpCode::kFloat, 0, 0, 4};
    case AvroType::kDouble:
      return {OpCode::kDouble, 0, 0, 8};
    case AvroType::kBytes:
      return {OpCode::kBytes};
    case AvroType::kString:
      return {OpCode::kString};
    case AvroType::kFixed:
      return {OpCode::kFixed, size};
    case AvroType::kEnum:
      return {OpCode::kEnum, static_cast<uint32_t>(node.symbols.size()), 0, kVarintRunBytes};
    default:
      return {OpCode::kEnd};
  }
}

// What passes over a leaf. kEnd for nodes that are not leaves.
Leaf skip_leaf(const SchemaNode& node) {
  switch (node.type) {
    case AvroType::kBoolean:
      return {OpCode::kSkipFixed, 1};
    case AvroType::kFloat:
      return {OpCode::kSkipFixed, 4};
    case AvroType::kDouble:
      return {OpCode::kSkipFixed, 8};
    case AvroType::kFixed:
      return {OpCode::kSkipFixed, static_cast<uint32_t>(node.size)};
    case AvroType::kInt:
    case AvroType::kLong:
    case AvroType::kEnum:
      return {OpCode::kSkipVarints, 1};
    case AvroType::kBytes:
    case AvroType::kString:
      return {OpCode::kSkipBytes};
    default:
      return {OpCode::kEnd};
  }
}

OpCode nullable_twin(OpCode code) { return static_cast<OpCode>(static_cast<uint8_t>(code) + 1); }

class Compiler {
 public:
  Compiler(Plan& plan, std::vector<uint64_t> min_bytes)
      : plan_(plan), schema_(*plan.schema), min_bytes_(std::move(min_bytes)) {}

  void run() {
    const SchemaNode& root = schema_.node(schema_.root());
    if (root.type == AvroType::kRecord) {
      if (root.recursive) enclosing_.push_back(schema_.root());
      fields(root, plan_.columns.get());
    } else {
      path_ = "value";
      value(schema_.root(), plan_.columns->child("value"));
    }
    path_.clear();
    emit({.code = OpCode::kEnd});
    plan_.min_row_bytes = min_bytes_[schema_.root()];
  }

 private:
  // A value of node `id` into `target`, or passed over where that is nullptr.
  void value(NodeId id, const ArrowType* target) {
    const SchemaNode& node = schema_.node(id);
    switch (node.type) {
      case AvroType::kNull:
        return;  // no bytes; a null column has no buffers either
      case AvroType::kUnion:
        union_value(node, target);
        return;
      case AvroType::kRecord:
        record(id, node, target);
        return;
      case AvroType::kArray:
      case AvroType::kMap:
        list(node, target);
        return;
      default:
        leaf(node, target, -1);
        return;
    }
  }

  void fields(const SchemaNode& node, const ArrowType* target) {
    const FieldIndex wanted(target);
    for (const SchemaField& field : node.fields) {
      const size_t length = path_.size();
      if (!path_.empty()) path_ += '.';
      path_ += field.name;
      value(field.type, wanted.find(field.name));
      path_.resize(length);
    }
  }

  void record(NodeId id, const SchemaNode& node, const ArrowType* target) {
    const bool within_itself = std::find(enclosing_.begin(), enclosing_.end(), id) != enclosing_.end();
    if (within_itself) {
      emit({.code = target == nullptr ? OpCode::kSkipNode : OpCode::kJson,
            .column = target == nullptr ? 0 : target->column,
            .a = id});
      return;
    }
    if (node.recursive) enclosing_.push_back(id);
    fields(node, target);
    if (node.recursive) enclosing_.pop_back();
  }

  // `null_branch` is -1 where null is not possible.
  void leaf(const SchemaNode& node, const ArrowType* target, int null_branch) {
    const Leaf what = target == nullptr ? skip_leaf(node) : read_leaf(node);
    Op op{.code = what.code, .column = target == nullptr ? 0 : target->column, .a = what.a, .b = what.b};
    if (null_branch >= 0) {
      op.code = nullable_twin(what.code);
      op.null_branch = static_cast<uint8_t>(null_branch);
    } else if (fuse(op)) {
      return;
    }
    emit(op, what.run_bytes + (null_branch >= 0 ? kVarintRunBytes : 0));
    // Where null is possible nothing may have looked at the end of the data.
    if (what.run_bytes == 0 && null_branch < 0) run_bytes_ = 0;
  }

  // Two runs of passed-over values in a row are one, and fixed bytes are passed over together with what is before them.
  bool fuse(const Op& op) {
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

  static bool is_skip(OpCode code) { return code >= OpCode::kSkipVarints && code <= OpCode::kNullableSkipBytes; }

  void union_value(const SchemaNode& node, const ArrowType* target) {
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
      if (values == 1) value(node.branches.front(), target);
    } else {
      several(node, target);
    }
  }

  void nullable(NodeId id, const ArrowType* target, uint8_t null_branch) {
    const SchemaNode& node = schema_.node(id);
    if (skip_leaf(node).code != OpCode::kEnd) {
      leaf(node, target, null_branch);
      return;
    }
    Op op{.code = OpCode::kNullable, .null_branch = null_branch};
    if (target != nullptr) {
      op.column = target->column;
      op.a = subtree_end(*target);
    }
    const size_t at = emit(op, kVarintRunBytes);
    const uint32_t when_null = run_bytes_;
    value(id, target);
    run_bytes_ = std::max(run_bytes_, when_null);
    plan_.ops[at].jump = label();
  }

  void several(const SchemaNode& node, const ArrowType* target) {
    const auto index = static_cast<uint32_t>(plan_.unions.size());
    plan_.unions.emplace_back();
    UnionTable table;
    if (target != nullptr) {
      table.first_column = target->column;
      table.last_column = subtree_end(*target);
    }
    const size_t at = emit({.code = OpCode::kUnion, .column = table.first_column, .a = index}, kVarintRunBytes);
    const uint32_t at_start = run_bytes_;
    uint32_t longest = at_start;
    std::vector<size_t> jumps;
    for (const NodeId id : node.branches) {
      const SchemaNode& branch_node = schema_.node(id);
      UnionTable::Branch branch;
      branch.is_null = branch_node.type == AvroType::kNull;
      branch.body = label();
      run_bytes_ = at_start;
      const size_t length = path_.size();
      const ArrowType* field = target == nullptr ? nullptr : target->child(branch_name(branch_node));
      path_ += '(';
      path_ += branch_name(branch_node);
      path_ += ')';
      if (field != nullptr) {
        branch.first_column = field->column;
        branch.last_column = subtree_end(*field);
      }
      value(id, field);
      path_.resize(length);
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

  void list(const SchemaNode& node, const ArrowType* target) {
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
      const ArrowType* key = item == nullptr ? nullptr : item->child("key");
      path_ += "{key}";
      static const SchemaNode kKey{.type = AvroType::kString};
      leaf(kKey, key, -1);
      path_.resize(length);
      path_ += "{}";
      item = item == nullptr ? nullptr : item->child("value");
    } else {
      path_ += "[]";
    }
    value(node.items, item);
    path_.resize(length);
    emit({.code = target == nullptr ? OpCode::kEndSkippedItem : OpCode::kEndItem});
    plan_.ops[at].jump = label();
    run_bytes_ = 0;  // the end of a list is looked at
  }

  // Columns below `target` have the indices after its own.
  static uint32_t subtree_end(const ArrowType& target) {
    const ArrowType* last = &target;
    while (!last->children.empty()) last = &last->children.back();
    return last->column + 1;
  }

  size_t emit(const Op& op, uint32_t run_bytes = 0) {
    if (run_bytes_ + run_bytes > kMaxRunBytes) {
      append({.code = OpCode::kCheck});
      run_bytes_ = 0;
    }
    run_bytes_ += run_bytes;
    return append(op);
  }

  size_t append(const Op& op) {
    plan_.ops.push_back(op);
    plan_.paths.push_back(shown_path());
    return plan_.ops.size() - 1;
  }

  // Names may be long, and the path is kept for every operation below them.
  [[nodiscard]] std::string shown_path() const {
    constexpr size_t kMostBytes = 240;
    if (path_.size() <= kMostBytes) return path_;
    return path_.substr(0, valid_utf8_prefix(as_bytes(path_).data(), kMostBytes)) + "...";
  }

  // The next operation is jumped to: it is not fused with the one before.
  uint32_t label() {
    label_ = plan_.ops.size();
    return static_cast<uint32_t>(label_);
  }

  Plan& plan_;
  const Schema& schema_;
  std::vector<uint64_t> min_bytes_;
  std::vector<NodeId> enclosing_;  // recursive records around the present node
  std::string path_;
  uint32_t run_bytes_ = 0;  // most bytes since the last operation that looked at the end of the data
  size_t label_ = 0;        // the last operation that is jumped to
};

}  // namespace

std::vector<uint64_t> min_encoded_bytes(const Schema& schema) { return MinBytes(schema).all(); }

std::shared_ptr<const Plan> compile(std::shared_ptr<const Schema> schema, std::shared_ptr<const ArrowType> columns) {
  auto plan = std::make_shared<Plan>();
  plan->schema = std::move(schema);
  plan->columns = std::move(columns);
  Compiler(*plan, min_encoded_bytes(*plan->schema)).run();
  return plan;
}

}  // namespace jetliner
