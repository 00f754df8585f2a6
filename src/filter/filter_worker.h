// Makes pieces of units, and of the rows that were chosen of them.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>

#include "filter/candidate_pass.h"
#include "filter/chosen_pass.h"
#include "filter/filter_work.h"
#include "filter/pass_choice.h"
#include "filter/plain_pool.h"
#include "pipeline/work.h"
#include "task/block_task.h"

namespace jetliner {

// Shared by all threads of a filtered read.
struct FilterState {
  explicit FilterState(size_t max_spare_bytes) : plain_pool(std::make_shared<PlainPool>(max_spare_bytes)) {}
  const std::shared_ptr<PlainPool> plain_pool;
  PassChoice choice;
};

class FilterWorker final : public Worker<FilterWork, FilterPiece> {
 public:
  FilterWorker(const TaskOptions& options, std::shared_ptr<FilterState> state);

  void start(FilterWork work) override;
  bool next(size_t most_rows, FilterPiece& piece) override;
  FilterWork take_spare() override {
    candidate_pass_.end_unit();
    return {.unit = spare_unit(std::move(unit_)), .chosen = {}};
  }
  FilterPiece failure(std::exception_ptr error) override;

 private:
  // One pass over a unit. It may leave unsound blocks to two passes.
  class UnfilteredPass final : public Pass {
   public:
    void leave_unsound_blocks(bool leaves) { leaves_ = leaves; }
    [[nodiscard]] bool leaves_unsound_blocks() const override { return leaves_; }

   private:
    bool leaves_ = false;
  };

  void start_unfiltered(bool leaves_unsound_blocks);
  void start_candidates(size_t first_block);
  void start_chosen(ChosenRows chosen);
  bool next_candidates(size_t most_rows, FilterPiece& piece);
  bool next_chosen(size_t most_rows, FilterPiece& piece);
  [[nodiscard]] bool has_huge_block() const;

  const size_t max_block_bytes_;
  const std::shared_ptr<FilterState> state_;
  UnfilteredPass unfiltered_pass_;
  CandidatePass candidate_pass_;
  ChosenPass chosen_pass_;
  BlockTask unfiltered_;
  BlockTask candidates_;
  BlockTask chosen_;

  PieceKind kind_ = PieceKind::kUnfiltered;  // of what is being made
  bool is_ended_ = true;
  std::shared_ptr<const FileContext> file_;
  Unit unit_;
};

}  // namespace jetliner
