#include "encode/cells.h"

#include <algorithm>
#include <cstring>

namespace jetliner {
namespace {

// A value of at most 8 bytes.
struct Short {
  uint64_t bytes = 0;
  uint64_t size = 0;
};

constexpr uint64_t kSizeShift = 56;

Short short_varint(int64_t value) {
  const uint64_t rest = zigzag_encode(value);
  const auto bits = static_cast<unsigned>(std::bit_width(rest | 1));
  const unsigned bytes = (bits + 6) / 7;
  if (bytes > 8) return {.bytes = 0, .size = kNoCell};
  return {.bytes = spread_varint(rest, bytes), .size = bytes};
}

// Writes the cells of a column, `stride` cells from row to row. `value(i)` gives a Short.
template <typename Value>
void fill_column(const BoundOp& op, size_t begin, size_t end, Cell* cell, size_t stride, Value value) {
  const unsigned shift = 8U * op.branch.size;  // 0 or 8
  const uint64_t branch = op.branch.size == 0 ? 0 : op.branch.bytes[0];
  const uint64_t null_low = op.null.bytes[0];
  const uint64_t null_high = (op.null.size == 0 ? kNoCell : op.null.size) << kSizeShift;
  for (size_t i = begin; i < end; ++i, cell += stride) {
    const Short number = value(i);
    const uint64_t size = number.size == kNoCell ? kNoCell : number.size + op.branch.size;
    const uint64_t low = number.bytes << shift | branch;
    const uint64_t high = (shift == 0 ? 0 : number.bytes >> 56) | size << kSizeShift;
    const bool is_null = op.is_null(i);
    cell->low = is_null ? null_low : low;
    cell->high = is_null ? null_high : high;
  }
}

// Text of at most kMaxInlineBytes bytes is in its view.
void fill_views(const BoundOp& op, size_t begin, size_t end, Cell* cell, size_t stride) {
  const unsigned shift = 8U * op.branch.size;
  const uint64_t branch = op.branch.size == 0 ? 0 : op.branch.bytes[0];
  const uint64_t null_low = op.null.bytes[0];
  const uint64_t null_high = (op.null.size == 0 ? kNoCell : op.null.size) << kSizeShift;
  for (size_t i = begin; i < end; ++i, cell += stride) {
    const uint8_t* const view = op.values + kViewBytes * i;
    uint32_t length = 0;
    uint64_t first = 0;
    uint32_t rest = 0;
    std::memcpy(&length, view, sizeof length);
    std::memcpy(&first, view + 4, sizeof first);
    std::memcpy(&rest, view + 12, sizeof rest);
    const bool is_short = length <= kMaxInlineBytes;
    const uint64_t size = is_short ? length + 1 + op.branch.size : kNoCell;
    const unsigned text_shift = shift + 8;  // behind the branch and the length, which takes a byte
    const uint64_t low = first << text_shift | uint64_t{length & 0x7f} << (shift + 1) | branch;
    const uint64_t high = first >> (64 - text_shift) | uint64_t{rest} << text_shift;
    const bool is_null = op.is_null(i);
    cell->low = is_null ? null_low : low;
    cell->high = is_null ? null_high : (high & ((uint64_t{1} << kSizeShift) - 1)) | size << kSizeShift;
  }
}

void fill_column(const BoundOp& op, size_t begin, size_t end, Cell* cell, size_t stride) {
  switch (op.code) {
    case EncodeCode::kBoolean:
      return fill_column(op, begin, end, cell, stride,
                         [&](size_t i) { return Short{.bytes = op.boolean(i) ? uint64_t{1} : 0, .size = 1}; });
    case EncodeCode::kVarintInt32:
      return fill_column(op, begin, end, cell, stride, [&](size_t i) { return short_varint(op.value<int32_t>(i)); });
    case EncodeCode::kVarintInt64:
      return fill_column(op, begin, end, cell, stride, [&](size_t i) { return short_varint(op.value<int64_t>(i)); });
    case EncodeCode::kFloat32:
      return fill_column(op, begin, end, cell, stride,
                         [&](size_t i) { return Short{.bytes = op.value<uint32_t>(i), .size = 4}; });
    case EncodeCode::kFloat64:
      return fill_column(op, begin, end, cell, stride,
                         [&](size_t i) { return Short{.bytes = op.value<uint64_t>(i), .size = 8}; });
    default:
      return fill_views(op, begin, end, cell, stride);
  }
}

}  // namespace

bool has_cells(const BoundOp& op) {
  if (std::endian::native != std::endian::little || op.branch.size > 1 || op.null.size > 1) return false;
  switch (op.code) {
    case EncodeCode::kBoolean:
    case EncodeCode::kVarintInt32:
    case EncodeCode::kVarintInt64:
    case EncodeCode::kFloat32:
    case EncodeCode::kFloat64:
    case EncodeCode::kBytesViews:
      return true;
    default:
      return false;
  }
}

std::vector<RowPart> row_parts(BoundOps row) {
  // With few columns the processor predicts the interpreter's jumps well. Cells would then only add work.
  constexpr ptrdiff_t kLeastColumns = 16;
  const bool has_many = row.end - row.begin >= kLeastColumns;
  std::vector<RowPart> parts;
  for (const BoundOp* op = row.begin; op != row.end; ++op) {
    const bool in_cells = has_many && has_cells(*op);
    if (parts.empty() || parts.back().in_cells != in_cells) parts.push_back({.ops = {op, op}, .in_cells = in_cells});
    parts.back().ops.end = op + 1;
  }
  return parts;
}

void fill_cells(RowPart& part, size_t begin, size_t end) {
  const size_t width = part.width();
  part.cells.resize(std::max(part.cells.size(), width * (end - begin)));
  for (size_t i = 0; i < width; ++i) fill_column(part.ops.begin[i], begin, end, part.cells.data() + i, width);
}

}  // namespace jetliner
