// The bytes of a Python object.
#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace jetliner::python {

// Holds a view of the bytes that an object exports, and with it the object. Made and freed with the GIL.
class Buffer {
 public:
  // Throws BufferError or TypeError of Python.
  // `is_constant`: nobody can change the bytes; that of `bytes` is known.
  explicit Buffer(nanobind::handle object, bool is_constant = false)
      : is_constant_(is_constant || PyBytes_CheckExact(object.ptr()) != 0) {
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) throw nanobind::python_error();
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { PyBuffer_Release(&view_); }

  [[nodiscard]] std::span<const uint8_t> bytes() const {
    return {static_cast<const uint8_t*>(view_.buf), static_cast<size_t>(view_.len)};
  }
  // True if nobody can change the bytes. Others are copied before they are decoded: the decoder trusts what it has
  // checked. A mapped file may change although it is read-only. A subclass of `bytes` may export other memory.
  [[nodiscard]] bool is_constant() const { return is_constant_; }

 private:
  bool is_constant_;
  Py_buffer view_{};
};

// A buffer that any thread may let go of, without the GIL: threads that decode never touch Python. It is freed by
// free_dropped_buffers().
std::shared_ptr<const Buffer> shared_buffer(nanobind::handle object, bool is_constant = false);

}  // namespace jetliner::python
