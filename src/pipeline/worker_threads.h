// The pipeline with threads.
//
//     producer ──► queue of work ──► workers ──► results, by work ──► consumer, in order
//                  limited                       limited; the next in order always has room
//
// Who calls the producer. Where it is quick (a local file), the workers do, one at a time, each for its own next work:
// the bytes are then in the cache of the core that needs them, and there are no more threads than workers. Where it is
// slow (a network, unless threads of the source fetch ahead), a thread of its own does, and queues work within the
// limits. Files of both kinds may follow each other, so this is decided anew after each work.
//
// Back pressure. A slow consumer fills the budget of results. Workers then wait, and with them the producer: its thread
// waits for room in the queue of work. The result that is next in order always passes, so nobody waits for ever.
//
// Failure. An exception of the producer or of a worker becomes a result in its place, so that all results before it
// arrive. An exception anywhere else in a thread ends the stream: failure_.
//
// Submitted work. Workers take it before the producer's. The consumer itself works on it rather than wait, since all
// workers may be waiting for the consumer.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "jetliner/error.h"
#include "pipeline/own_threads.h"
#include "pipeline/slots.h"
#include "pipeline/work.h"

namespace jetliner {

template <PipelineWork Work, PipelineResult Result>
class WorkerThreads {
 public:
  // Starts `n_threads` (> 0) workers. `takes_submitted`: work may be submitted, also after the producer's end. Throws
  // Error (kSource) if a thread cannot be started.
  WorkerThreads(Producer<Work>& producer, const MakeWorker<Work, Result>& make_worker, const PipelineLimits& limits,
                size_t n_threads, bool takes_submitted)
      : producer_(producer),
        make_worker_(make_worker),
        takes_submitted_(takes_submitted),
        own_worker_(takes_submitted ? make_worker() : nullptr),
        slots_(limits.max_ready_bytes),
        queued_(limits) {
    producer_.begin_ahead();
    try {
      MutexLock lock(mutex_);
      note_producer();
      spare_work_.reserve(kMaxSpareWork);
      threads_.reserve(n_threads + 1);
      for (size_t i = 0; i < n_threads; ++i) start([this] { work(); });
      if (is_slow_) start_producing();
    } catch (const std::system_error& error) {
      close();  // there will be no destructor
      throw Error(ErrorKind::kSource, ErrorVariant::kIo, std::string("cannot start a thread (") + error.what() + ")",
                  {.option = "n_threads"});
    } catch (...) {
      close();
      throw;
    }
  }
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;
  ~WorkerThreads() { close(); }

  // Consumer: the next result. `most_rows` 0: of submitted work only.
  StreamPoll next(size_t most_rows, Clock::time_point deadline, Result& result) {
    const MutexLock lock(mutex_);
    for (;;) {
      if (is_stopped_) return StreamPoll::kEnd;
      if (failure_ != nullptr) {
        result = Result::of_error(failure_);
        return StreamPoll::kResult;
      }
      if (slots_.take(most_rows == 0, result)) {
        room_for_results_.notify_all();
        return StreamPoll::kResult;
      }
      if (is_produced_ && slots_.empty()) return StreamPoll::kEnd;
      if (Clock::now() >= deadline) return StreamPoll::kPending;
      if (work_on_submitted()) continue;
      if (!result_ready_.wait_until(mutex_, deadline)) return StreamPoll::kPending;
    }
  }

  // Consumer: work that goes before the producer's.
  void submit(Work work) {
    auto slot = std::make_unique<Slot>();
    slot->work = std::move(work);
    slot->is_submitted = true;
    const MutexLock lock(mutex_);
    slots_.add(std::move(slot));
    work_queued_.notify_one();
  }

  // From any thread: next() returns kEnd from now on, and workers end soon.
  void stop() {
    const MutexLock lock(mutex_);
    is_stopped_ = true;
    room_for_work_.notify_all();
    work_queued_.notify_all();
    room_for_results_.notify_all();
    result_ready_.notify_all();
  }

  // Consumer: stops, joins the threads and frees all work and results.
  void close() {
    stop();
    std::vector<std::thread> threads;
    {
      // After stop() nobody starts a thread.
      const MutexLock lock(mutex_);
      threads.swap(threads_);
    }
    for (std::thread& thread : threads) thread.join();
    const MutexLock lock(mutex_);
    own_slot_ = nullptr;
    slots_.clear();
  }

 private:
  using Slot = jetliner::Slot<Work, Result>;

  static constexpr size_t kMaxSpareWork = 8;

  template <typename Action>
  void start(Action action) JETLINER_REQUIRES(mutex_) {
    const SignalsBlocked blocked;
    threads_.emplace_back([this, action] {
      name_own_thread();
      try {
        action();
      } catch (...) {  // no exception may leave a thread
        const MutexLock lock(mutex_);
        failure_ = std::current_exception();
        result_ready_.notify_all();
      }
    });
  }

  // --- producing: the producer's thread, or a worker in its turn

  // The producer is slow: from now on a thread of its own calls it, as long as it is. If no thread can be started, the
  // workers go on calling it.
  void start_producing() JETLINER_REQUIRES(mutex_) {
    if (has_producing_thread_) {
      room_for_work_.notify_one();
      return;
    }
    try {
      start([this] { produce(); });
      has_producing_thread_ = true;
    } catch (const std::system_error&) {
      is_slow_ = false;
      may_be_slow_ = false;
    }
  }

  void produce() {
    const MutexLock lock(mutex_);
    while (!is_stopped_ && !is_produced_) {
      if (!is_slow_ || is_producing_ || !queued_.has_room(next_bytes_)) {
        room_for_work_.wait(mutex_);
        continue;
      }
      std::unique_ptr<Slot> slot = make_slot();
      if (slot == nullptr) {
        end_producing();
        return;
      }
      if (!slot->is_taken) queued_.add(slot->input_bytes);
      slots_.add(std::move(slot));
      work_queued_.notify_one();
      if (!is_slow_) work_queued_.notify_all();  // a worker may call the producer now
    }
  }

  // The next work in a slot. Returns nullptr at the end, and after an error, which has a slot of its own. Does not hold
  // the lock while the producer works.
  std::unique_ptr<Slot> make_slot() JETLINER_REQUIRES(mutex_) {
    if (has_failed_) return nullptr;
    is_producing_ = true;
    auto slot = std::make_unique<Slot>();
    if (!spare_work_.empty()) {
      slot->work = std::move(spare_work_.back());
      spare_work_.pop_back();
    }
    mutex_.unlock();
    std::exception_ptr error;
    bool is_end = false;
    try {
      is_end = !producer_.next(slot->work);
    } catch (...) {
      error = std::current_exception();
    }
    mutex_.lock();
    is_producing_ = false;
    has_failed_ = error != nullptr;
    note_producer();
    if (is_end) return nullptr;
    if (error == nullptr) {
      slot->input_bytes = slot->work.input_bytes();
    } else {
      slot->is_taken = true;
      slot->is_done = true;
      slot->results.push_back(Result::of_error(error));
    }
    return slot;
  }

  void note_producer() JETLINER_REQUIRES(mutex_) {
    is_slow_ = may_be_slow_ && producer_.is_slow();
    next_bytes_ = producer_.next_bytes();
  }

  void end_producing() JETLINER_REQUIRES(mutex_) {
    is_produced_ = true;
    room_for_work_.notify_all();
    work_queued_.notify_all();
    result_ready_.notify_all();
  }

  // --- working

  void work() {
    const std::unique_ptr<Worker<Work, Result>> worker = make_worker_();
    MutexLock lock(mutex_);
    while (Slot* const slot = take_slot()) {
      lock.unlock();
      const bool goes_on = run(*worker, *slot);
      Work spare = goes_on ? worker->take_spare() : Work();
      lock.lock();
      if (!goes_on) return;
      if (spare_work_.size() < kMaxSpareWork) spare_work_.push_back(std::move(spare));
      end(*slot);
      if (!has_news()) continue;
      lock.unlock();  // or else the consumer would wake only to wait for the lock
      result_ready_.notify_one();
      lock.lock();
    }
  }

  // Submitted work, or queued work, or work that this worker has the producer make. nullptr at the end.
  Slot* take_slot() JETLINER_REQUIRES(mutex_) {
    while (!is_stopped_) {
      if (Slot* const slot = slots_.untaken_submitted()) {
        slot->is_taken = true;
        return slot;
      }
      if (Slot* const slot = slots_.untaken_produced()) {
        slot->is_taken = true;
        queued_.remove(slot->input_bytes);
        room_for_work_.notify_one();
        return slot;
      }
      if (is_produced_ && !takes_submitted_) return nullptr;
      if (is_produced_ || is_slow_ || is_producing_) {
        work_queued_.wait(mutex_);
      } else if (Slot* const slot = make_own_slot(); slot != nullptr) {
        return slot;
      }
    }
    return nullptr;
  }

  // Returns nullptr if there is nothing to work on.
  Slot* make_own_slot() JETLINER_REQUIRES(mutex_) {
    std::unique_ptr<Slot> slot = make_slot();
    if (slot == nullptr) {
      end_producing();
      return nullptr;
    }
    Slot& own = slots_.add(std::move(slot));
    if (is_slow_ && !is_stopped_) start_producing();
    work_queued_.notify_one();  // another worker may call the producer now
    if (own.is_taken) {         // by an error
      result_ready_.notify_one();
      return nullptr;
    }
    own.is_taken = true;
    return &own;
  }

  // Makes the results of a slot. Returns false if the stream was stopped, and after an exception: the results of later
  // work are of no use then, and the worker may be in any state.
  bool run(Worker<Work, Result>& worker, Slot& slot) {
    try {
      worker.start(std::move(slot.work));
      for (Result result; worker.next(SIZE_MAX, result); result = Result()) {
        if (!hand_over(slot, std::move(result))) return false;
      }
      return true;
    } catch (...) {
      (void)hand_over(slot, worker.failure(std::current_exception()));
      return false;
    }
  }

  // Waits for room. Returns false if the stream was stopped.
  bool hand_over(Slot& slot, Result result) {
    MutexLock lock(mutex_);
    while (!is_stopped_ && !slots_.has_room(slot, result)) room_for_results_.wait(mutex_);
    if (is_stopped_) return false;
    slots_.put(slot, std::move(result));
    const bool is_for_consumer = has_news();
    lock.unlock();  // or else the consumer would wake only to wait for the lock
    if (is_for_consumer) result_ready_.notify_one();
    return true;
  }

  // All results of the slot are there. The next slot may now be the first of its queue, which always has room.
  void end(Slot& slot) JETLINER_REQUIRES(mutex_) {
    slots_.end(slot);
    room_for_results_.notify_all();
  }

  // Whether there is anything for the consumer.
  [[nodiscard]] bool has_news() const JETLINER_REQUIRES(mutex_) {
    return slots_.has_result() || (is_produced_ && slots_.empty());
  }

  // Consumer: makes the next result of the first submitted work that no worker has. Returns false if there is none, or
  // if the previous result has not been taken yet.
  bool work_on_submitted() JETLINER_REQUIRES(mutex_) {
    if (own_worker_ == nullptr) return false;
    const bool is_new = own_slot_ == nullptr;
    if (is_new) {
      own_slot_ = slots_.untaken_submitted();
      if (own_slot_ == nullptr) return false;
      own_slot_->is_taken = true;
    } else if (!own_slot_->results.empty()) {
      return false;
    }
    Slot& slot = *own_slot_;
    mutex_.unlock();
    Result result;
    bool has_result = true;
    bool goes_on = true;
    try {
      if (is_new) own_worker_->start(std::move(slot.work));
      has_result = goes_on = own_worker_->next(SIZE_MAX, result);
    } catch (...) {
      result = own_worker_->failure(std::current_exception());
      own_worker_.reset();  // it may be in any state
      goes_on = false;
    }
    mutex_.lock();
    if (has_result) slots_.put(slot, std::move(result));
    if (!goes_on) {
      own_slot_ = nullptr;
      end(slot);
    }
    return true;
  }

  Producer<Work>& producer_;  // whoever has set is_producing_ calls it
  const MakeWorker<Work, Result> make_worker_;
  const bool takes_submitted_;
  // Consumer thread only:
  std::unique_ptr<Worker<Work, Result>> own_worker_;  // nullptr if no work may be submitted, and after a failure
  Slot* own_slot_ = nullptr;                          // what own_worker_ works on

  Mutex mutex_;
  CondVar room_for_work_;     // the producer's thread waits: for room, or until the producer is slow
  CondVar work_queued_;       // workers wait: for work, or for their turn to call the producer
  CondVar room_for_results_;  // workers wait
  CondVar result_ready_;      // the consumer waits
  // A slot's flags and results are guarded as well; its work is of whoever has taken it.
  Slots<Work, Result> slots_ JETLINER_GUARDED_BY(mutex_);
  std::vector<Work> spare_work_ JETLINER_GUARDED_BY(mutex_);  // memory to reuse
  QueueBudget queued_ JETLINER_GUARDED_BY(mutex_);            // produced, and not taken by a worker
  size_t next_bytes_ JETLINER_GUARDED_BY(mutex_) = 0;         // of the producer
  bool may_be_slow_ JETLINER_GUARDED_BY(mutex_) = true;       // false once the producer's thread could not be started
  bool is_slow_ JETLINER_GUARDED_BY(mutex_) = false;          // the producer is
  bool has_producing_thread_ JETLINER_GUARDED_BY(mutex_) = false;
  bool is_producing_ JETLINER_GUARDED_BY(mutex_) = false;  // somebody calls the producer just now
  bool is_produced_ JETLINER_GUARDED_BY(mutex_) = false;   // all of it
  bool has_failed_ JETLINER_GUARDED_BY(mutex_) = false;    // the producer has
  bool is_stopped_ JETLINER_GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ JETLINER_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ JETLINER_GUARDED_BY(mutex_);
};

}  // namespace jetliner
