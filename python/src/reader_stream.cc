// The rows of a reader as a stream of Arrow's C interface, for libraries other than Polars.
// https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
#include <nanobind/nanobind.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "arrow/plain_form.h"
#include "bindings.h"
#include "gil.h"
#include "jetliner/arrow_abi.h"
#include "jetliner/owned.h"
#include "jetliner/reader.h"
#include "text.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace jetliner::python {
namespace {

constexpr const char* kSchemaCapsule = "arrow_schema";

void export_plain_schema(const Batch& batch, const ArrowSchema* requested, ArrowSchema* out) {
  Owned<ArrowArrayStream> stream;
  batch.export_stream(&stream.c);
  if (stream.c.get_schema(&stream.c, out) != 0) throw std::bad_alloc();
  make_plain(out, requested);
}

// Calls of the consumer come from any thread, with and without the GIL. `next` is touched only with the GIL.
struct ReaderStream {
  nb::object next;  // returns the next Batch, None at the end
  Batch empty;
  Owned<ArrowSchema> plain;
  Owned<ArrowArrayStream> batch;  // the arrays of the present batch
  std::string error;
  bool has_failed = false;  // then every later call fails as well
};

ReaderStream& of(ArrowArrayStream* stream) { return *static_cast<ReaderStream*>(stream->private_data); }

// The text of an exception. The GIL is held. The consumer makes an error of its own of an interrupt, so that is raised
// again in Python's main thread.
std::string text_of(const nb::python_error& error) {
  if (error.matches(PyExc_KeyboardInterrupt)) PyErr_SetInterrupt();
  const std::string text = shown_text(error.value());
  return text.empty() ? "an exception without a text" : text;
}

// Runs `action` and turns exceptions into error codes: none may leave a C callback.
template <typename Action>
int guarded(ReaderStream& state, Action action) {
  try {
    action();
    return 0;
  } catch (const nb::python_error& error) {
    const GilAcquired acquired;
    state.error = text_of(error);
    return EIO;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  } catch (const std::exception& error) {
    state.error = error.what();
    return EIO;
  }
}

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  ReaderStream& state = of(stream);
  return guarded(state, [&] { export_plain_schema(state.empty, &state.plain.c, out); });
}

// Makes the next batch the present one. False at the end.
bool advance(ReaderStream& state) {
  const GilAcquired acquired;
  const nb::object batch = state.next();
  if (batch.is_none()) return false;
  state.batch.reset();
  nb::cast<const Batch&>(batch).export_stream(&state.batch.c);
  return true;
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
  ReaderStream& state = of(stream);
  *out = {};
  if (state.has_failed) return EIO;
  const int code = guarded(state, [&] {
    do {
      if (state.batch.c.release == nullptr) continue;
      if (state.batch.c.get_next(&state.batch.c, out) != 0) throw std::bad_alloc();
      if (out->release == nullptr) continue;
      try {
        make_plain(state.plain.c, out);
      } catch (...) {
        out->release(out);
        throw;
      }
      return;
    } while (advance(state));
  });
  state.has_failed = code != 0;
  return code;
}

const char* get_last_error(ArrowArrayStream* stream) {
  const ReaderStream& state = of(stream);
  return state.error.empty() ? nullptr : state.error.c_str();
}

void release(ArrowArrayStream* stream) {
  auto* const state = static_cast<ReaderStream*>(stream->private_data);
  stream->release = nullptr;
  if (Py_IsInitialized() == 0) return;  // the interpreter has ended, and with it what `next` refers to
  const GilAcquired acquired;
  delete state;
}

template <typename T>
void destroy_capsule(PyObject* capsule) {
  auto* const held = static_cast<T*>(PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule)));
  if (held == nullptr) {
    PyErr_Clear();
    return;
  }
  // A consumer moves the struct out and leaves release null.
  if (held->release != nullptr) held->release(held);
  delete held;
}

template <typename T>
nb::object capsule_of(std::unique_ptr<Owned<T>> owned, const char* name) {
  auto held = std::make_unique<T>(owned->take());
  PyObject* const capsule = PyCapsule_New(held.get(), name, destroy_capsule<T>);
  if (capsule == nullptr) {
    held->release(held.get());
    throw nb::python_error();
  }
  (void)held.release();
  return nb::steal(capsule);
}

const ArrowSchema* schema_in(const nb::handle& capsule) {
  if (capsule.is_none()) return nullptr;
  const auto* const schema = static_cast<const ArrowSchema*>(PyCapsule_GetPointer(capsule.ptr(), kSchemaCapsule));
  if (schema == nullptr) throw nb::python_error();
  return schema->release == nullptr ? nullptr : schema;
}

nb::object reader_stream(nb::object next, const Batch& empty, const nb::handle& requested_schema) {
  auto state = std::make_unique<ReaderStream>();
  state->next = std::move(next);
  state->empty = empty;
  export_plain_schema(empty, schema_in(requested_schema), &state->plain.c);
  auto stream = std::make_unique<Owned<ArrowArrayStream>>();
  stream->c = {.get_schema = get_schema,
               .get_next = get_next,
               .get_last_error = get_last_error,
               .release = release,
               .private_data = state.release()};
  return capsule_of(std::move(stream), kStreamCapsule);
}

nb::object plain_schema(const Batch& empty) {
  auto schema = std::make_unique<Owned<ArrowSchema>>();
  export_plain_schema(empty, nullptr, &schema->c);
  return capsule_of(std::move(schema), kSchemaCapsule);
}

}  // namespace

void bind_reader_stream(nb::module_& module) {
  module.def("reader_stream", &reader_stream, "next_batch"_a, "empty"_a, "requested_schema"_a.none() = nb::none());
  module.def("plain_schema", &plain_schema, "empty"_a);
}

}  // namespace jetliner::python
