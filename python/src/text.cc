#include "text.h"

namespace nb = nanobind;

namespace jetliner::python {
namespace {

std::string bytes_to_string(nb::handle bytes) {
  char* data = nullptr;
  Py_ssize_t size_bytes = 0;
  if (PyBytes_AsStringAndSize(bytes.ptr(), &data, &size_bytes) != 0) throw nb::python_error();
  return {data, static_cast<size_t>(size_bytes)};
}

nb::object owned(PyObject* object) {
  if (object == nullptr) throw nb::python_error();
  return nb::steal(object);
}

}  // namespace

std::string path_from_python(nb::handle path) {
  std::string bytes = bytes_to_string(owned(PyUnicode_EncodeFSDefault(path.ptr())));
  if (bytes.find('\0') != std::string::npos) throw nb::value_error("a path must not contain a null character");
  return bytes;
}

nb::object path_to_python(std::string_view path) {
  return owned(PyUnicode_DecodeFSDefaultAndSize(path.data(), static_cast<Py_ssize_t>(path.size())));
}

std::string name_from_python(nb::handle name) {
  return bytes_to_string(owned(PyUnicode_AsEncodedString(name.ptr(), "utf-8", "surrogatepass")));
}

nb::object text_to_python(std::string_view text) {
  return owned(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

std::string shown_text(const nb::handle& object) {
  std::string text;
  PyObject* const shown = PyObject_Str(object.ptr());
  if (shown != nullptr) {
    PyObject* const bytes = PyUnicode_AsEncodedString(shown, "utf-8", "backslashreplace");
    if (bytes != nullptr) text = PyBytes_AsString(bytes);
    Py_XDECREF(bytes);
    Py_DECREF(shown);
  }
  PyErr_Clear();
  return text;
}

}  // namespace jetliner::python
