// What comes out of decoding: some rows of a file, and what was wrong on the way.
#pragma once

#include <exception>
#include <memory>
#include <vector>

#include "column/chunk.h"
#include "jetliner/error.h"
#include "read/file_context.h"

namespace jetliner {

struct Piece {
  std::shared_ptr<const FileContext> file;
  std::shared_ptr<const Chunk> chunk;  // nullptr: no rows
  uint64_t end_offset = 0;             // where in the file the rows end, about
  std::vector<BadBlock> damage;        // of blocks up to the end of the chunk; strict reading stops at the first
  std::exception_ptr error;            // reading cannot go on after the chunk
};

}  // namespace jetliner
