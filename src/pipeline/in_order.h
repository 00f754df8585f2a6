// Work on several threads whose results are taken in order.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/own_threads.h"

namespace jetliner {

// Makes results 0 to n - 1, a bounded number of them before they are taken. The destructor stops and joins.
template <typename Result>
class InOrder {
 public:
  // What to do for an index, on one of the threads 0 to n_threads - 1; called from several at once. It may look at
  // `stopped` to end sooner.
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
      // Those that there are do it as well.
    } catch (...) {  // no memory: there will be no destructor
      close();
      throw;
    }
  }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;
  ~InOrder() { close(); }

  // False where not a single thread could be started: nothing is going to be made.
  [[nodiscard]] bool has_threads() const { return !threads_.empty(); }

  // The next result; nothing when the deadline has passed. Throws what its making threw. For one thread, n times.
  std::optional<Result> take(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    if (!is_made_.wait_until(lock, deadline, [this] { return is_next_made(); })) return std::nullopt;
    return take_made(lock);
  }

  // The same without a deadline.
  Result take() {
    std::unique_lock lock(mutex_);
    is_made_.wait(lock, [this] { return is_next_made(); });
    return take_made(lock);
  }

 private:
  struct Done {
    std::optional<Result> result;
    std::exception_ptr error;
    bool is_made = false;
  };

  [[nodiscard]] bool is_next_made() const { return done_[turn_ % most_ahead_].is_made; }

  Result take_made(std::unique_lock<std::mutex>& lock) {
    Done taken = std::exchange(done_[turn_ % most_ahead_], Done());
    ++turn_;
    room_.notify_one();
    lock.unlock();
    if (taken.error != nullptr) std::rethrow_exception(taken.error);
    return *std::move(taken.result);
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void work(size_t thread) {
    std::unique_lock lock(mutex_);
    for (;;) {
      room_.wait(lock, [this] { return stopped_ || next_ == n_ || next_ < turn_ + most_ahead_; });
      if (stopped_ || next_ == n_) break;
      const size_t index = next_++;
      lock.unlock();
      Done done;
      done.is_made = true;
      try {  // no exception may leave a thread
        done.result.emplace(make_(index, thread, stopped_));
      } catch (...) {
        done.error = std::current_exception();
      }
      lock.lock();
      done_[index % most_ahead_] = std::move(done);
      if (index == turn_) is_made_.notify_one();
    }
    room_.notify_all();  // the others are through as well
  }

  const Make make_;
  const size_t most_ahead_;
  const size_t n_;
  std::atomic<bool> stopped_ = false;  // set under mutex_

  std::mutex mutex_;
  std::condition_variable room_;     // threads wait
  std::condition_variable is_made_;  // the taker waits
  // Guarded by mutex_:
  size_t next_ = 0;         // to make
  size_t turn_ = 0;         // to take
  std::vector<Done> done_;  // those from turn_ on, in a ring

  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace jetliner
