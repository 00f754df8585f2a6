// The parts of the extension module `jetliner._core`; module.cc calls each once.
#pragma once

#include <nanobind/nanobind.h>

namespace jetliner::python {

// The name of capsules of Arrow's C stream interface ("Arrow PyCapsule Interface").
inline constexpr const char* kStreamCapsule = "arrow_array_stream";

void bind_errors(nanobind::module_& module);         // Error -> jetliner.exceptions
void bind_bad_block(nanobind::module_& module);      // BadBlockError
void bind_batch(nanobind::module_& module);          // Batch, an exporter of Arrow's C stream interface
void bind_range_store(nanobind::module_& module);    // StoreOwner, RangeStore, RangeJob
void bind_reader(nanobind::module_& module);         // Reader
void bind_reader_stream(nanobind::module_& module);  // reader_stream(), plain_schema()
void bind_inspector(nanobind::module_& module);      // Inspector
void bind_recovery(nanobind::module_& module);       // Recovery
void bind_writer(nanobind::module_& module);         // Writer, derive_schema()

}  // namespace jetliner::python
