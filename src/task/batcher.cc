#include "task/batcher.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "task/batch.h"

namespace jetliner {

Batcher::Batcher(std::shared_ptr<const BatchSchema> schema, const ReadOptions& options)
    : schema_(std::move(schema)),
      batch_size_(options.batch_size),
      rows_wanted_(options.n_rows.value_or(std::numeric_limits<uint64_t>::max())),
      next_row_index_(options.row_index_offset) {}

Slice Batcher::number(const Piece& piece) {
  const size_t rows = static_cast<size_t>(std::min<uint64_t>(piece.chunk->rows, rows_wanted_));
  Slice slice{.chunk = piece.chunk, .rows = rows, .first_row_index = next_row_index_, .path = piece.file->path};
  rows_wanted_ -= rows;
  next_row_index_ += rows;
  return slice;
}

void Batcher::push(Slice slice, const Piece& piece) {
  if (slice.rows == 0) return;
  rows_pending_ += slice.rows;
  pending_.push_back({.slice = std::move(slice),
                      .file_index = piece.file->index,
                      .end_bytes = piece.file->bytes_before + std::min(piece.end_offset, piece.file->size_bytes)});
}

void Batcher::clear() {
  pending_.clear();
  rows_pending_ = 0;
}

Batch Batcher::take() {
  auto batch = std::make_shared<Batch::Impl>();
  batch->schema = schema_;
  while (batch->rows < batch_size_ && !pending_.empty()) {
    Entry& entry = pending_.front();
    Slice& slice = entry.slice;
    file_index_ = entry.file_index;
    const size_t rows = std::min(slice.rows, batch_size_ - batch->rows);
    batch->rows += rows;
    batch->slices.push_back(slice);
    batch->slices.back().rows = rows;
    // Up to the end of the piece, by the share of its rows. After damage the offset may be smaller than before;
    // progress never goes back.
    const double share = static_cast<double>(rows) / static_cast<double>(slice.rows);
    const uint64_t ahead_bytes = entry.end_bytes - std::min(entry.end_bytes, bytes_passed_);
    bytes_passed_ += static_cast<uint64_t>(share * static_cast<double>(ahead_bytes));
    slice.offset_rows += rows;
    slice.first_row_index += rows;
    slice.rows -= rows;
    if (slice.rows == 0) pending_.pop_front();
  }
  rows_pending_ -= batch->rows;
  return Batch(std::move(batch));
}

}  // namespace jetliner
