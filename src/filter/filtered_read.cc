#include "filter/filtered_read.h"

#include <algorithm>
#include <utility>

#include "task/batch.h"
#include "task/block_task.h"
#include "task/piece_stream.h"

namespace jetliner {
namespace {

// A group of chosen rows that is worth submitting to a thread: bytes, or rows.
constexpr size_t kChosenBytes = 1 << 20;
constexpr size_t kChosenRows = 1 << 16;

// No more units are taken while this many groups of chosen rows are being decoded.
constexpr size_t kMaxOpenOutputs = 8;

// Growth of handout_rows_ each time that rows were handed out.
constexpr size_t kHandoutGrowth = 8;

// Gives the units of files as the work of a filtered read.
class FilterProducer final : public Producer<FilterWork> {
 public:
  FilterProducer(FileList& files, const ReadOptions& options) : units_(files, options) {}
  bool next(FilterWork& work) override { return units_.next(work.unit); }
  [[nodiscard]] size_t next_bytes() const override { return units_.next_bytes(); }
  [[nodiscard]] bool is_slow() const override { return units_.is_slow(); }
  [[nodiscard]] bool has_plenty_left() const override { return units_.has_plenty_left(); }
  void begin_ahead() override { units_.begin_ahead(); }
  void close() override { units_.close(); }

 private:
  UnitReader units_;
};

size_t chunk_bytes(const Piece& piece) { return piece.chunk == nullptr ? 0 : piece.chunk->allocated_bytes(); }

StreamOptions filtered_options(const ReadOptions& options) {
  StreamOptions made = stream_options(options);
  made.takes_submitted = true;
  return made;
}

}  // namespace

FilteredRead::FilteredRead(FileList& files, const ReadOptions& options,
                           std::shared_ptr<const BatchSchema> candidate_schema, Batcher& batcher,
                           std::shared_ptr<BlockPool> pool)
    : options_(options),
      candidate_schema_(std::move(candidate_schema)),
      batcher_(batcher),
      state_(std::make_shared<FilterState>(spare_bytes(options))),
      stream_(
          std::make_unique<FilterProducer>(files, options),
          [task = task_options(options, std::move(pool)), state = state_] {
            return std::make_unique<FilterWorker>(task, state);
          },
          filtered_options(options)) {}

RowSource::Step FilteredRead::next(Clock::time_point deadline) {
  for (;;) {
    if (batcher_.rows_wanted() == 0) is_input_over_ = true;
    if (!drain()) return batcher_.rows_pending() > 0 ? Step::kRows : Step::kDamage;
    if (has_batch()) {
      if (is_unfiltered()) grow_handout();
      hands_out_ = false;
      return Step::kRows;
    }
    if (has_asked_enough()) {
      is_asking_ = true;
      return Step::kCandidates;
    }
    if (is_input_over_ && asking_.empty()) {
      if (!chosen_.empty()) submit();
      if (outputs_.empty()) return batcher_.rows_pending() > 0 ? Step::kRows : Step::kEnd;
    }
    FilterPiece piece;
    const size_t most_rows =
        wants_units() ? static_cast<size_t>(std::min<uint64_t>(batcher_.rows_wanted(), SIZE_MAX)) : 0;
    // If candidates are waiting, only results that are ready are taken. Then the candidates are asked about.
    switch (stream_.next(most_rows, asking_.empty() ? deadline : Clock::time_point::min(), piece)) {
      case StreamPoll::kResult:
        take(std::move(piece));
        break;
      case StreamPoll::kEnd:
        is_input_over_ = true;
        if (open_outputs_ > 0) return Step::kEnd;  // the stream was stopped: nothing more comes
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
  return hands_out_ || batcher_.has_full_batch() || (is_unfiltered() && rows >= handout_rows_);
}

bool FilteredRead::has_asked_enough() const {
  if (asking_.empty()) return false;
  return is_input_over_ || after_asking_.has_value() || asking_rows_ >= std::min(handout_rows_, options_.batch_size) ||
         asking_bytes_ >= ready_bytes(options_) / 2;
}

void FilteredRead::take(FilterPiece piece) {
  if (piece.kind == PieceKind::kChosen) {
    take_chosen(std::move(piece));
    return;
  }
  Numbered numbered{.filtered = std::move(piece)};
  if (numbered.piece().chunk != nullptr) {
    numbered.slice = batcher_.number(numbered.piece());
    // Damage after n_rows rows does not matter.
    if (batcher_.rows_wanted() == 0) {
      numbered.piece().damage.clear();
      numbered.piece().error = nullptr;
    }
  }
  if (numbered.filtered.kind == PieceKind::kCandidates && numbered.slice.rows > 0) {
    asking_rows_ += numbered.slice.rows;
    asking_bytes_ += chunk_bytes(numbered.piece()) + numbered.filtered.candidates->held_bytes;
    asking_.push_back(std::move(numbered));
  } else if (asking_.empty()) {
    put_in_order(std::move(numbered));
  } else {
    after_asking_ = std::move(numbered);
  }
}

// Appends a piece that is complete: unfiltered rows, damage, or an error.
void FilteredRead::put_in_order(Numbered numbered) {
  if (!chosen_.empty()) submit();
  if (numbered.piece().error != nullptr) {
    if (std::exchange(is_failing_, true)) {
      // A stream that has failed gives its error again and again: outputs that are open will not be closed any more.
      outputs_.clear();
      open_outputs_ = 0;
    }
    is_input_over_ = true;
  }
  waiting_bytes_ += chunk_bytes(numbered.piece());
  rows_since_handout_ += numbered.slice.rows;
  outputs_.emplace_back().pieces.push_back(std::move(numbered));
}

// Chosen rows go into the first output that is open.
void FilteredRead::take_chosen(FilterPiece chosen) {
  const auto open = std::find_if(outputs_.begin(), outputs_.end(), [](const Output& output) { return output.is_open; });
  if (open == outputs_.end()) return;
  if (chosen.ends_chosen_rows) {
    open->is_open = false;
    --open_outputs_;
  }
  Numbered numbered;
  if (const Piece& piece = chosen.piece; piece.chunk != nullptr) {
    numbered.slice = {
        .chunk = piece.chunk, .rows = piece.chunk->rows, .row_numbers = chosen.row_numbers, .path = piece.file->path};
    waiting_bytes_ += chunk_bytes(piece);
  }
  numbered.filtered = std::move(chosen);
  open->pieces.push_back(std::move(numbered));
}

void FilteredRead::submit() {
  const bool hands_out = rows_since_handout_ >= handout_rows_;
  if (hands_out) grow_handout();
  outputs_.push_back({.is_open = true, .hands_out = hands_out});
  ++open_outputs_;
  stream_.submit({.unit = {}, .chosen = std::exchange(chosen_, {})});
}

void FilteredRead::grow_handout() {
  rows_since_handout_ = 0;
  handout_rows_ =
      handout_rows_ > options_.batch_size / kHandoutGrowth ? options_.batch_size : handout_rows_ * kHandoutGrowth;
}

// Moves rows from the front of outputs_ to the batcher. Returns false if rows are to be handed out, or damage told,
// before more of them can follow.
bool FilteredRead::drain() {
  while (!outputs_.empty()) {
    Output& front = outputs_.front();
    for (; !front.pieces.empty(); front.pieces.pop_front()) {
      Numbered& next = front.pieces.front();
      if (next.slice.rows > 0) {
        if (batcher_.rows_pending() > 0 && pending_kind_ != next.filtered.kind) return false;
        pending_kind_ = next.filtered.kind;
        waiting_bytes_ -= chunk_bytes(next.piece());
        next.piece().chunk = nullptr;
        batcher_.push(std::exchange(next.slice, {}), next.piece());
      }
      if (next.piece().is_damaged()) return false;
    }
    if (front.is_open) return true;
    hands_out_ = hands_out_ || front.hands_out;
    outputs_.pop_front();
  }
  return true;
}

Piece FilteredRead::take_damage() {
  const PieceKind kind = outputs_.front().pieces.front().filtered.kind;
  Piece piece = std::move(outputs_.front().pieces.front().piece());
  outputs_.front().pieces.pop_front();
  if (kind == PieceKind::kChosen && !piece.damage.empty() && piece.damage.back().ends_block) {
    const BadBlock& damage = piece.damage.back();
    last_chosen_damage_ = {
        .file = piece.file, .block_offset = damage.file_offset, .record = damage.record_index.value_or(0)};
  } else if (piece.file != nullptr && piece.file == last_chosen_damage_.file) {
    // The block ends with this record. What the first pass found after that record does not count.
    std::erase_if(piece.damage, [&](const BadBlock& found) {
      return found.file_offset == last_chosen_damage_.block_offset &&
             found.record_index.value_or(last_chosen_damage_.record) >= last_chosen_damage_.record;
    });
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

void FilteredRead::keep(std::span<const uint8_t> bits) {
  size_t bit = 0;
  size_t kept = 0;
  for (Numbered& asked : asking_) {
    Piece& piece = asked.piece();
    std::shared_ptr<const Candidates> candidates = std::move(asked.filtered.candidates);
    if (!chosen_.empty() && chosen_.file != piece.file) submit();
    chosen_.file = piece.file;
    kept += chosen_.add(*candidates, asked.slice.rows, asked.slice.first_row_index, bits, bit);
    bit += asked.slice.rows;
    rows_since_handout_ += asked.slice.rows;
    const bool is_enough = chosen_.unit.bytes.size() >= kChosenBytes || chosen_.origins.size() >= kChosenRows ||
                           rows_since_handout_ >= handout_rows_;
    if (!chosen_.empty() && candidates->ends_block && is_enough) submit();
    piece.chunk = nullptr;
    if (piece.is_damaged()) put_in_order({.filtered = {.piece = std::move(piece), .kind = PieceKind::kCandidates}});
  }
  state_->choice.kept(asking_rows_, kept);
  asking_.clear();
  asking_rows_ = 0;
  asking_bytes_ = 0;
  is_asking_ = false;
  if (after_asking_.has_value()) put_in_order(*std::exchange(after_asking_, std::nullopt));
}

void FilteredRead::close() {
  stream_.close();
  asking_.clear();
  after_asking_.reset();
  chosen_ = {};
  outputs_.clear();
  is_asking_ = false;
  is_input_over_ = true;
}

}  // namespace jetliner
