// Cuts rows into blocks, in the order of the rows, for workers that encode and compress in any order.
//
// Problem. A block ends before the row that would make it too large. So where a block begins depends on all rows
// before. But units of rows are encoded by several threads at the same time.
//
// Idea. Encoding and compressing take the time; cutting takes none, once the sizes of the rows are known. A worker
// encodes its unit alone, then waits for its turn, cuts, gives the turn on, and compresses its blocks alone. What is
// left at the end of a unit, less than a block, is carried to the next one.
//
// Invariants. Turns are taken in the order of units, each step of a unit in its turn. The blocks are those of a single
// thread, whatever the units are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_buffer.h"
#include "base/mutex.h"
#include "encode/encoder.h"

namespace jetliner {

// One block: rows of a unit, after the bytes that were carried to it.
struct CutBlock {
  size_t begin = 0;  // bytes in PlainRows::bytes
  size_t end = 0;
  size_t rows = 0;         // with those that were carried
  bool ends_file = false;  // the next block belongs to another file
};

struct Cut {
  ByteBuffer carried;  // the start of the first block
  std::vector<CutBlock> blocks;
};

class BlockCutter {
 public:
  BlockCutter(size_t block_bytes, std::optional<uint64_t> max_rows_per_file)
      : block_bytes_(block_bytes), max_rows_per_file_(max_rows_per_file.value_or(UINT64_MAX)) {}

  // Waits for the turn of `unit`, counted from 0, and cuts. `is_last`: of the unit; the next one's turn comes. Returns
  // false after stop().
  bool cut(uint64_t unit, const PlainRows& rows, bool is_last, Cut& cut);
  // What is left after the last unit; no block where nothing is.
  Cut rest();
  // No more turns: a unit failed, or nobody wants the blocks.
  void stop();

 private:
  void cut_in_turn(const PlainRows& rows, Cut& cut) JETLINER_REQUIRES(mutex_);

  const size_t block_bytes_;
  const uint64_t max_rows_per_file_;
  Mutex mutex_;
  CondVar turn_changed_;
  uint64_t turn_ JETLINER_GUARDED_BY(mutex_) = 0;
  bool is_stopped_ JETLINER_GUARDED_BY(mutex_) = false;
  ByteBuffer carried_ JETLINER_GUARDED_BY(mutex_);
  size_t carried_rows_ JETLINER_GUARDED_BY(mutex_) = 0;
  uint64_t rows_of_file_ JETLINER_GUARDED_BY(mutex_) = 0;  // in blocks that were cut
};

}  // namespace jetliner
