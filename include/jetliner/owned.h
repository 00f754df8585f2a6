/// @file
/// An owner for the structs of Arrow's C interfaces.
#pragma once

#include <utility>

#include "jetliner/arrow_abi.h"

namespace jetliner {

/// An ArrowSchema, ArrowArray or ArrowArrayStream that is released with this object. Not thread-safe.
///
///     Owned<ArrowArrayStream> stream;
///     batch.export_stream(&stream.c);
///     for (Owned<ArrowArray> array; stream.c.get_next(&stream.c, &array.c) == 0 && array; array.reset()) {
///       // array.c.length rows
///     }
template <typename T>
struct Owned {
  T c{};  ///< the struct; `c.release` is null if there is nothing to release

  Owned() = default;
  /// Leaves the other one empty.
  Owned(Owned&& other) noexcept : c(other.take()) {}
  /// Releases what was here, and leaves the other one empty.
  Owned& operator=(Owned&& other) noexcept {
    if (this != &other) {
      reset();
      c = other.take();
    }
    return *this;
  }
  ~Owned() { reset(); }

  /// Tells whether there is something to release.
  explicit operator bool() const { return c.release != nullptr; }
  /// Releases the struct.
  void reset() {
    if (c.release != nullptr) c.release(&c);
    c = {};
  }
  /// Gives the struct away. The caller releases it.
  [[nodiscard]] T take() { return std::exchange(c, T{}); }
};

}  // namespace jetliner
