#include "task/batcher.h"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include "column/join.h"
#include "task/batch.h"

namespace jetliner {
namespace {

// A chunk is small if its rows take at most this much. Then copying them costs less than the memory that a chunk takes
// beside its rows.
constexpr size_t kSmallChunkBytes = 16 << 10;
// Small chunks are joined when there are so many, or when they take so much memory; before a batch, from a few on.
constexpr size_t kMostSmallChunks = 4096;
constexpr size_t kMostSmallChunkBytes = 8 << 20;
constexpr size_t kFewSmallChunks = 8;

}  // namespace

Batcher::Batcher(std::shared_ptr<const BatchSchema> schema, const ReadOptions& options, std::shared_ptr<BlockPool> pool,
                 size_t batch_bytes)
    : schema_(std::move(schema)),
      pool_(std::move(pool)),
      batch_size_(options.batch_size),
      batch_bytes_(batch_bytes),
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
  const size_t chunk_bytes = data_bytes(*slice.chunk);
  const size_t row_bytes = chunk_bytes / std::max<size_t>(slice.chunk->rows, 1) * slice.rows;
  rows_pending_ += slice.rows;
  bytes_pending_ += row_bytes;
  pending_.push_back({.slice = std::move(slice),
                      .file_index = piece.file->index,
                      .end_bytes = piece.file->bytes_before + std::min(piece.end_offset, piece.file->size_bytes),
                      .row_bytes = row_bytes});
  note_small(pending_.back().slice);
}

void Batcher::note_small(const Slice& slice) {
  if (data_bytes(*slice.chunk) > kSmallChunkBytes) {
    join_small();
    return;
  }
  ++num_small_;
  small_bytes_ += slice.chunk->reserved_bytes();
  if (num_small_ >= kMostSmallChunks || small_bytes_ >= kMostSmallChunkBytes) join_small();
}

// Slices keep their files and row numbers: only their chunk changes. Without memory nothing changes.
void Batcher::join_small() {
  const size_t count = std::exchange(num_small_, 0);
  small_bytes_ = 0;
  if (count < kFewSmallChunks) return;
  const auto begin = pending_.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<ChunkRows> parts;
  std::shared_ptr<std::vector<uint64_t>> numbers;
  std::shared_ptr<const Chunk> joined;
  try {
    parts.reserve(count);
    for (auto entry = begin; entry != pending_.end(); ++entry) {
      const Slice& slice = entry->slice;
      if (slice.chunk->columns != begin->slice.chunk->columns) return;
      if (slice.row_numbers != nullptr) numbers = std::make_shared<std::vector<uint64_t>>();
      parts.push_back({.chunk = slice.chunk.get(), .first = slice.offset_rows, .rows = slice.rows});
    }
    for (auto entry = begin; numbers != nullptr && entry != pending_.end(); ++entry) {
      for (size_t i = 0; i < entry->slice.rows; ++i) numbers->push_back(entry->slice.row_number(i));
    }
    joined = join(parts, pool_);
  } catch (const std::bad_alloc&) {
    return;
  }
  size_t offset_rows = 0;
  for (auto entry = begin; entry != pending_.end(); ++entry) {
    entry->slice.chunk = joined;
    entry->slice.offset_rows = offset_rows;
    entry->slice.row_numbers = numbers;
    offset_rows += entry->slice.rows;
  }
}

void Batcher::clear() {
  num_small_ = 0;
  small_bytes_ = 0;
  pending_.clear();
  rows_pending_ = 0;
  bytes_pending_ = 0;
}

Batch Batcher::take() {
  join_small();
  auto batch = std::make_shared<Batch::Impl>();
  batch->schema = schema_;
  size_t batch_bytes = 0;
  while (batch->rows < batch_size_ && batch_bytes < batch_bytes_ && !pending_.empty()) {
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
    const size_t row_bytes = rows == slice.rows ? entry.row_bytes : entry.row_bytes / slice.rows * rows;
    entry.row_bytes -= row_bytes;
    bytes_pending_ -= row_bytes;
    batch_bytes += row_bytes;
    slice.offset_rows += rows;
    slice.first_row_index += rows;
    slice.rows -= rows;
    if (slice.rows == 0) pending_.pop_front();
  }
  rows_pending_ -= batch->rows;
  return Batch(std::move(batch));
}

}  // namespace jetliner
