// Files that Python has opened: the copies of pipes, and of files in gzip.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "jetliner/source.h"

namespace jetliner::python {

// Opens paths. `by_path` has the copies: a descriptor, which is copied here, and the first byte and the number of bytes
// in its file. Safe for several threads, without the GIL.
SourceOpener opener_of(const std::optional<nanobind::dict>& by_path);

}  // namespace jetliner::python
