// A mutex, a lock and a condition variable that clang's thread-safety analysis knows (-Wthread-safety in `make lint`).
// A member says which mutex guards it, a function which one its caller must hold; the compiler proves both.
// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define JETLINER_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define JETLINER_THREAD_ANNOTATION(x)
#endif

// For a member: read and written only with the mutex held.
#define JETLINER_GUARDED_BY(mutex) JETLINER_THREAD_ANNOTATION(guarded_by(mutex))
// For a function: its caller holds the mutex.
#define JETLINER_REQUIRES(mutex) JETLINER_THREAD_ANNOTATION(requires_capability(mutex))
// For a function: its caller does not hold the mutex.
#define JETLINER_EXCLUDES(mutex) JETLINER_THREAD_ANNOTATION(locks_excluded(mutex))

namespace jetliner {

class JETLINER_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() JETLINER_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() JETLINER_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  bool try_lock() JETLINER_THREAD_ANNOTATION(try_acquire_capability(true)) { return mutex_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a mutex for its lifetime, but for the time between unlock() and lock().
class JETLINER_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) JETLINER_THREAD_ANNOTATION(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() JETLINER_THREAD_ANNOTATION(release_capability()) {
    if (is_held_) mutex_.unlock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() JETLINER_THREAD_ANNOTATION(release_capability()) {
    is_held_ = false;
    mutex_.unlock();
  }
  void lock() JETLINER_THREAD_ANNOTATION(acquire_capability()) {
    mutex_.lock();
    is_held_ = true;
  }

 private:
  Mutex& mutex_;
  bool is_held_ = true;
};

// Waits may end without reason: callers look at their condition again.
class CondVar {
 public:
  void wait(Mutex& mutex) JETLINER_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    (void)lock.release();
  }
  // False when the deadline has passed.
  bool wait_until(Mutex& mutex, std::chrono::steady_clock::time_point deadline) JETLINER_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const std::cv_status status = condition_.wait_until(lock, deadline);
    (void)lock.release();
    return status == std::cv_status::no_timeout;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace jetliner
