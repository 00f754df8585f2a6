// Files that Python has opened: what pipes were spooled to.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "jetliner/source.h"

namespace jetliner::python {

// Opens paths, those of `by_path` by their descriptors, which are copied here. Safe for several threads, without the
// GIL.
SourceOpener opener_of(const std::optional<nanobind::dict>& by_path);

}  // namespace jetliner::python
