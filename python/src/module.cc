// jetliner._core: the core library for Python. No logic here or in the bindings, but for threads, signals and forks.
#include <nanobind/nanobind.h>

#include "bindings.h"
#include "jetliner/version.h"

NB_MODULE(_core, module) {
  // Readers that live on at interpreter exit are not an error of ours to print about.
  nanobind::set_leak_warnings(false);

  module.attr("__version__") = JETLINER_VERSION;
  jetliner::python::bind_errors(module);
  jetliner::python::bind_bad_block(module);
  jetliner::python::bind_batch(module);
  jetliner::python::bind_range_store(module);
  jetliner::python::bind_reader(module);
  jetliner::python::bind_reader_stream(module);
  jetliner::python::bind_inspector(module);
  jetliner::python::bind_recovery(module);
  jetliner::python::bind_writer(module);
}
