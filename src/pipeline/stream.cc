#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "filter/unit_decoder.h"
#include "jetliner/error.h"
#include "pipeline/cores.h"
#include "pipeline/piece_stream.h"
#include "pipeline/threaded_stream.h"

namespace jetliner {
namespace {

// Less than this is decoded sooner than threads are started.
constexpr uint64_t kWorthThreadsBytes = 512 << 10;

// Threads decode ahead of what is asked for: not where so few more rows are wanted than a unit has given.
constexpr size_t kFewUnits = 4;

class Stream final : public PieceStream {
 public:
  Stream(FileList& files, const ReadOptions& options, std::shared_ptr<BlockPool> pool,
         std::shared_ptr<FilterState> filter)
      : files_(files),
        options_(options),
        pool_(std::move(pool)),
        filter_(std::move(filter)),
        task_(task_options(options, pool_), filter_),
        second_(task_options(options, pool_), filter_) {}

  StreamPoll next(const Demand& demand, Clock::time_point deadline, Piece& piece) override {
    if (next_chosen(piece)) return StreamPoll::kPiece;
    if (threads_ != nullptr) return threads_->next(demand, deadline, piece);
    if (demand.most_rows == 0) return StreamPoll::kPending;
    try {
      for (;;) {
        if (in_unit_) {
          if (task_.next(demand.most_rows, piece)) {
            if (piece.chunk != nullptr) unit_rows_ += piece.chunk->rows;
            return StreamPoll::kPiece;
          }
          in_unit_ = false;
          unit_ = task_.take_unit();
          if (const size_t n_threads = threads_worth_starting(demand.most_rows); n_threads > 0) {
            threads_ = make_threaded_stream(files_, options_, pool_, filter_, n_threads,
                                            std::exchange(file_, std::nullopt), next_file_);
            return threads_->next(demand, deadline, piece);
          }
          if (Clock::now() >= deadline) return StreamPoll::kPending;
        }
        if (!file_.has_value()) {
          if (next_file_ == files_.size()) return StreamPoll::kEnd;
          file_ = files_.open(next_file_++);
        }
        if (file_->next(unit_)) {
          unit_end_ = end_of(unit_);
          unit_rows_ = 0;
          task_.start(file_->context, std::move(unit_));
          in_unit_ = true;
        } else {
          file_.reset();
        }
      }
    } catch (...) {
      piece = {.error = std::current_exception()};
      close();
      return StreamPoll::kPiece;
    }
  }

  void submit(ChosenRows chosen) override {
    if (threads_ != nullptr) {
      threads_->submit(std::move(chosen));
      return;
    }
    chosen_.push_back(std::move(chosen));
  }

  void close() override {
    chosen_.clear();
    in_chosen_ = false;
    if (threads_ != nullptr) threads_->close();
    in_unit_ = false;
    file_.reset();
    next_file_ = files_.size();
  }

 private:
  // Of what submit() got, one piece at a time: a few bytes may unfold to a great many.
  bool next_chosen(Piece& piece) {
    try {
      for (;;) {
        if (in_chosen_ && second_.next(SIZE_MAX, piece)) return true;
        in_chosen_ = false;
        if (chosen_.empty()) return false;
        second_.start(std::move(chosen_.front()));
        chosen_.pop_front();
        in_chosen_ = true;
      }
    } catch (...) {
      piece = failed_chosen();
      close();
      return true;
    }
  }

  // Where the unit's last block ends in the file, about.
  static uint64_t end_of(const Unit& unit) {
    return unit.blocks.empty() ? 0 : unit.blocks.back().file_offset + unit.blocks.back().data_bytes;
  }

  // How many threads to go on with; 0 to stay here. Counting cores costs more than a small file.
  [[nodiscard]] size_t threads_worth_starting(size_t most_rows) {
    if (options_.n_threads == 1 || most_rows < kFewUnits * unit_rows_) return 0;
    const bool more_here = file_.has_value() && file_->source->size() > unit_end_ + kWorthThreadsBytes;
    if (!more_here && next_file_ == files_.size()) return 0;
    if (!n_threads_.has_value()) n_threads_ = options_.n_threads > 0 ? options_.n_threads : usable_cores();
    return *n_threads_ > 1 ? *n_threads_ : 0;
  }

  FileList& files_;
  const ReadOptions& options_;
  const std::shared_ptr<BlockPool> pool_;
  const std::shared_ptr<FilterState> filter_;
  std::unique_ptr<PieceStream> threads_;
  std::optional<size_t> n_threads_;  // once it was asked for

  size_t next_file_ = 0;
  std::optional<OpenFile> file_;
  Unit unit_;
  UnitDecoder task_;
  UnitDecoder second_;             // of what submit() got
  std::deque<ChosenRows> chosen_;  // that it has not begun with
  bool in_chosen_ = false;
  bool in_unit_ = false;
  uint64_t unit_end_ = 0;  // of the unit in task_, in the file
  size_t unit_rows_ = 0;   // that the unit in task_ has given
};

}  // namespace

std::unique_ptr<PieceStream> make_stream(FileList& files, const ReadOptions& options, std::shared_ptr<BlockPool> pool,
                                         std::shared_ptr<FilterState> filter) {
  return std::make_unique<Stream>(files, options, std::move(pool), std::move(filter));
}

}  // namespace jetliner
