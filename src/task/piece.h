// What comes out of decoding: some rows of a file, and what was wrong on the way.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

#include "column/chunk.h"
#include "files/file_context.h"
#include "filter/candidates.h"
#include "jetliner/error.h"

namespace jetliner {

enum class PieceKind : uint8_t {
  kRows,        // to be handed out as they are
  kUnfiltered,  // all columns of all rows, of a read with a filter
  kCandidates,  // the columns that the filter looks at
  kChosen,      // all columns of rows that the filter chose
};

struct Piece {
  PieceKind kind = PieceKind::kRows;
  std::shared_ptr<const FileContext> file;
  std::shared_ptr<const Chunk> chunk;  // nullptr: no rows
  uint64_t end_offset = 0;             // where in the file the rows end, about
  std::vector<BadBlock> damage;        // of blocks up to the end of the chunk; strict reading stops at the first
  std::exception_ptr error;            // reading cannot go on after the chunk
  std::shared_ptr<const Candidates> candidates = {};              // of kCandidates, where there is a chunk
  std::shared_ptr<const std::vector<uint64_t>> row_numbers = {};  // of kChosen, for each row of the chunk
  bool ends_chosen_rows = false;                                  // the last piece that was made of ChosenRows
};

// In place of more chosen rows: the exception that is being handled.
inline Piece failed_chosen() {
  return {.kind = PieceKind::kChosen, .error = std::current_exception(), .ends_chosen_rows = true};
}

}  // namespace jetliner
