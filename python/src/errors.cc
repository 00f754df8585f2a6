// The one place where the core's errors become Python's. The classes are written in Python (jetliner/exceptions.py);
// the order of the arguments here is the order of their constructors.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>

#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include "bindings.h"
#include "causes.h"
#include "hints.h"
#include "jetliner/error.h"
#include "text.h"

namespace nb = nanobind;

namespace jetliner::python {
namespace {

nb::object text_or_none(const std::string& text) { return text.empty() ? nb::none() : text_to_python(text); }

nb::object to_python(const Error& error) {
  const ErrorPlace& place = error.place();
  const nb::object message = text_to_python(with_hints(error.what(), place));
  const nb::object variant = text_to_python(name_of(error.variant()));
  const nb::object path = place.path.empty() ? nb::none() : path_to_python(place.path);
  const nb::module_ classes = nb::module_::import_("jetliner.exceptions");
  switch (error.kind()) {
    case ErrorKind::kDecode:
      return classes.attr("DecodeError")(message, variant, path, nb::cast(place.block_index),
                                         nb::cast(place.record_index), nb::cast(place.file_offset),
                                         nb::cast(place.block_offset));
    case ErrorKind::kEncode:
      return classes.attr("EncodeError")(message, variant, path, nb::cast(place.row_index),
                                         text_or_none(place.context));
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
      // An object of a store: an error of a source as well.
      return classes.attr(place.path.find("://") == std::string::npos ? "FileNotFoundError" : "MissingObjectError")(
          message, variant, path);
    case ErrorKind::kPermissionDenied:
      return classes.attr("PermissionError")(message, variant, path);
    case ErrorKind::kAuthentication:
      return classes.attr("AuthenticationError")(message, variant, path);
    case ErrorKind::kConfiguration:
      return classes.attr("ConfigurationError")(message, variant);
  }
  return classes.attr("JetlinerError")(message, variant);
}

// Memory is a limit of reading like others, so it is told like others: callers catch one family of exceptions.
nb::object out_of_memory() {
  return nb::module_::import_("jetliner.exceptions")
      .attr("JetlinerError")("out of memory; smaller values of batch_size, buffer_bytes or n_threads need less of it",
                             "OutOfMemory");
}

void raise(const nb::object& instance) { PyErr_SetObject(instance.type().ptr(), instance.ptr()); }

void translate(const std::exception_ptr& exception, void* /*payload*/) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    const nb::object instance = to_python(error);
    if (const uint64_t origin = error.place().origin; origin != 0) instance.attr("__cause__") = cause_of(origin);
    raise(instance);
  } catch (const std::bad_alloc&) {
    raise(out_of_memory());
  } catch (const std::length_error&) {  // a size beyond what a container can have: memory again
    raise(out_of_memory());
  } catch (const std::system_error& error) {
    raise(nb::module_::import_("jetliner.exceptions").attr("SourceError")(text_to_python(error.what()), "Io"));
  }
  // All else, such as Python's own exceptions, goes on to nanobind's translation.
}

}  // namespace

void bind_errors(nb::module_& module) {
  nb::register_exception_translator(translate);
  // The names of all variants of the core's errors.
  nb::list names;
#define JETLINER_ERROR_VARIANT(name) names.append(#name);
  JETLINER_ERROR_VARIANTS(JETLINER_ERROR_VARIANT)
#undef JETLINER_ERROR_VARIANT
  module.attr("ERROR_VARIANTS") = nb::tuple(names);
}

}  // namespace jetliner::python
