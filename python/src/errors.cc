// The one place where the core's errors become Python's. The classes are written in Python (jetliner/exceptions.py);
// the order of the arguments here is the order of their constructors.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>

#include <exception>
#include <string>

#include "bindings.h"
#include "jetliner/error.h"
#include "text.h"

namespace nb = nanobind;

namespace jetliner::python {
namespace {

nb::object text_or_none(const std::string& text) { return text.empty() ? nb::none() : text_to_python(text); }

nb::object to_python(const Error& error) {
  const ErrorPlace& place = error.place();
  const nb::object message = text_to_python(error.what());
  const nb::object variant = text_to_python(error.variant());
  const nb::object path = place.path.empty() ? nb::none() : path_to_python(place.path);
  const nb::module_ classes = nb::module_::import_("jetliner.exceptions");
  switch (error.kind()) {
    case ErrorKind::kDecode:
      return classes.attr("DecodeError")(message, variant, path, nb::cast(place.block_index),
                                         nb::cast(place.record_index), nb::cast(place.file_offset),
                                         nb::cast(place.block_offset));
    case ErrorKind::kParse:
      return classes.attr("ParseError")(message, variant, path, nb::cast(place.file_offset));
    case ErrorKind::kSource:
      return classes.attr("SourceError")(message, variant, path);
    case ErrorKind::kSchema:
      return classes.attr("SchemaError")(message, variant, path, text_or_none(place.context));
    case ErrorKind::kCodec:
      return classes.attr("CodecError")(message, variant, path, text_to_python(place.codec),
                                        nb::cast(place.block_index), nb::cast(place.file_offset));
    case ErrorKind::kNotFound:
      return classes.attr("FileNotFoundError")(message, variant, path);
    case ErrorKind::kPermissionDenied:
      return classes.attr("PermissionError")(message, variant, path);
    case ErrorKind::kAuthentication:
      return classes.attr("AuthenticationError")(message, variant, path);
    case ErrorKind::kConfiguration:
      return classes.attr("ConfigurationError")(message, variant);
  }
  return classes.attr("JetlinerError")(message, variant);
}

void translate(const std::exception_ptr& exception, void* /*payload*/) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    const nb::object instance = to_python(error);
    PyErr_SetObject(instance.type().ptr(), instance.ptr());
  }
  // All else goes on to nanobind's own translation: bad_alloc to MemoryError, other exceptions to RuntimeError.
}

}  // namespace

void bind_errors(nb::module_& /*module*/) { nb::register_exception_translator(translate); }

}  // namespace jetliner::python
