// The bytes of a Python object.
#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "gil.h"

namespace jetliner::python {

// Holds a view of the bytes that an object exports, and with it the object. Made with the GIL, freed with or without.
class Buffer {
 public:
  // Throws BufferError or TypeError of Python.
  explicit Buffer(nanobind::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) throw nanobind::python_error();
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    const GilAcquired acquired;
    PyBuffer_Release(&view_);
  }

  [[nodiscard]] std::span<const uint8_t> bytes() const {
    return {static_cast<const uint8_t*>(view_.buf), static_cast<size_t>(view_.len)};
  }

 private:
  Py_buffer view_{};
};

}  // namespace jetliner::python
