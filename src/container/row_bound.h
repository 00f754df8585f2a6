// The most rows that a block can hold, by the size of its data.
#pragma once

#include <algorithm>
#include <cstdint>

namespace jetliner {

// The row count of a block is input. Decoding finds out whether it is right. Counting does not decode, but can refuse
// counts that are impossible.
struct RowBound {
  uint64_t min_row_bytes = 0;             // least plain bytes of a row; 0: no bound
  uint64_t max_expansion = 1;             // most plain bytes for a compressed byte
  uint64_t max_block_bytes = UINT64_MAX;  // most plain bytes of a block

  [[nodiscard]] uint64_t most_rows(uint64_t data_bytes) const {
    if (min_row_bytes == 0) return UINT64_MAX;
    const bool fits = data_bytes <= UINT64_MAX / max_expansion;
    return std::min(fits ? data_bytes * max_expansion : UINT64_MAX, max_block_bytes) / min_row_bytes;
  }
};

// Adds row counts. They are input, so the sum stops at the largest number.
inline uint64_t add_rows(uint64_t rows, uint64_t more) { return more > UINT64_MAX - rows ? UINT64_MAX : rows + more; }

}  // namespace jetliner
