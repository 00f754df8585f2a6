// The rows of one file, counted by the headers of its blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "container/block_counter.h"
#include "count/count_parts.h"
#include "files/file_list.h"
#include "task/piece.h"

namespace jetliner {

// Walks over whole blocks as long as there are any. From the first thing that is no whole block on, the framer reads
// the file. So damage is told, and passed over, as it is when rows are decoded.
class FileCount {
 public:
  // At most `n_threads` threads count parts of the file, if that pays. 0: as many as there are cores.
  FileCount(OpenFile file, bool ignore_errors, size_t n_threads);

  // One step of the walk, which may wait until the deadline. Returns false at its end: the end of the file, or
  // something else than a block. Throws Error with the path.
  bool walk(std::chrono::steady_clock::time_point deadline);
  // Rows that the walk has counted since the last call.
  uint64_t take_rows() { return counter_.has_value() ? counter_->take_rows() : 0; }
  // After the walk: one step of what comes then. Returns false at the end of the file. Throws Error with the path.
  bool read_on(Piece& piece, uint64_t& rows);

  // Where in the file it is.
  [[nodiscard]] uint64_t position() const {
    return is_walking_ && counter_.has_value() ? counter_->position() : position_;
  }
  [[nodiscard]] const std::shared_ptr<const FileContext>& context() const { return file_.context; }

 private:
  bool step(std::chrono::steady_clock::time_point deadline);
  void split();

  OpenFile file_;
  const bool ignore_errors_;
  size_t n_threads_;
  const RowBound bound_;
  const CounterOptions counter_options_;
  std::optional<BlockCounter> counter_;  // absent if rows take no bytes, and before the start is found
  bool is_walking_ = false;
  std::unique_ptr<CountParts> parts_;  // of the file from the counter's position on, or nullptr
  uint64_t stop_ = 0;                  // of the part that the counter is in
  uint64_t position_ = 0;              // after the walk
  bool is_through_ = false;
  Unit unit_;
};

}  // namespace jetliner
