// The rows of one file, counted by the headers of its blocks.
#pragma once

#include <cstdint>
#include <optional>

#include "container/block_counter.h"
#include "read/file_list.h"
#include "read/piece.h"

namespace jetliner {

// Walks over whole blocks as long as there are any; what is wrong after them is for the framer to find, which reads the
// file from there on. So damage is told, and passed over, just as it is where rows are decoded.
class FileCount {
 public:
  // `ahead`: all rows are wanted (CounterOptions).
  FileCount(OpenFile file, bool ignore_errors, bool ahead);

  // One step of the walk. False where it has ended: at the end of the file, or at something else than a block.
  // Throws Error with the path.
  bool walk();
  // Rows that were counted since the last call.
  uint64_t take_rows();
  // After the walk: what comes then, one step of it. False at the end of the file. Throws Error with the path.
  bool read_on(Piece& piece, uint64_t& rows);

  // Where in the file it is.
  [[nodiscard]] uint64_t position() const { return position_; }
  [[nodiscard]] const std::shared_ptr<const FileContext>& context() const { return file_.context; }

 private:
  OpenFile file_;
  const bool ignore_errors_;
  const RowBound bound_;
  std::optional<BlockCounter> counter_;  // as long as it walks
  uint64_t rows_ = 0;
  uint64_t position_ = 0;
  bool is_through_ = false;
  Unit unit_;
};

}  // namespace jetliner
