#include <array>

#include "encode/plan.h"

namespace jetliner {
namespace {

constexpr auto kNames = std::to_array<const char*>({
#define JETLINER_ENCODE_NAME(name) #name,
    JETLINER_ENCODE_OPS(JETLINER_ENCODE_NAME)
#undef JETLINER_ENCODE_NAME
});

void append(std::string& text, const std::vector<EncodeOp>& ops, size_t level) {
  for (const EncodeOp& op : ops) {
    text.append(2 * level, ' ').append(kNames[static_cast<size_t>(op.code)]).append(" ").append(op.field);
    if (op.code != EncodeCode::kConstant) text += " column " + std::to_string(op.column);
    if (op.value_branch != kNoBranch) text += " branch " + std::to_string(op.value_branch);
    if (op.null_branch != kNoBranch) text += " null " + std::to_string(op.null_branch);
    if (op.multiplier != 1) text += " times " + std::to_string(op.multiplier);
    if (op.divisor != 1) text += " by " + std::to_string(op.divisor);
    if (op.width != 0) text += " width " + std::to_string(op.width);
    if (op.scale != 0) text += " scale " + std::to_string(op.scale);
    text += '\n';
    append(text, op.below, level + 1);
  }
}

}  // namespace

std::string EncodePlan::dump() const {
  std::string text;
  append(text, ops, 0);
  return text;
}

}  // namespace jetliner
