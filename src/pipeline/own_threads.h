// Manners of this library's threads in a process that belongs to somebody else.
#pragma once

#ifndef _WIN32
#include <pthread.h>

#include <csignal>
#endif

#include "base/system.h"

namespace jetliner {

// Blocks signals while it lives. Threads that are started meanwhile inherit the mask: signals are for the host's
// threads.
class SignalsBlocked {
 public:
#ifdef _WIN32
  SignalsBlocked() {}  // Windows sends none
#else
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
#endif
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

#ifndef _WIN32
 private:
  sigset_t before_{};
#endif
};

// Each thread calls this first, so that `top -H`, `perf` and debuggers tell whose it is.
inline void name_own_thread() { sys::name_own_thread("jetliner"); }

}  // namespace jetliner
