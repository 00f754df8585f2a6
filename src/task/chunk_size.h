// How many rows go into a chunk, into a step of decoding, and into a reservation. Bounded by memory, and judged by the
// rows so far.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "column/column_set.h"
#include "container/block_framer.h"

namespace jetliner {

// A chunk is planned for this much memory, judged by the rows so far. At twice this much it is handed out in any case,
// in the middle of a block if need be. So neither a huge block nor a few bytes that unfold to many rows make memory
// grow.
inline constexpr size_t kChunkBytes = 16 << 20;

// A chunk holds one row at least, and few bytes may unfold to many columns (lists of null structs). So the memory of a
// chunk has a limit: kMaxChunkBytes, and kMaxChunkBytesPerByte for each plain byte of the block. While a buffer grows,
// its old and its new memory both count.
inline constexpr size_t kMaxChunkBytes = 512 << 20;
inline constexpr size_t kMaxChunkBytesPerByte = 2;

// The bound for a block of `plain_bytes`.
inline size_t max_chunk_bytes(size_t plain_bytes) {
  constexpr size_t kMostPlainBytes = SIZE_MAX / 2 / kMaxChunkBytesPerByte - kMaxChunkBytes;
  return kMaxChunkBytes + kMaxChunkBytesPerByte * std::min(plain_bytes, kMostPlainBytes);
}

// Rows decoded between two memory checks. The first step is smaller.
inline constexpr size_t kStepRows = 4096;
inline constexpr size_t kFirstStepRows = 16;

class ChunkSize {
 public:
  // Rows of other columns come from now on.
  void reset() { step_rows_ = kFirstStepRows; }
  // A unit begins. `max_rows`: of a chunk.
  void begin_unit(const ColumnSet& columns, size_t max_rows) {
    max_chunk_rows_ = std::min(std::max<size_t>(kChunkBytes / std::max<size_t>(columns.row_bytes(), 1), 1), max_rows);
  }
  // A chunk begins. Room is made for as many rows as will fill it, judged by the rows before: more would stay empty.
  void begin_chunk(const ColumnSet& columns, size_t most_rows) {
    const size_t row_bytes = std::max<size_t>(columns.expected_row_bytes(), 1);
    chunk_rows_ = std::min({most_rows, max_chunk_rows_, std::max<size_t>(kChunkBytes / row_bytes, 1)});
  }
  // A step was decoded. The next one has at most kStepRows rows, fewer if rows are large.
  void note_step(const ColumnSet& columns) {
    const size_t row_bytes = std::max<size_t>(columns.allocated_bytes() / columns.rows(), 1);
    step_rows_ = std::clamp<size_t>(2 * kChunkBytes / row_bytes, 1, kStepRows);
  }
  // `tried_rows` rows alone did not fit into the memory of a chunk.
  void shrink_step(size_t tried_rows) { step_rows_ = std::max<size_t>(tried_rows / 16, 1); }

  [[nodiscard]] size_t chunk_rows() const { return chunk_rows_; }
  [[nodiscard]] size_t step_rows(size_t rows, size_t rows_left) const {
    return std::min({rows_left, chunk_rows_ - rows, step_rows_});
  }
  // Rows that a block claims: believed as far as one chunk goes.
  [[nodiscard]] uint64_t claimed_rows(const BlockRef& block) const {
    return std::min<uint64_t>(static_cast<uint64_t>(block.row_count), max_chunk_rows_);
  }
  // Rows to make room for in this chunk: it has `rows`, and `rows_left` and `rows_after` more are claimed.
  [[nodiscard]] size_t rows_to_reserve(size_t rows, size_t rows_left, uint64_t rows_after) const {
    return static_cast<size_t>(
        std::min<uint64_t>(rows + rows_left + std::min<uint64_t>(rows_after, chunk_rows_), chunk_rows_));
  }

 private:
  size_t max_chunk_rows_ = 0;  // of any chunk of these columns
  size_t chunk_rows_ = 0;      // of the chunk at hand, at most
  size_t step_rows_ = kFirstStepRows;
};

}  // namespace jetliner
