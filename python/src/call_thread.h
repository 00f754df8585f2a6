// Calls that may wait for a network, on a thread of their own. The thread that wants the result looks at signals
// meanwhile, so Ctrl-C is heard although the call itself does not return.
#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <exception>
#include <functional>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "gil.h"
#include "pipeline/own_threads.h"

namespace jetliner::python {

// A wait returns this often to Python, so that Ctrl-C is heard.
inline constexpr std::chrono::milliseconds kSignalInterval{50};

// One call at a time. For one thread. Needs no GIL. A call that is under way when this object is destroyed must end
// soon by itself.
class CallThread {
 public:
  CallThread() {
    const SignalsBlocked blocked;
    thread_ = std::thread([this] {
      name_own_thread();
      work();
    });
  }
  CallThread(const CallThread&) = delete;
  CallThread& operator=(const CallThread&) = delete;
  ~CallThread() {
    {
      const MutexLock lock(mutex_);
      is_closed_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }

  [[nodiscard]] bool is_busy() const {
    const MutexLock lock(mutex_);
    return call_ != nullptr;
  }
  // Only if it is not busy.
  void start(std::function<void()> call) {
    const MutexLock lock(mutex_);
    call_ = std::move(call);
    is_done_ = false;
    changed_.notify_all();
  }
  // False when the time has passed. True once the call has returned; throws what it threw.
  bool wait_for(std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    std::exception_ptr error;
    {
      const MutexLock lock(mutex_);
      while (!is_done_) {
        if (!changed_.wait_until(mutex_, deadline)) return false;
      }
      call_ = nullptr;
      error = std::exchange(error_, nullptr);
    }
    if (error != nullptr) std::rethrow_exception(error);
    return true;
  }

 private:
  void work() {
    MutexLock lock(mutex_);
    for (;;) {
      while (!is_closed_ && (call_ == nullptr || is_done_)) changed_.wait(mutex_);
      if (is_closed_) return;
      lock.unlock();
      std::exception_ptr error;
      try {
        call_();
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      error_ = std::move(error);
      is_done_ = true;
      changed_.notify_all();
    }
  }

  mutable Mutex mutex_;
  CondVar changed_;
  std::function<void()> call_;  // changed only while no call is under way
  bool is_done_ JETLINER_GUARDED_BY(mutex_) = false;
  bool is_closed_ JETLINER_GUARDED_BY(mutex_) = false;
  std::exception_ptr error_ JETLINER_GUARDED_BY(mutex_);
  std::thread thread_;  // last: it uses all of the above
};

// A thread that waits: looks at signals, which Python gives to its main thread alone, then calls `on_wait`, if it is
// not None. With the GIL. Throws Python's exception.
inline void look_while_waiting(const nanobind::object& on_wait) {
  if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
  if (on_wait.is_valid() && !on_wait.is_none()) on_wait();
}

// Runs a call to its end, with the GIL on entry and on return. If Python wants the thread, as for Ctrl-C, `interrupt`
// must make the call end soon; its result is of no use then. Throws what the call threw, or Python's exception.
inline void run_interruptibly(CallThread& caller, std::function<void()> call, const std::function<void()>& interrupt,
                              const nanobind::object& on_wait = {}) {
  caller.start(std::move(call));
  for (;;) {
    {
      const GilReleased released;
      if (caller.wait_for(kSignalInterval)) return;
    }
    std::exception_ptr interrupted;
    try {
      look_while_waiting(on_wait);
    } catch (const nanobind::python_error&) {
      interrupted = std::current_exception();
    }
    if (interrupted == nullptr) continue;
    {
      const GilReleased released;
      interrupt();
      try {
        while (!caller.wait_for(kSignalInterval)) {
        }
      } catch (...) {  // NOLINT(bugprone-empty-catch): the effect of interrupt()
      }
    }
    std::rethrow_exception(interrupted);
  }
}

}  // namespace jetliner::python
