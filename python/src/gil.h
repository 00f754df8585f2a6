// Letting the GIL go while C++ works or waits, and taking it. In contrast to nanobind's own classes, these survive the
// end of the interpreter (take_gil.h).
#pragma once

#include <nanobind/nanobind.h>

#include "take_gil.h"

namespace jetliner::python {

// Frees the buffers that threads without the GIL have let go of (buffer.h). Needs the GIL.
void free_dropped_buffers() noexcept;

// The first member of an object of Python, so that it is destroyed last: frees the buffers of the other members.
class FreesDroppedBuffers {
 public:
  FreesDroppedBuffers() = default;
  FreesDroppedBuffers(const FreesDroppedBuffers&) = delete;
  FreesDroppedBuffers& operator=(const FreesDroppedBuffers&) = delete;
  ~FreesDroppedBuffers() { free_dropped_buffers(); }
};

// Releases the GIL for its lifetime.
class GilReleased {
 public:
  GilReleased() : thread_(PyEval_SaveThread()) {}
  GilReleased(const GilReleased&) = delete;
  GilReleased& operator=(const GilReleased&) = delete;
  ~GilReleased() {
    restore_thread(thread_);
    free_dropped_buffers();
  }

 private:
  PyThreadState* thread_;
};

// Holds the GIL for its lifetime, on any thread.
class GilAcquired {
 public:
  GilAcquired() : state_(ensure_gil()) {}
  GilAcquired(const GilAcquired&) = delete;
  GilAcquired& operator=(const GilAcquired&) = delete;
  ~GilAcquired() { PyGILState_Release(state_); }

 private:
  PyGILState_STATE state_;
};

// Lets Python handle signals. Called without the GIL, in the middle of work: Ctrl-C ends the work.
inline void check_signals() {
  const GilAcquired acquired;
  if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
}

}  // namespace jetliner::python
