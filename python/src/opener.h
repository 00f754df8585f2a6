// Opens the sources of a reader: files, objects of Python, and stores.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <optional>

#include "jetliner/source.h"
#include "range_store.h"

namespace jetliner::python {

// The arguments of a reader that say what its paths are, besides names of files.
struct Inputs {
  // Copies of pipes and of files in gzip, by path: a descriptor, which is copied here, and the first byte and the
  // number of bytes in its file.
  std::optional<nanobind::dict> descriptors;
  // Objects that export bytes, by path.
  std::optional<nanobind::dict> buffers;
  // All other paths are objects of this store; absent: they are files.
  std::shared_ptr<StoreOwner> store;

  // True if reading may wait for long.
  [[nodiscard]] bool may_wait() const { return store != nullptr; }
};

// Opens paths. Safe for several threads, without the GIL.
SourceOpener opener_of(const Inputs& inputs);

}  // namespace jetliner::python
