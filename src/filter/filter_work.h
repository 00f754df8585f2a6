// Work and results of the pipeline of a filtered read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "files/unit_reader.h"
#include "filter/candidates.h"
#include "filter/chosen_rows.h"
#include "task/piece.h"

namespace jetliner {

// A unit, or rows that were chosen (submitted work).
struct FilterWork {
  FileUnit unit;
  std::optional<ChosenRows> chosen;

  [[nodiscard]] size_t input_bytes() const { return unit.input_bytes(); }
};

enum class PieceKind : uint8_t {
  kUnfiltered,  // all columns of all rows
  kCandidates,  // the filter's columns of all rows
  kChosen,      // all columns of chosen rows
};

struct FilterPiece {
  Piece piece;
  PieceKind kind = PieceKind::kUnfiltered;
  std::shared_ptr<const Candidates> candidates = {};              // of kCandidates, if there is a chunk
  std::shared_ptr<const std::vector<uint64_t>> row_numbers = {};  // of kChosen, for each row of the chunk
  bool ends_chosen_rows = false;                                  // no more pieces come of these ChosenRows

  // PipelineResult:
  [[nodiscard]] size_t num_rows() const { return piece.num_rows(); }
  [[nodiscard]] size_t held_bytes() const {
    return piece.held_bytes() + (candidates == nullptr ? 0 : candidates->held_bytes);
  }
  static FilterPiece of_error(std::exception_ptr error) { return {.piece = Piece::of_error(std::move(error))}; }
};

}  // namespace jetliner
