// Cuts chunks into batches without copying rows: a batch is a list of slices.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "arrow/export.h"
#include "jetliner/options.h"
#include "jetliner/reader.h"
#include "task/piece.h"

namespace jetliner {

class Batcher {
 public:
  Batcher(std::shared_ptr<const BatchSchema> schema, const ReadOptions& options);

  // Rows that are still wanted: 0 when n_rows is reached.
  [[nodiscard]] uint64_t rows_wanted() const { return rows_wanted_; }
  // Rows taken and not handed out.
  [[nodiscard]] size_t rows_pending() const { return rows_pending_; }
  [[nodiscard]] bool has_full_batch() const { return rows_pending_ >= batch_size_; }
  // Rows that a full batch lacks.
  [[nodiscard]] size_t rows_to_fill() const { return batch_size_ - std::min(batch_size_, rows_pending_); }

  // The rows of a piece that are wanted, with their numbers: those that come next.
  [[nodiscard]] Slice number(const Piece& piece);
  void add(const Piece& piece) { push(number(piece), piece); }
  // Rows of a piece, that were numbered.
  void push(Slice slice, const Piece& piece);
  // Drops what was not handed out.
  void clear();
  // The next batch; what there is, where that is less than a full one.
  Batch take();
  // Of the last row that was taken: its file, and where it ends among the bytes of all files, about.
  [[nodiscard]] size_t file_index() const { return file_index_; }
  [[nodiscard]] uint64_t bytes_passed() const { return bytes_passed_; }

 private:
  struct Entry {
    Slice slice;
    size_t file_index;
    uint64_t end_bytes;  // among the bytes of all files
  };

  std::shared_ptr<const BatchSchema> schema_;
  size_t batch_size_;
  uint64_t rows_wanted_;
  uint64_t next_row_index_;
  std::deque<Entry> pending_;
  size_t rows_pending_ = 0;
  size_t file_index_ = 0;
  uint64_t bytes_passed_ = 0;
};

}  // namespace jetliner
