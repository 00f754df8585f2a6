#include <array>
#include <string_view>

#include "base/hex.h"
#include "plan/plan.h"
#include "schema/logical.h"
#include "schema/schema.h"

namespace jetliner {
namespace {

constexpr auto kOpNames = std::to_array<const char*>({
#define JETLINER_OP_NAMES(name) #name, "Nullable" #name,
    JETLINER_LEAF_OPS(JETLINER_OP_NAMES)
#undef JETLINER_OP_NAMES
        "Nullable",
    "Branch",
    "Union",
    "Jump",
    "List",
    "Map",
    "UniqueKeys",
    "Json",
    "SkipList",
    "SkipNode",
    "ResolvedJson",
    "Null",
    "Default",
    "Fail",
    "Check",
    "RowStart",
    "EndItem",
    "EndSkippedItem",
    "End",
});
static_assert(kOpNames.size() == static_cast<size_t>(OpCode::kEnd) + 1);

bool is_leaf(OpCode code) { return code < OpCode::kNullable; }
bool is_nullable_leaf(OpCode code) { return is_leaf(code) && (static_cast<uint8_t>(code) & 1) != 0; }

bool is_arrow(OpCode code) { return code == OpCode::kArrow || code == OpCode::kNullableArrow; }

bool fills_column(OpCode code) {
  if (is_leaf(code)) return code < OpCode::kSkipVarints;
  return code == OpCode::kUniqueKeys || code == OpCode::kList || code == OpCode::kMap || code == OpCode::kJson ||
         code == OpCode::kResolvedJson;
}

// "arrow.uint32 of long".
std::string arrow_text(const Op& op) {
  return std::string(logical_name(static_cast<LogicalType>(op.a))) + " of " +
         std::string(type_name(static_cast<AvroType>(op.b)));
}

std::string columns_text(uint32_t first, uint32_t last) {
  if (first == last) return " skipped";
  return " columns [" + std::to_string(first) + ", " + std::to_string(last) + ")";
}

std::string indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const size_t end = lines.find('\n') + 1;
    text.append("  ").append(lines.substr(0, end));
    lines.remove_prefix(end);
  }
  return text;
}

std::string hex_text(ByteSpan bytes) {
  std::string text = " ";
  for (const uint8_t byte : bytes) append_hex(text, byte);
  return text;
}

}  // namespace

std::string Plan::dump() const {
  std::string text;
  for (size_t i = 0; i < ops.size(); ++i) {
    const Op& op = ops[i];
    text += std::to_string(i) + " " + kOpNames[static_cast<size_t>(op.code)];
    if (fills_column(op.code)) text += " column " + std::to_string(op.column);
    if (is_nullable_leaf(op.code) || op.code == OpCode::kNullable) text += " null " + std::to_string(op.null_branch);
    if (op.code == OpCode::kNullable || op.code == OpCode::kNull) text += columns_text(op.column, op.a);
    if (is_arrow(op.code)) {
      text += " " + arrow_text(op);
    } else if (op.a != 0 && (is_leaf(op.code) || op.code == OpCode::kBranch)) {
      text += " a " + std::to_string(op.a);
    }
    if (op.code == OpCode::kDefault) text += hex_text(defaults[op.a].bytes);
    if (op.code == OpCode::kEnumMap || op.code == OpCode::kNullableEnumMap) {
      for (uint32_t k = 0; k < op.a; ++k) text += (k == 0 ? " to " : ",") + std::to_string(symbols[op.b + k]);
    } else if (op.b != 0 && !is_arrow(op.code)) {
      text += " b " + std::to_string(op.b);
    }
    if (op.nulls_invalid) text += " nulls invalid";
    if (op.jump != 0) text += " to " + std::to_string(op.jump);
    if (op.code == OpCode::kUnion) {
      const UnionTable& table = unions[op.a];
      text += columns_text(table.first_column, table.last_column);
      for (const UnionTable::Branch& branch : table.branches) {
        text += ' ';
        text += std::to_string(branch.body);
        if (branch.is_null) text += ":null";
      }
    }
    if (op.code == OpCode::kFail) text += " (" + reasons[op.a] + ")";
    if (!paths[i].empty()) text += " '" + paths[i] + "'";
    text += "\n";
    if (op.code == OpCode::kDefault) text += indented(defaults[op.a].plan->dump());
  }
  return text;
}

}  // namespace jetliner
