// Manners of this library's threads in a process that belongs to somebody else.
#pragma once

#include <pthread.h>

#include <csignal>

namespace jetliner {

// Blocks signals while it lives. Threads that are started meanwhile inherit the mask: signals are for the host's
// threads.
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

// Each thread calls this first, so that `top -H`, `perf` and debuggers tell whose it is.
inline void name_own_thread() {
#ifdef __linux__
  (void)pthread_setname_np(pthread_self(), "jetliner");
#endif
}

}  // namespace jetliner
