// A pipeline that begins on the consumer's thread, and goes on with threads if there is enough to do for them. So small
// files, and the first few rows of large ones, cost no threads.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "pipeline/cores.h"
#include "pipeline/work.h"
#include "pipeline/worker_threads.h"

namespace jetliner {

struct StreamOptions {
  PipelineLimits limits;
  size_t n_threads = 0;          // 0: the cores that this process may use
  bool takes_submitted = false;  // submit() may be called
};

// For one thread, but for stop().
template <PipelineWork Work, PipelineResult Result>
class Stream {
 public:
  Stream(std::unique_ptr<Producer<Work>> producer, MakeWorker<Work, Result> make_worker, const StreamOptions& options)
      : producer_(std::move(producer)),
        make_worker_(std::move(make_worker)),
        options_(options),
        worker_(make_worker_()),
        submitted_worker_(options.takes_submitted ? make_worker_() : nullptr) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { close(); }

  // The next result, of at most `most_rows` rows if it is made on this thread. Results of submitted work come in
  // between, in the order in which it was submitted; with `most_rows` 0, only these come. Errors are in the result;
  // only std::bad_alloc may be thrown. kEnd: nothing is left, of submitted work either, or the stream was stopped.
  StreamPoll next(size_t most_rows, Clock::time_point deadline, Result& result) {
    if (threads_ != nullptr) return threads_->next(most_rows, deadline, result);
    if (is_stopped_) return StreamPoll::kEnd;
    if (next_submitted(result)) return StreamPoll::kResult;
    if (most_rows == 0) return StreamPoll::kPending;
    try {
      while (!is_stopped_) {
        if (is_working_) {
          if (worker_->next(most_rows, result)) {
            rows_of_work_ += result.num_rows();
            return StreamPoll::kResult;
          }
          is_working_ = false;
          work_ = worker_->take_spare();
          if (const size_t n_threads = threads_worth_starting(most_rows); n_threads > 0) {
            start_threads(n_threads);
            return threads_->next(most_rows, deadline, result);
          }
          if (Clock::now() >= deadline) return StreamPoll::kPending;
        }
        if (!producer_->next(work_)) return StreamPoll::kEnd;
        rows_of_work_ = 0;
        worker_->start(std::move(work_));
        is_working_ = true;
      }
      return StreamPoll::kEnd;
    } catch (...) {
      // Submitted work is still done: it comes before the error.
      result = Result::of_error(std::current_exception());
      is_working_ = false;
      producer_->close();
      return StreamPoll::kResult;
    }
  }

  // With StreamOptions::takes_submitted; also after next() has returned kEnd.
  void submit(Work work) {
    if (threads_ != nullptr) {
      threads_->submit(std::move(work));
    } else {
      submitted_.push_back(std::move(work));
    }
  }

  // From any thread: next() returns kEnd soon, and from then on.
  void stop() {
    is_stopped_ = true;
    const MutexLock lock(mutex_);
    if (running_ != nullptr) running_->stop();
  }

  // Stops, joins the threads, and frees what they held.
  void close() {
    stop();
    if (threads_ != nullptr) threads_->close();
    submitted_.clear();
    is_on_submitted_ = false;
    is_working_ = false;
    producer_->close();
  }

 private:
  // No threads are started if the demand is less than this many works like the last one.
  static constexpr size_t kFewWorks = 4;

  // One result at a time: few bytes may unfold to many results.
  bool next_submitted(Result& result) {
    try {
      for (;;) {
        if (is_on_submitted_ && submitted_worker_->next(SIZE_MAX, result)) return true;
        is_on_submitted_ = false;
        if (submitted_.empty()) return false;
        submitted_worker_->start(std::move(submitted_.front()));
        submitted_.pop_front();
        is_on_submitted_ = true;
      }
    } catch (...) {
      result = submitted_worker_->failure(std::current_exception());
      is_on_submitted_ = false;
      submitted_.clear();  // the worker may be in any state
      return true;
    }
  }

  // 0: go on without threads.
  size_t threads_worth_starting(size_t most_rows) {
    if (options_.n_threads == 1 || most_rows < kFewWorks * rows_of_work_ || !producer_->has_plenty_left()) return 0;
    // Counting cores costs more than decoding a small file.
    if (!n_threads_.has_value()) n_threads_ = options_.n_threads > 0 ? options_.n_threads : usable_cores();
    return *n_threads_ > 1 ? *n_threads_ : 0;
  }

  void start_threads(size_t n_threads) {
    threads_ = std::make_unique<WorkerThreads<Work, Result>>(*producer_, make_worker_, options_.limits, n_threads,
                                                             options_.takes_submitted);
    const MutexLock lock(mutex_);
    running_ = threads_.get();
    if (is_stopped_) running_->stop();
  }

  const std::unique_ptr<Producer<Work>> producer_;
  const MakeWorker<Work, Result> make_worker_;
  const StreamOptions options_;
  std::optional<size_t> n_threads_;  // once it was asked for

  Work work_;
  std::unique_ptr<Worker<Work, Result>> worker_;
  bool is_working_ = false;  // worker_ is
  size_t rows_of_work_ = 0;  // that the present work has given
  // Submitted work has a worker of its own: worker_ may be in the middle of the producer's.
  std::unique_ptr<Worker<Work, Result>> submitted_worker_;
  std::deque<Work> submitted_;  // that submitted_worker_ has not begun
  bool is_on_submitted_ = false;

  std::atomic<bool> is_stopped_ = false;
  Mutex mutex_;
  std::unique_ptr<WorkerThreads<Work, Result>> threads_;                        // consumer only
  WorkerThreads<Work, Result>* running_ JETLINER_GUARDED_BY(mutex_) = nullptr;  // threads_, for stop()
};

}  // namespace jetliner
