// Batch: rows on their way to any library that speaks Arrow's PyCapsule interface.
// https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
#include <nanobind/nanobind.h>

#include <memory>

#include "bindings.h"
#include "jetliner/arrow_abi.h"
#include "read/query_reader.h"
#include "text.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace jetliner::python {
namespace {

// A consumer moves the stream out and leaves release null; otherwise the stream is still ours.
void destroy_stream_capsule(PyObject* capsule) {
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule, kStreamCapsule));
  if (stream == nullptr) {
    PyErr_Clear();
    return;
  }
  if (stream->release != nullptr) stream->release(stream);
  delete stream;
}

// A column of a batch.
struct Column {
  Batch batch;
  size_t index;
};

Column column(const Batch& batch, size_t index) {
  if (index >= batch.num_columns()) throw nb::index_error("there is no such column in the batch");
  return {batch, index};
}

template <typename Export>
nb::object stream_capsule(Export export_to) {
  auto stream = std::make_unique<ArrowArrayStream>();
  export_to(stream.get());
  PyObject* capsule = PyCapsule_New(stream.get(), kStreamCapsule, destroy_stream_capsule);
  if (capsule == nullptr) {
    stream->release(stream.get());
    throw nb::python_error();
  }
  (void)stream.release();  // the capsule's now
  return nb::steal(capsule);
}

// The consumer may ask for another schema; the specification lets the producer answer with its own.
nb::object batch_stream(const Batch& batch, const nb::handle& /*requested_schema*/) {
  return stream_capsule([&](ArrowArrayStream* out) { batch.export_stream(out); });
}

nb::object column_stream(const Column& column, const nb::handle& /*requested_schema*/) {
  return stream_capsule([&](ArrowArrayStream* out) { column.batch.export_column(column.index, out); });
}

nb::list runs(const Batch& batch) {
  nb::list runs;
  for (const Batch::Run& run : batch.runs()) runs.append(nb::make_tuple(path_to_python(run.path), run.rows));
  return runs;
}

}  // namespace

void bind_batch(nb::module_& module) {
  nb::class_<Column>(module, "Column", nb::is_final())
      .def("__arrow_c_stream__", &column_stream, "requested_schema"_a.none() = nb::none());
  nb::class_<Batch>(module, "Batch", nb::is_final())
      .def_prop_ro("num_rows", &Batch::num_rows)
      .def("runs", &runs)
      .def_prop_ro("num_columns", &Batch::num_columns)
      .def_prop_ro("is_flat", &is_flat)
      .def_prop_ro("held_bytes", &Batch::held_bytes)
      .def("column", &column, "index"_a)
      .def("__arrow_c_stream__", &batch_stream, "requested_schema"_a.none() = nb::none());
}

}  // namespace jetliner::python
