#include "read/count_stream.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "jetliner/error.h"
#include "read/file_count.h"
#include "read/signals_blocked.h"

namespace jetliner {
namespace {

// A piece is handed out when it has so many rows: whoever wants the row index need not wait for the end of the file.
constexpr uint64_t kPieceRows = 1 << 20;

// Fewer files than this are counted sooner than threads are started.
constexpr size_t kWorthThreadsFiles = 16;
// Counting waits for the source more than it computes, so there may be more threads than cores.
constexpr size_t kThreads = 8;
// Files that are counted before it is their turn.
constexpr size_t kFilesAhead = 64;

// Walks over the whole blocks of files, several at a time. What is wrong in a file is left to the consumer.
class FileWalkers {
 public:
  struct Walked {
    std::unique_ptr<FileCount> file;  // to read on from; nullptr where it could not be opened
    uint64_t rows = 0;
    std::exception_ptr error;  // after these rows
    bool is_done = false;
  };

  FileWalkers(FileList& files, bool ignore_errors, size_t first_file, size_t n_threads)
      : files_(files), ignore_errors_(ignore_errors), next_(first_file), turn_(first_file), walked_(files.size()) {
    const SignalsBlocked blocked;
    threads_.reserve(n_threads);
    try {
      while (threads_.size() < n_threads) threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      // Those that there are do it as well; none, and the caller does it alone.
    }
  }
  FileWalkers(const FileWalkers&) = delete;
  FileWalkers& operator=(const FileWalkers&) = delete;
  ~FileWalkers() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] bool has_threads() const { return !threads_.empty(); }

  // The next file, in order. False when the deadline has passed.
  bool take(Clock::time_point deadline, Walked& out) {
    std::unique_lock lock(mutex_);
    if (!done_.wait_until(lock, deadline, [this] { return walked_[turn_].is_done; })) return false;
    out = std::move(walked_[turn_++]);
    room_.notify_one();
    return true;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      room_.wait(lock, [this] { return stopped_ || next_ == walked_.size() || next_ < turn_ + kFilesAhead; });
      if (stopped_ || next_ == walked_.size()) return;
      const size_t index = next_++;
      lock.unlock();
      Walked walked = walk(index);
      lock.lock();
      walked_[index] = std::move(walked);
      if (index == turn_) done_.notify_one();
    }
  }

  // No exception may leave a thread.
  Walked walk(size_t index) {
    Walked walked;
    walked.is_done = true;
    try {
      walked.file = std::make_unique<FileCount>(files_.open(index), ignore_errors_, /*ahead=*/true);
      bool goes_on = true;
      while (goes_on && !is_stopped()) {
        goes_on = walked.file->walk();
        walked.rows = add_rows(walked.rows, walked.file->take_rows());
      }
    } catch (...) {
      walked.error = std::current_exception();
    }
    return walked;
  }

  [[nodiscard]] bool is_stopped() {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }

  FileList& files_;
  const bool ignore_errors_;

  std::mutex mutex_;
  std::condition_variable room_;  // walkers wait
  std::condition_variable done_;  // the consumer waits
  // Guarded by mutex_:
  size_t next_;                 // file to walk over
  size_t turn_;                 // file to take
  std::vector<Walked> walked_;  // by file
  bool stopped_ = false;

  std::vector<std::thread> threads_;  // last: they use all of the above
};

class CountStream final : public PieceStream {
 public:
  CountStream(FileList& files, const ReadOptions& options) : files_(files), options_(options) {}

  StreamPoll next(size_t most_rows, Clock::time_point deadline, Piece& piece) override {
    piece = {};
    try {
      for (;;) {
        if (file_ == nullptr) {
          if (next_file_ == files_.size()) return StreamPoll::kEnd;
          if (!open_next(deadline)) return StreamPoll::kPending;
        }
        const bool goes_on = is_walking_ ? walk() : read_on(piece);
        const bool is_late = Clock::now() >= deadline;
        if (rows_ >= std::min<uint64_t>(most_rows, kPieceRows) || !piece.damage.empty() || !goes_on || is_late) {
          const bool has_any = finish(piece);
          if (!goes_on) file_.reset();
          if (has_any) return StreamPoll::kPiece;
          if (is_late) return StreamPoll::kPending;
        }
      }
    } catch (...) {
      piece.error = std::current_exception();
      fail(piece);
      return StreamPoll::kPiece;
    }
  }

  void close() override {
    walkers_.reset();
    file_.reset();
    next_file_ = files_.size();
  }

 private:
  bool open_next(Clock::time_point deadline) {
    if (walkers_ == nullptr && !is_alone_) start_walkers();
    if (walkers_ == nullptr) {
      const bool ahead = !options_.n_rows.has_value();
      file_ = std::make_unique<FileCount>(files_.open(next_file_), options_.ignore_errors, ahead);
      is_walking_ = true;
    } else {
      FileWalkers::Walked walked;
      if (!walkers_->take(deadline, walked)) return false;
      file_ = std::move(walked.file);
      rows_ = walked.rows;
      is_walking_ = false;
      if (walked.error != nullptr) std::rethrow_exception(walked.error);
    }
    ++next_file_;
    return true;
  }

  void start_walkers() {
    is_alone_ = true;
    const size_t num_files = files_.size() - next_file_;
    if (options_.n_threads == 1 || options_.n_rows.has_value() || num_files < kWorthThreadsFiles) return;
    const size_t n_threads = options_.n_threads > 0 ? options_.n_threads : kThreads;
    walkers_ =
        std::make_unique<FileWalkers>(files_, options_.ignore_errors, next_file_, std::min(n_threads, num_files));
    if (!walkers_->has_threads()) walkers_.reset();
  }

  // Both are false at the end of the file.
  bool walk() {
    is_walking_ = file_->walk();
    rows_ = add_rows(rows_, file_->take_rows());
    return true;
  }
  bool read_on(Piece& piece) { return file_->read_on(piece, rows_); }

  // The rows so far as a piece. False where there are none, and nothing else in it.
  bool finish(Piece& piece) {
    piece.file = file_->context();
    if (rows_ > 0) {
      // Numbers of rows are signed in Arrow and in Python.
      constexpr auto kMostRows = static_cast<uint64_t>(INT64_MAX);
      if (rows_ > kMostRows - total_rows_) {
        rows_ = 0;
        throw Error(ErrorKind::kDecode, "InvalidData", "the blocks claim more rows than can be counted",
                    {.path = *piece.file->path});
      }
      auto chunk = std::make_shared<Chunk>();
      chunk->columns = files_.columns();
      chunk->rows = rows_;
      total_rows_ += std::exchange(rows_, 0);
      piece.chunk = std::move(chunk);
    }
    return piece.chunk != nullptr || !piece.damage.empty();
  }

  // Rows that were counted before the error come first.
  void fail(Piece& piece) {
    try {
      if (file_ != nullptr) (void)finish(piece);
    } catch (...) {
      piece.error = std::current_exception();
    }
    close();
  }

  FileList& files_;
  const ReadOptions& options_;
  std::unique_ptr<FileWalkers> walkers_;
  bool is_alone_ = false;  // no walkers, or they were thought of already

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
