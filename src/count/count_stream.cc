#include "count/count_stream.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "count/file_count.h"
#include "jetliner/error.h"
#include "pipeline/in_order.h"

namespace jetliner {
namespace {

// Rows of a piece, at least: a caller that wants the row index need not wait for the end of the file.
constexpr uint64_t kPieceRows = 1 << 20;

// Files are counted at the same time if the first ones took this long each. From the page cache a small file is counted
// sooner than it is passed from thread to thread.
constexpr size_t kFirstFiles = 4;
constexpr std::chrono::microseconds kSlowFile{300};
// Counting waits for the source more than it computes, so there may be more threads than cores.
constexpr size_t kThreads = 8;
// Files that are counted before it is their turn.
constexpr size_t kFilesAhead = 64;

// A file that was walked over. What is wrong in it is left to the consumer.
struct Walked {
  std::unique_ptr<FileCount> file;  // to read on from; nullptr if it could not be opened
  uint64_t rows = 0;
  std::exception_ptr error;  // after these rows
};

class CountStream final : public PieceStream {
 public:
  CountStream(FileList& files, const ReadOptions& options) : files_(files), options_(options) {}

  StreamPoll next(size_t most_rows, Clock::time_point deadline, Piece& piece) override {
    piece = {};
    try {
      while (!is_stopped_) {
        if (file_ == nullptr) {
          if (next_file_ == files_.size()) return StreamPoll::kEnd;
          if (!open_next(deadline)) return StreamPoll::kPending;
        }
        const bool goes_on = is_walking_ ? walk(deadline) : read_on(piece);
        const bool is_late = Clock::now() >= deadline;
        if (rows_ >= std::min<uint64_t>(most_rows, kPieceRows) || !piece.damage.empty() || !goes_on || is_late) {
          const bool has_any = finish(piece);
          if (!goes_on) file_.reset();
          if (has_any) return StreamPoll::kResult;
          if (is_late) return StreamPoll::kPending;
        }
      }
      return StreamPoll::kEnd;
    } catch (...) {
      piece.error = std::current_exception();
      fail(piece);
      return StreamPoll::kResult;
    }
  }

  void stop() override {
    is_stopped_ = true;
    const MutexLock lock(mutex_);
    if (running_ != nullptr) running_->stop();
  }

  void close() override {
    stop();
    {
      const MutexLock lock(mutex_);
      running_ = nullptr;
    }
    walkers_.reset();
    file_.reset();
    next_file_ = files_.size();
  }

 private:
  bool open_next(Clock::time_point deadline) {
    if (walkers_ == nullptr && are_slow()) start_walkers();
    if (walkers_ == nullptr) {
      // Not ahead of the rows that are wanted.
      const size_t n_threads = options_.n_rows.has_value() ? 1 : options_.n_threads;
      timed([&] { file_ = std::make_unique<FileCount>(files_.open(next_file_), options_.ignore_errors, n_threads); });
      is_walking_ = true;
    } else {
      std::optional<Walked> walked = walkers_->take(deadline);
      if (!walked.has_value()) return false;
      file_ = std::move(walked->file);
      rows_ = walked->rows;
      is_walking_ = false;
      if (walked->error != nullptr) std::rethrow_exception(walked->error);
    }
    ++next_file_;
    return true;
  }

  [[nodiscard]] bool are_slow() const {
    return !is_alone_ && next_file_ >= kFirstFiles && busy_ > static_cast<int64_t>(next_file_) * kSlowFile;
  }

  void start_walkers() {
    const size_t first = next_file_;
    const size_t num_files = files_.size() - first;
    is_alone_ = options_.n_threads == 1 || options_.n_rows.has_value() || num_files < 2;
    if (is_alone_) return;
    const size_t n_threads = std::min(num_files, options_.n_threads > 0 ? options_.n_threads : kThreads);
    walkers_ = std::make_unique<InOrder<Walked>>(num_files, n_threads, kFilesAhead,
                                                 [this, first](size_t index, size_t, const std::atomic<bool>& stopped) {
                                                   return walk_over(first + index, stopped);
                                                 });
    if (!walkers_->has_threads()) {
      walkers_.reset();
      is_alone_ = true;
      return;
    }
    const MutexLock lock(mutex_);
    running_ = walkers_.get();
    if (is_stopped_) running_->stop();
  }

  template <typename Action>
  void timed(Action action) {
    const Clock::time_point before = Clock::now();
    action();
    busy_ += Clock::now() - before;
  }

  // Called from several threads.
  [[nodiscard]] Walked walk_over(size_t index, const std::atomic<bool>& stopped) const {
    Walked walked;
    try {
      walked.file = std::make_unique<FileCount>(files_.open(index), options_.ignore_errors, /*n_threads=*/1);
      bool goes_on = true;
      while (goes_on && !stopped) {
        goes_on = walked.file->walk(Clock::time_point::max());
        walked.rows = add_rows(walked.rows, walked.file->take_rows());
      }
    } catch (...) {
      walked.error = std::current_exception();
      if (walked.file != nullptr) walked.rows = add_rows(walked.rows, walked.file->take_rows());
    }
    return walked;
  }

  // Both are false at the end of the file.
  bool walk(Clock::time_point deadline) {
    timed([&] { is_walking_ = file_->walk(deadline); });
    rows_ = add_rows(rows_, file_->take_rows());
    return true;
  }
  bool read_on(Piece& piece) { return file_->read_on(piece, rows_); }

  // The rows so far as a piece. False where there are none, and nothing else in it.
  bool finish(Piece& piece) {
    piece.file = file_->context();
    piece.end_offset = file_->position();
    if (rows_ > 0) {
      // Numbers of rows are signed in Arrow and in Python.
      constexpr auto kMostRows = static_cast<uint64_t>(INT64_MAX);
      if (rows_ > kMostRows - total_rows_) {
        rows_ = 0;
        throw Error(ErrorKind::kDecode, ErrorVariant::kInvalidData, "the blocks claim more rows than can be counted",
                    {.path = *piece.file->path});
      }
      auto chunk = std::make_shared<Chunk>();
      chunk->columns = files_.plans().columns();
      chunk->rows = rows_;
      total_rows_ += std::exchange(rows_, 0);
      piece.chunk = std::move(chunk);
    }
    return piece.chunk != nullptr || !piece.damage.empty();
  }

  // Rows that were counted before the error come first.
  void fail(Piece& piece) {
    try {
      if (file_ != nullptr) {
        rows_ = add_rows(rows_, file_->take_rows());
        (void)finish(piece);
      }
    } catch (...) {
      piece.error = std::current_exception();
    }
    close();
  }

  FileList& files_;
  const ReadOptions& options_;
  std::unique_ptr<InOrder<Walked>> walkers_;  // consumer only
  std::atomic<bool> is_stopped_ = false;
  Mutex mutex_;
  InOrder<Walked>* running_ JETLINER_GUARDED_BY(mutex_) = nullptr;  // walkers_, for stop()
  bool is_alone_ = false;                                           // there are to be no walkers
  Clock::duration busy_{0};  // what opening and walking took so far, without walkers

  size_t next_file_ = 0;
  std::unique_ptr<FileCount> file_;
  bool is_walking_ = false;
  uint64_t rows_ = 0;  // counted and not in a piece yet
  uint64_t total_rows_ = 0;
};

}  // namespace

std::unique_ptr<PieceStream> make_count_stream(FileList& files, const ReadOptions& options) {
  return std::make_unique<CountStream>(files, options);
}

}  // namespace jetliner
