// Short values of a few rows, encoded column by column before the rows are put together.
//
// The problem. Rows lie across columns. An interpreter that goes from column to column does something else at each
// step, and nulls come at random, so the processor predicts its jumps badly: with 100 columns that takes most of the
// time.
//
// The idea. Values of one column are encoded in a loop of its own, without jumps, into cells of 16 bytes. Then a row is
// a copy of its cells, one after the other: all 16 bytes are copied, and the length says where the next ones go. What
// does not fit a cell says so, and is left to the interpreter: long text, numbers of more than 8 bytes, null where it
// is an error.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "encode/bound_ops.h"

namespace jetliner {

// Bytes 0 to 14: the value. Byte 15: their number, or kNoCell.
struct Cell {
  uint64_t low = 0;
  uint64_t high = 0;

  [[nodiscard]] size_t size() const { return static_cast<size_t>(high >> 56); }
};
inline constexpr size_t kNoCell = 0xff;

// True if values of the operation may be encoded into cells.
bool has_cells(const BoundOp& op);

// Operations that follow each other in a row: all of them have cells, or none.
struct RowPart {
  BoundOps ops;
  bool in_cells = false;
  std::vector<Cell> cells;  // of the rows at hand, row by row

  [[nodiscard]] size_t width() const { return static_cast<size_t>(ops.end - ops.begin); }
};

std::vector<RowPart> row_parts(BoundOps row);

// Encodes the rows [begin, end) into the cells of a part.
void fill_cells(RowPart& part, size_t begin, size_t end);

}  // namespace jetliner
