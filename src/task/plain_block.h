// The block that is being decoded.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "container/block_framer.h"

namespace jetliner {

struct PlainBlock {
  BlockRef ref;
  ByteSpan data;                            // decompressed; of chosen rows (filter/chosen_rows.h): these rows only
  size_t whole_bytes = 0;                   // of the whole block, decompressed
  const uint8_t* cursor = nullptr;          // where the next row starts
  int64_t rows_done = 0;                    // of ref.row_count, with those that were skipped
  size_t first_row = 0;                     // in the chunk, of this block; 0 if the block began in an earlier chunk
  std::optional<bool> has_whole_rows = {};  // the rows after the first that was skipped; absent: not known yet
  uint64_t skipped_rows = 0;                // because of invalid values

  [[nodiscard]] const uint8_t* end() const { return data.data() + data.size(); }
  // As the block claims.
  [[nodiscard]] size_t rows_left() const { return static_cast<size_t>(ref.row_count - rows_done); }
  // The same, bounded by what the rest of the bytes can hold.
  [[nodiscard]] size_t most_rows_left(uint64_t min_row_bytes) const {
    if (min_row_bytes == 0) return rows_left();
    return std::min(rows_left(), static_cast<size_t>(static_cast<uint64_t>(end() - cursor) / min_row_bytes));
  }
  // Where in the file the rows so far end, by their share of the block.
  [[nodiscard]] uint64_t file_position() const {
    const double share = static_cast<double>(rows_done) / static_cast<double>(ref.row_count);
    return ref.file_offset + static_cast<uint64_t>(share * static_cast<double>(ref.block_bytes));
  }
};

}  // namespace jetliner
