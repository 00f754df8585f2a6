#include "filter/filter_worker.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "task/damage.h"

namespace jetliner {
namespace {

// To decode this many rows at once takes less time than a second pass.
constexpr uint64_t kTinyUnitRows = 32;

bool is_tiny(const Unit& unit) {
  uint64_t rows = 0;
  for (const BlockRef& block : unit.blocks) rows += std::min(static_cast<uint64_t>(block.row_count), kTinyUnitRows + 1);
  return rows <= kTinyUnitRows;
}

}  // namespace

FilterWorker::FilterWorker(const TaskOptions& options, std::shared_ptr<FilterState> state)
    : max_block_bytes_(options.max_block_bytes),
      state_(std::move(state)),
      candidate_pass_(state_->plain_pool),
      unfiltered_(options, unfiltered_pass_),
      candidates_(options, candidate_pass_),
      chosen_(options, chosen_pass_) {}

void FilterWorker::start(FilterWork work) {
  is_ended_ = false;
  if (work.chosen.has_value()) {
    start_chosen(*std::move(work.chosen));
    return;
  }
  file_ = std::move(work.unit.file);
  unit_ = std::move(work.unit.unit);
  const bool may_have_two_passes = file_->candidate_plan != nullptr && !has_huge_block();
  if (may_have_two_passes && !is_tiny(unit_) && state_->choice.in_two_passes()) {
    start_candidates(0);
  } else {
    start_unfiltered(may_have_two_passes);
  }
}

void FilterWorker::start_unfiltered(bool leaves_unsound_blocks) {
  kind_ = PieceKind::kUnfiltered;
  unfiltered_pass_.leave_unsound_blocks(leaves_unsound_blocks);
  unfiltered_.start({.file = file_, .plan = file_->plan, .codec = file_->header.codec, .unit = &unit_});
}

void FilterWorker::start_candidates(size_t first_block) {
  kind_ = PieceKind::kCandidates;
  const std::string& codec = file_->header.codec;
  Unit& unit = candidate_pass_.begin_unit(unit_, codec != "null");
  candidates_.start({.file = file_,
                     .plan = file_->candidate_plan,
                     .codec = codec,
                     .unit = &unit,
                     .first_block = first_block,
                     .max_chunk_rows = kMaxCandidateRows});
}

void FilterWorker::start_chosen(ChosenRows chosen) {
  kind_ = PieceKind::kChosen;
  file_ = std::move(chosen.file);
  unit_ = std::move(chosen.unit);
  chosen_pass_.begin(std::move(chosen.plain_bytes), std::move(chosen.origins));
  chosen_.start({.file = file_, .plan = file_->plan, .codec = "null", .unit = &unit_});
}

bool FilterWorker::next(size_t most_rows, FilterPiece& piece) {
  if (is_ended_) return false;
  piece = {.kind = kind_};
  bool has_piece = false;
  switch (kind_) {
    case PieceKind::kUnfiltered:
      has_piece = unfiltered_.next(most_rows, piece.piece);
      if (!has_piece && unfiltered_.block_left().has_value()) {
        start_candidates(*unfiltered_.block_left());
        has_piece = next_candidates(most_rows, piece);
      }
      break;
    case PieceKind::kCandidates:
      has_piece = next_candidates(most_rows, piece);
      break;
    case PieceKind::kChosen:
      return next_chosen(most_rows, piece);
  }
  is_ended_ = !has_piece;
  return has_piece;
}

bool FilterWorker::next_candidates(size_t most_rows, FilterPiece& piece) {
  piece.kind = PieceKind::kCandidates;
  candidate_pass_.begin_piece(candidates_.in_block());
  if (!candidates_.next(most_rows, piece.piece)) return false;
  if (piece.piece.chunk != nullptr) {
    piece.candidates = candidate_pass_.take(piece.piece.chunk->rows, candidates_.in_block());
  } else {
    candidate_pass_.drop();
  }
  return true;
}

// After the last rows comes one more piece, without rows, that sets ends_chosen_rows.
bool FilterWorker::next_chosen(size_t most_rows, FilterPiece& piece) {
  if (!chosen_.next(most_rows, piece.piece)) {
    is_ended_ = true;
    piece.ends_chosen_rows = true;
  } else if (piece.piece.chunk != nullptr) {
    piece.row_numbers = chosen_pass_.take_row_numbers();
  }
  return true;
}

FilterPiece FilterWorker::failure(std::exception_ptr error) {
  FilterPiece piece = FilterPiece::of_error(std::move(error));
  piece.kind = kind_;
  piece.ends_chosen_rows = kind_ == PieceKind::kChosen;
  return piece;
}

// Whether a block has more rows than two passes are for. Only counts that the block's bytes make possible are believed.
bool FilterWorker::has_huge_block() const {
  const RowBound bound = row_bound(file_->header.codec, file_->plan->min_row_bytes, max_block_bytes_);
  return std::any_of(unit_.blocks.begin(), unit_.blocks.end(), [&](const BlockRef& block) {
    return block.row_count > kMaxTwoPassBlockRows &&
           bound.most_rows(block.data_bytes) > static_cast<uint64_t>(kMaxTwoPassBlockRows);
  });
}

}  // namespace jetliner
