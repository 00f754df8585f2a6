// Python exceptions that are the causes of the core's errors. The core carries a number only: its threads never touch
// Python. All functions need the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>

namespace jetliner::python {

// Keeps an exception; returns its number, for ErrorPlace::origin. Of many that nobody asks for, the oldest is dropped.
uint64_t keep_cause(nanobind::object exception);
// The exception of a number; none if there is none.
nanobind::object cause_of(uint64_t origin);

}  // namespace jetliner::python
