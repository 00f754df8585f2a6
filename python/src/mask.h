// A Boolean column from Python, as the bits that the core takes.
#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetliner::python {

struct Mask {
  std::vector<uint8_t> bits;  // from the lowest of the first byte on; null counts as false
  size_t rows = 0;
};

// `column` offers Arrow's PyCapsule interface for streams. ValueError where its type is not Boolean.
Mask mask_from_python(nanobind::handle column);

}  // namespace jetliner::python
