// All rows of a stream of pieces, without a filter.
#pragma once

#include <memory>

#include "task/batcher.h"
#include "task/piece_stream.h"
#include "task/row_source.h"

namespace jetliner {

class AllRows final : public RowSource {
 public:
  // `batcher` outlives this.
  AllRows(std::unique_ptr<PieceStream> stream, Batcher& batcher) : stream_(std::move(stream)), batcher_(batcher) {}

  Step next(Clock::time_point deadline) override;
  Piece take_damage() override { return std::exchange(damage_, {}); }
  void stop() override { stream_->stop(); }
  void close() override { stream_->close(); }

 private:
  const std::unique_ptr<PieceStream> stream_;
  Batcher& batcher_;
  Piece damage_;
};

}  // namespace jetliner
