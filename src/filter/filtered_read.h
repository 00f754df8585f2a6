// Late materialisation (filter/candidates.h) on the consumer's thread: asks which candidates are wanted, submits the
// chosen rows, and puts all rows back into the order of the files.
//
// Pieces come from the stream in two orders: those of units in the order of the files, and those of chosen rows in the
// order in which they were submitted. Each group of chosen rows, and each other piece, gets a place in outputs_ when
// its rows are known. Rows leave from the front of outputs_. The front may be open: more of its rows are still to come.
//
// The first rows come soon, for callers that want only a few; later ones wait for full batches. So the rows after which
// something is handed out, handout_rows_, grow up to the size of a batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "arrow/export.h"
#include "filter/filter_work.h"
#include "filter/filter_worker.h"
#include "jetliner/options.h"
#include "jetliner/reader.h"
#include "pipeline/stream.h"
#include "task/batcher.h"
#include "task/row_source.h"

namespace jetliner {

class FilteredRead final : public RowSource {
 public:
  // The references outlive this. The memory of the chunks comes from the pool.
  FilteredRead(FileList& files, const ReadOptions& options, std::shared_ptr<const BatchSchema> candidate_schema,
               Batcher& batcher, std::shared_ptr<BlockPool> pool);
  ~FilteredRead() override { close(); }

  // kCandidates: candidates() are to be handed out, and keep() is to be called. After kRows, all rows of the batcher
  // are of one kind.
  Step next(Clock::time_point deadline) override;
  Piece take_damage() override;
  void stop() override { stream_.stop(); }
  void close() override;

  // After kRows: whether the consumer still has to filter them.
  [[nodiscard]] bool is_unfiltered() const { return pending_kind_ == PieceKind::kUnfiltered; }
  // `kept` of `rows` unfiltered rows were kept. For speed only.
  void note_kept(size_t rows, size_t kept) { state_->choice.kept(rows, kept); }

  [[nodiscard]] Batch candidates() const;
  [[nodiscard]] bool is_asking() const { return is_asking_; }
  [[nodiscard]] size_t candidate_rows() const { return asking_rows_; }
  // The answer: a bit for each of the candidates, from the lowest bit of the first byte on.
  void keep(std::span<const uint8_t> bits);

 private:
  // A piece with its place in the order of rows.
  struct Numbered {
    FilterPiece filtered;
    Slice slice = {};  // if there is a chunk

    [[nodiscard]] Piece& piece() { return filtered.piece; }
  };
  // Rows on their way out, in order.
  struct Output {
    std::deque<Numbered> pieces = {};
    bool is_open = false;    // chosen rows: more of them are still to come
    bool hands_out = false;  // after it, rows are handed out even if they are few
  };

  void take(FilterPiece piece);
  void take_chosen(FilterPiece piece);
  void put_in_order(Numbered numbered);
  void submit();
  void grow_handout();
  bool drain();
  [[nodiscard]] bool has_batch() const;
  [[nodiscard]] bool has_asked_enough() const;
  [[nodiscard]] bool wants_units() const;

  const ReadOptions& options_;
  const std::shared_ptr<const BatchSchema> candidate_schema_;
  Batcher& batcher_;
  const std::shared_ptr<FilterState> state_;
  Stream<FilterWork, FilterPiece> stream_;

  // Candidates to be asked about, or asked about just now.
  std::vector<Numbered> asking_;
  size_t asking_rows_ = 0;
  size_t asking_bytes_ = 0;
  bool is_asking_ = false;
  std::optional<Numbered> after_asking_;  // came after them, and waits for the answer

  ChosenRows chosen_;              // not submitted yet
  size_t rows_since_handout_ = 0;  // candidates, or unfiltered rows
  size_t handout_rows_ = 1;        // rows are handed out after this many; grows
  bool hands_out_ = false;

  std::deque<Output> outputs_;
  size_t open_outputs_ = 0;
  size_t waiting_bytes_ = 0;                     // of pieces in outputs_
  PieceKind pending_kind_ = PieceKind::kChosen;  // of the rows in the batcher

  // A block that a chosen row has ended.
  struct DamagedBlock {
    std::shared_ptr<const FileContext> file;
    int64_t block_offset = 0;  // in the file: it identifies the block. Blocks within a damaged one have its index.
    int64_t record = 0;        // the bad one, with which the block ends
  };
  DamagedBlock last_chosen_damage_;
  bool is_failing_ = false;  // an error is in outputs_
  bool is_input_over_ = false;
};

}  // namespace jetliner
