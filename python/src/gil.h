// Letting the GIL go while C++ works or waits.
#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <thread>

namespace jetliner::python {

// Releases the GIL for its lifetime. In contrast to nanobind's own it survives the end of the interpreter: a daemon
// thread that asks for the GIL then is ended by Python, before 3.14 by pthread_exit(), whose unwinding C++ turns into
// std::terminate at the first function that must not throw. Such a thread sleeps here instead; the process is about
// to end.
class GilReleased {
 public:
  GilReleased() : thread_(PyEval_SaveThread()) {}
  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;
  ~GilReleased() {
    try {
      PyEval_RestoreThread(thread_);
    } catch (...) {  // nothing but that unwinding: Python's functions are C
      for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    }
  }

 private:
  PyThreadState* thread_;
};

// Lets Python handle signals. Called without the GIL, in the middle of work: Ctrl-C ends the work.
inline void check_signals() {
  const nanobind::gil_scoped_acquire acquired;
  if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
}

}  // namespace jetliner::python
