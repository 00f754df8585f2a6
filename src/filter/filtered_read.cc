#include "filter/filtered_read.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "pipeline/threaded_stream.h"
#include "task/batch.h"

namespace jetliner {
namespace {

// Chosen rows of so many bytes are work for one thread. Those of one block stay together, so that what is wrong with
// one of them ends the block in one place.
constexpr size_t kChosenBytes = 1 << 20;
constexpr size_t kChosenRows = 1 << 16;  // or so many rows

// Chosen rows that are being decoded: so many lots at most.
constexpr size_t kMaxOpenOutputs = 8;

// How much longer one waits for rows each time before they are handed out, up to the size of a batch: the first come
// soon, for who wants only those.
constexpr size_t kDueGrowth = 8;

size_t chunk_bytes(const Piece& piece) { return piece.chunk == nullptr ? 0 : piece.chunk->allocated_bytes(); }

bool is_damaged(const Piece& piece) { return !piece.damage.empty() || piece.error != nullptr; }

}  // namespace

FilteredRead::FilteredRead(const ReadOptions& options, std::shared_ptr<const BatchSchema> candidate_schema,
                           Batcher& batcher, FilterState& state)
    : options_(options),
      candidate_schema_(std::move(candidate_schema)),
      batcher_(batcher),
      state_(state),
      max_asking_bytes_(ready_bytes(options) / 2) {}

FilteredRead::Step FilteredRead::next(PieceStream& stream, Clock::time_point deadline) {
  for (;;) {
    if (batcher_.rows_wanted() == 0) is_input_over_ = true;
    if (!drain()) return batcher_.rows_pending() > 0 ? Step::kRows : Step::kDamage;
    if (has_batch()) {
      if (is_unfiltered()) wait_longer();
      is_due_ = false;
      return Step::kRows;
    }
    if (has_asked_enough()) {
      is_asking_ = true;
      return Step::kCandidates;
    }
    if (is_input_over_ && asking_.empty()) {
      if (!chosen_.empty()) submit(stream);
      if (outputs_.empty()) return batcher_.rows_pending() > 0 ? Step::kRows : Step::kEnd;
    }
    Piece piece;
    const size_t most_rows =
        wants_units() ? static_cast<size_t>(std::min<uint64_t>(batcher_.rows_wanted(), SIZE_MAX)) : 0;
    // Candidates at hand are asked about now, together with those that are there already.
    switch (stream.next({.most_rows = most_rows}, asking_.empty() ? deadline : Clock::time_point::min(), piece)) {
      case StreamPoll::kPiece:
        take(std::move(piece), stream);
        break;
      case StreamPoll::kEnd:
        is_input_over_ = true;
        break;
      case StreamPoll::kPending:
        if (asking_.empty()) return Step::kPending;
        is_asking_ = true;
        return Step::kCandidates;
    }
  }
}

bool FilteredRead::wants_units() const {
  return !is_input_over_ && !after_asking_.has_value() && open_outputs_ < kMaxOpenOutputs &&
         waiting_bytes_ < ready_bytes(options_);
}

bool FilteredRead::has_batch() const {
  const size_t rows = batcher_.rows_pending();
  if (rows == 0) return false;
  return is_due_ || batcher_.has_full_batch() || (is_unfiltered() && rows >= due_rows_);
}

bool FilteredRead::has_asked_enough() const {
  if (asking_.empty()) return false;
  return is_input_over_ || after_asking_.has_value() || asking_rows_ >= std::min(due_rows_, options_.batch_size) ||
         asking_bytes_ >= max_asking_bytes_;
}

void FilteredRead::take(Piece piece, PieceStream& stream) {
  if (piece.kind == PieceKind::kChosen) {
    take_chosen(std::move(piece));
    return;
  }
  Numbered numbered{.piece = std::move(piece)};
  if (numbered.piece.chunk != nullptr) {
    numbered.slice = batcher_.number(numbered.piece);
    // With n_rows rows in hand, what comes after them does not matter.
    if (batcher_.rows_wanted() == 0) {
      numbered.piece.damage.clear();
      numbered.piece.error = nullptr;
    }
  }
  if (numbered.piece.kind == PieceKind::kCandidates && numbered.slice.rows > 0) {
    asking_rows_ += numbered.slice.rows;
    asking_bytes_ += chunk_bytes(numbered.piece) + numbered.piece.candidates->held_bytes;
    asking_.push_back(std::move(numbered));
  } else if (asking_.empty()) {
    put_in_order(std::move(numbered), stream);
  } else {
    after_asking_ = std::move(numbered);
  }
}

// What is neither asked about nor chosen rows.
void FilteredRead::put_in_order(Numbered numbered, PieceStream& stream) {
  if (!chosen_.empty()) submit(stream);
  if (numbered.piece.error != nullptr) {
    if (std::exchange(is_failing_, true)) {
      // The stream has failed as a whole: what is still open will not be closed any more.
      outputs_.clear();
      open_outputs_ = 0;
    }
    is_input_over_ = true;
  }
  waiting_bytes_ += chunk_bytes(numbered.piece);
  rows_since_due_ += numbered.slice.rows;
  outputs_.emplace_back().pieces.push_back(std::move(numbered));
}

// Into the first of the outputs that are open.
void FilteredRead::take_chosen(Piece piece) {
  const auto open = std::find_if(outputs_.begin(), outputs_.end(), [](const Output& output) { return output.is_open; });
  if (open == outputs_.end()) return;
  if (piece.ends_chosen_rows) {
    open->is_open = false;
    --open_outputs_;
  }
  Numbered numbered;
  if (piece.chunk != nullptr) {
    numbered.slice = {
        .chunk = piece.chunk, .rows = piece.chunk->rows, .row_numbers = piece.row_numbers, .path = piece.file->path};
    waiting_bytes_ += chunk_bytes(piece);
  }
  numbered.piece = std::move(piece);
  open->pieces.push_back(std::move(numbered));
}

void FilteredRead::submit(PieceStream& stream) {
  const bool is_due = rows_since_due_ >= due_rows_;
  if (is_due) wait_longer();
  outputs_.push_back({.is_open = true, .is_due = is_due});
  ++open_outputs_;
  stream.submit(std::exchange(chosen_, {}));
}

void FilteredRead::wait_longer() {
  rows_since_due_ = 0;
  due_rows_ = due_rows_ > options_.batch_size / kDueGrowth ? options_.batch_size : due_rows_ * kDueGrowth;
}

bool FilteredRead::drain() {
  while (!outputs_.empty()) {
    Output& front = outputs_.front();
    for (; !front.pieces.empty(); front.pieces.pop_front()) {
      Numbered& next = front.pieces.front();
      if (next.slice.rows > 0) {
        if (batcher_.rows_pending() > 0 && pending_kind_ != next.piece.kind) return false;
        pending_kind_ = next.piece.kind;
        waiting_bytes_ -= chunk_bytes(next.piece);
        next.piece.chunk = nullptr;
        batcher_.push(std::exchange(next.slice, {}), next.piece);
      }
      if (is_damaged(next.piece)) return false;
    }
    if (front.is_open) return true;
    is_due_ = is_due_ || front.is_due;
    outputs_.pop_front();
  }
  return true;
}

Piece FilteredRead::damage() {
  Piece piece = std::move(outputs_.front().pieces.front().piece);
  outputs_.front().pieces.pop_front();
  if (piece.kind == PieceKind::kChosen && !piece.damage.empty()) {
    last_chosen_damage_ = {.file = piece.file, .block_offset = piece.damage.back().file_offset};
  } else if (piece.file != nullptr && piece.file == last_chosen_damage_.file) {
    // A block ends with the first record that is wrong. What the first pass had found after it does not count.
    std::erase_if(piece.damage,
                  [&](const BadBlock& found) { return found.file_offset == last_chosen_damage_.block_offset; });
  }
  return piece;
}

Batch FilteredRead::candidates() const {
  auto batch = std::make_shared<Batch::Impl>();
  batch->schema = candidate_schema_;
  for (const Numbered& asked : asking_) {
    batch->slices.push_back(asked.slice);
    batch->rows += asked.slice.rows;
  }
  return Batch(std::move(batch));
}

void FilteredRead::keep(std::span<const uint8_t> bits, PieceStream& stream) {
  size_t bit = 0;
  size_t kept = 0;
  for (Numbered& asked : asking_) {
    Piece& piece = asked.piece;
    if (!chosen_.empty() && chosen_.file != piece.file) submit(stream);
    chosen_.file = piece.file;
    kept += chosen_.add(*piece.candidates, asked.slice.rows, asked.slice.first_row_index, bits, bit);
    bit += asked.slice.rows;
    rows_since_due_ += asked.slice.rows;
    const bool is_enough = chosen_.unit.bytes.size() >= kChosenBytes || chosen_.origins.size() >= kChosenRows ||
                           rows_since_due_ >= due_rows_;
    if (!chosen_.empty() && piece.candidates->ends_block && is_enough) submit(stream);
    piece.chunk = nullptr;
    piece.candidates = nullptr;
    if (is_damaged(piece)) put_in_order({.piece = std::move(piece)}, stream);
  }
  state_.choice.kept(asking_rows_, kept);
  asking_.clear();
  asking_rows_ = 0;
  asking_bytes_ = 0;
  is_asking_ = false;
  if (after_asking_.has_value()) put_in_order(*std::exchange(after_asking_, std::nullopt), stream);
}

void FilteredRead::clear() {
  asking_.clear();
  after_asking_.reset();
  chosen_ = {};
  outputs_.clear();
  is_asking_ = false;
  is_input_over_ = true;
}

}  // namespace jetliner
