// A known number of results, made by several threads and taken in order.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "pipeline/own_threads.h"

namespace jetliner {

// Makes the results 0 to n - 1, at most `most_ahead` of them before they are taken. The destructor stops and joins.
template <typename Result>
class InOrder {
 public:
  // Makes one result, on one of the threads 0 to n_threads - 1. Called from several threads. May end early once
  // `stopped` is set.
  using Make = std::function<Result(size_t index, size_t thread, const std::atomic<bool>& stopped)>;

  InOrder(size_t n, size_t n_threads, size_t most_ahead, Make make)
      : make_(std::move(make)), most_ahead_(most_ahead), n_(n), done_(most_ahead) {
    const SignalsBlocked blocked;
    threads_.reserve(n_threads);
    try {
      while (threads_.size() < n_threads) {
        threads_.emplace_back([this, thread = threads_.size()] {
          name_own_thread();
          work(thread);
        });
      }
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
      // The threads that did start do all of the work.
    } catch (...) {  // no memory: there will be no destructor
      close();
      throw;
    }
  }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;
  ~InOrder() { close(); }

  // False if not a single thread could be started: nothing is going to be made.
  [[nodiscard]] bool has_threads() const { return !threads_.empty(); }

  // The next result. Nothing when the deadline has passed, and after stop(). Throws what its making threw. For one
  // thread, n times.
  std::optional<Result> take(std::chrono::steady_clock::time_point deadline) {
    Done taken;
    {
      const MutexLock lock(mutex_);
      while (stopped_ || !done_[turn_ % most_ahead_].is_made) {
        if (stopped_ || !is_made_.wait_until(mutex_, deadline)) return std::nullopt;
      }
      taken = std::exchange(done_[turn_ % most_ahead_], Done());
      ++turn_;
      room_.notify_one();
    }
    if (taken.error != nullptr) std::rethrow_exception(taken.error);
    return std::move(taken.result);
  }

  // From any thread: take() returns nothing from now on, and the threads end soon.
  void stop() {
    const MutexLock lock(mutex_);
    stopped_ = true;
    room_.notify_all();
    is_made_.notify_all();
  }

 private:
  struct Done {
    std::optional<Result> result;
    std::exception_ptr error;
    bool is_made = false;
  };

  void close() {
    stop();
    for (std::thread& thread : threads_) thread.join();
  }

  void work(size_t thread) {
    MutexLock lock(mutex_);
    while (!stopped_ && next_ < n_) {
      if (next_ >= turn_ + most_ahead_) {
        room_.wait(mutex_);
        continue;
      }
      const size_t index = next_++;
      lock.unlock();
      Done done = made(index, thread);
      lock.lock();
      done_[index % most_ahead_] = std::move(done);
      if (index == turn_) is_made_.notify_one();
    }
    room_.notify_all();  // there is nothing more to make: the other threads end as well
  }

  Done made(size_t index, size_t thread) {
    Done done;
    done.is_made = true;
    try {  // no exception may leave a thread
      done.result.emplace(make_(index, thread, stopped_));
    } catch (...) {
      done.error = std::current_exception();
    }
    return done;
  }

  const Make make_;
  const size_t most_ahead_;
  const size_t n_;
  std::atomic<bool> stopped_ = false;  // set with mutex_ held, read without it as well

  Mutex mutex_;
  CondVar room_;                                        // threads wait
  CondVar is_made_;                                     // the taker waits
  size_t next_ JETLINER_GUARDED_BY(mutex_) = 0;         // to make
  size_t turn_ JETLINER_GUARDED_BY(mutex_) = 0;         // to take
  std::vector<Done> done_ JETLINER_GUARDED_BY(mutex_);  // results from turn_ on, in a ring

  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace jetliner
