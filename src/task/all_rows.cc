#include "task/all_rows.h"

#include <algorithm>
#include <cstdint>

namespace jetliner {

RowSource::Step AllRows::next(Clock::time_point deadline) {
  while (!batcher_.has_full_batch()) {
    const auto most_rows = static_cast<size_t>(std::min<uint64_t>(batcher_.rows_wanted(), SIZE_MAX));
    if (most_rows == 0) return Step::kEnd;
    Piece piece;
    switch (stream_->next(most_rows, deadline, piece)) {
      case StreamPoll::kPending:
        return Step::kPending;
      case StreamPoll::kEnd:
        return Step::kEnd;
      case StreamPoll::kResult:
        break;
    }
    if (piece.chunk != nullptr) batcher_.add(piece);
    if (piece.is_damaged()) {
      damage_ = std::move(piece);
      damage_.chunk = nullptr;
      return Step::kDamage;
    }
    if (Clock::now() >= deadline && !batcher_.has_full_batch()) return Step::kPending;
  }
  return Step::kRows;
}

}  // namespace jetliner
