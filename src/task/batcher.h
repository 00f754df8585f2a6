// Cuts chunks into batches without copying rows: a batch is a list of slices. Only rows of very small chunks are
// copied, so that many of them become one chunk.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "arrow/export.h"
#include "column/block_pool.h"
#include "jetliner/options.h"
#include "jetliner/reader.h"
#include "task/piece.h"

namespace jetliner {

class Batcher {
 public:
  // The memory of joined chunks comes from the pool. `batch_bytes`: see QueryOptions.
  Batcher(std::shared_ptr<const BatchSchema> schema, const ReadOptions& options,
          std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>(), size_t batch_bytes = SIZE_MAX);

  // Rows that are still wanted. 0 when n_rows is reached.
  [[nodiscard]] uint64_t rows_wanted() const { return rows_wanted_; }
  // Rows added and not handed out. For any thread.
  [[nodiscard]] size_t rows_pending() const { return rows_pending_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool has_full_batch() const { return rows_pending() >= batch_size_ || bytes_pending_ >= batch_bytes_; }

  // The wanted rows of a piece, with the next row numbers.
  [[nodiscard]] Slice number(const Piece& piece);
  void add(const Piece& piece) { push(number(piece), piece); }
  // Rows of a piece that were numbered.
  void push(Slice slice, const Piece& piece);
  // Drops the rows that were not handed out.
  void clear();
  // The next batch: a full one, or all rows that are here.
  Batch take();
  // The file of the last row that was taken, and where that row ends among the bytes of all files, about.
  [[nodiscard]] size_t file_index() const { return file_index_; }
  [[nodiscard]] uint64_t bytes_passed() const { return bytes_passed_; }

 private:
  struct Entry {
    Slice slice;
    size_t file_index;
    uint64_t end_bytes;  // among the bytes of all files
    size_t row_bytes;    // memory that the rows of the slice take, about
  };

  void note_small(const Slice& slice);
  void join_small();

  std::shared_ptr<const BatchSchema> schema_;
  std::shared_ptr<BlockPool> pool_;
  size_t batch_size_;
  size_t batch_bytes_;
  uint64_t rows_wanted_;
  uint64_t next_row_index_;
  std::deque<Entry> pending_;
  // The last entries of pending_ whose chunks are small, and the memory that these take.
  size_t num_small_ = 0;
  size_t small_bytes_ = 0;
  std::atomic<size_t> rows_pending_ = 0;
  size_t bytes_pending_ = 0;  // Entry::row_bytes of all
  size_t file_index_ = 0;
  uint64_t bytes_passed_ = 0;
};

}  // namespace jetliner
