// The two calls that wait for the GIL.
//
// A daemon thread may wait for it while the interpreter ends. CPython before 3.14 then calls pthread_exit() in that
// thread, which unwinds its stack. C++ must not see that: it ends the process at the first function that must not
// throw, and it crashes where its runtime is linked in and has an unwinder of its own, as in wheels. Here, such a
// thread sleeps instead. The process is about to end.
#pragma once

#include <Python.h>

namespace jetliner::python {

void restore_thread(PyThreadState* thread) noexcept;  // PyEval_RestoreThread
PyGILState_STATE ensure_gil() noexcept;               // PyGILState_Ensure

}  // namespace jetliner::python
