// Compiled without exceptions. So this function has no part in unwinding, and pthread_cleanup_push() jumps to its
// handler before any frame of C++ is reached.
#include "take_gil.h"

#ifndef _WIN32
#include <pthread.h>
#include <unistd.h>
#endif

namespace jetliner::python {
namespace {

#ifdef _WIN32
template <typename Call>
void guarded(Call call) {
  call();  // Windows ends a thread without unwinding
}
#else
void sleep_for_ever(void* /*unused*/) {
  for (;;) pause();
}

template <typename Call>
void guarded(Call call) {
  pthread_cleanup_push(sleep_for_ever, nullptr);
  call();
  pthread_cleanup_pop(0);
}
#endif

}  // namespace

void restore_thread(PyThreadState* thread) noexcept {
  guarded([=] { PyEval_RestoreThread(thread); });
}

PyGILState_STATE ensure_gil() noexcept {
  PyGILState_STATE state{};
  guarded([&state] { state = PyGILState_Ensure(); });
  return state;
}

}  // namespace jetliner::python
