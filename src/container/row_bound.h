// How many rows a block can hold, by the size of its data alone.
#pragma once

#include <algorithm>
#include <cstdint>

namespace jetliner {

// A block's count of rows is input. Reading finds out whether it is true; who does not read the data can at least
// refuse what cannot be.
struct RowBound {
  uint64_t min_row_bytes = 0;             // of plain data; 0: no bound
  uint64_t max_expansion = 1;             // plain bytes for each compressed one, at most
  uint64_t max_block_bytes = UINT64_MAX;  // plain

  [[nodiscard]] uint64_t most_rows(uint64_t data_bytes) const {
    if (min_row_bytes == 0) return UINT64_MAX;
    const bool fits = data_bytes <= UINT64_MAX / max_expansion;
    return std::min(fits ? data_bytes * max_expansion : UINT64_MAX, max_block_bytes) / min_row_bytes;
  }
};

// Counts of rows are input, and so are their sums: they stop at the largest number.
inline uint64_t add_rows(uint64_t rows, uint64_t more) { return more > UINT64_MAX - rows ? UINT64_MAX : rows + more; }

}  // namespace jetliner
