// The result of decoding: some rows of a file, and the damage that was met on the way.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "column/chunk.h"
#include "files/file_context.h"
#include "jetliner/error.h"

namespace jetliner {

struct Piece {
  std::shared_ptr<const FileContext> file;
  std::shared_ptr<const Chunk> chunk;  // nullptr: no rows
  uint64_t end_offset = 0;             // where in the file the rows end, about
  std::vector<BadBlock> damage;        // of blocks up to the end of the chunk; strict reading stops at the first
  std::exception_ptr error;            // reading cannot go on after the chunk

  [[nodiscard]] bool is_damaged() const { return !damage.empty() || error != nullptr; }

  // PipelineResult:
  [[nodiscard]] size_t num_rows() const { return chunk == nullptr ? 0 : chunk->rows; }
  [[nodiscard]] size_t held_bytes() const {
    constexpr size_t kBadBlockBytes = 512;  // with its texts, about
    return (chunk == nullptr ? 0 : chunk->allocated_bytes()) + damage.size() * kBadBlockBytes;
  }
  static Piece of_error(std::exception_ptr error) {
    Piece piece;
    piece.error = std::move(error);
    return piece;
  }
};

}  // namespace jetliner
