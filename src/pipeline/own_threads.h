// What all threads of this library have in common, in a process that is somebody else's.
#pragma once

#include <pthread.h>

#include <csignal>

namespace jetliner {

// Lives while threads are started: they inherit the signal mask, and signals are for the host's threads, not for ours.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

// The first thing that a thread does: `top -H`, `perf` and debuggers then tell whose it is.
inline void name_own_thread() {
#ifdef __linux__
  (void)pthread_setname_np(pthread_self(), "jetliner");
#endif
}

}  // namespace jetliner
