// Late materialisation as the consumer sees it: asks which candidates are wanted, has those decoded, and puts rows back
// into the order of the files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "arrow/export.h"
#include "filter/unit_decoder.h"
#include "jetliner/options.h"
#include "jetliner/reader.h"
#include "pipeline/piece_stream.h"
#include "task/batcher.h"

namespace jetliner {

// For one thread at a time. All arguments of the constructor outlive it.
class FilteredRead {
 public:
  FilteredRead(const ReadOptions& options, std::shared_ptr<const BatchSchema> candidate_schema, Batcher& batcher,
               FilterState& state);

  enum class Step : uint8_t {
    kRows,        // the batcher has rows to hand out: all of one kind
    kCandidates,  // candidates() are to be handed out, and keep() is to be called
    kDamage,      // damage() is next in the order of the rows; those before it have been handed out
    kPending,     // the time ran out
    kEnd,
  };
  Step next(PieceStream& stream, Clock::time_point deadline);

  // After kRows: whether the rows that the batcher has are still to be filtered by who gets them.
  [[nodiscard]] bool is_unfiltered() const { return pending_kind_ == PieceKind::kUnfiltered; }

  [[nodiscard]] Batch candidates() const;
  // The answer: a bit for each of the candidates, from the lowest of the first byte on.
  void keep(std::span<const uint8_t> bits, PieceStream& stream);
  [[nodiscard]] bool is_asking() const { return is_asking_; }
  [[nodiscard]] size_t candidate_rows() const { return asking_rows_; }

  // What was wrong: `damage` and `error` of a piece without rows.
  Piece damage();

  void clear();

 private:
  // A piece with its place in the order of rows.
  struct Numbered {
    Piece piece;
    Slice slice;  // where there is a chunk
  };
  // Rows on their way out, in order.
  struct Output {
    std::deque<Numbered> pieces = {};
    bool is_open = false;  // more of what was submitted is still to come
    bool is_due = false;   // after it rows are handed out, however few they are
  };

  void take(Piece piece, PieceStream& stream);
  void put_in_order(Numbered numbered, PieceStream& stream);
  void take_chosen(Piece piece);
  void submit(PieceStream& stream);
  void wait_longer();
  // False where rows are to be handed out, or damage told, before there can be more.
  bool drain();
  [[nodiscard]] bool has_batch() const;
  [[nodiscard]] bool has_asked_enough() const;
  [[nodiscard]] bool wants_units() const;

  const ReadOptions& options_;
  const std::shared_ptr<const BatchSchema> candidate_schema_;
  Batcher& batcher_;
  FilterState& state_;
  const size_t max_asking_bytes_;

  // To be asked about, or asked about just now.
  std::vector<Numbered> asking_;
  size_t asking_rows_ = 0;
  size_t asking_bytes_ = 0;
  bool is_asking_ = false;
  std::optional<Numbered> after_asking_;  // came after them, and has to wait for the answer

  ChosenRows chosen_;
  size_t rows_since_due_ = 0;  // candidates, or rows that are not filtered
  size_t due_rows_ = 1;        // after so many, rows are handed out; grows
  bool is_due_ = false;

  std::deque<Output> outputs_;
  size_t open_outputs_ = 0;
  size_t waiting_bytes_ = 0;  // of pieces in outputs_
  PieceKind pending_kind_ = PieceKind::kRows;
  struct DamagedBlock {
    std::shared_ptr<const FileContext> file;
    int64_t block_offset = 0;  // in the file; blocks that a damaged one has swallowed have its index
  };
  DamagedBlock last_chosen_damage_;
  bool is_failing_ = false;  // an error is in outputs_
  bool is_input_over_ = false;
};

}  // namespace jetliner
