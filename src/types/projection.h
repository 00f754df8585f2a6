// Parts of columns, chosen by name.
#pragma once

#include <string>
#include <vector>

#include "types/arrow_type.h"

namespace jetliner {

// Keeps only the named top-level columns, in their order. Names that do not exist are ignored.
ArrowType select(const ArrowType& columns, const std::vector<std::string>& names);

// Keeps only columns and parts of columns, in their order. A path is names joined by dots that lead through structs:
// "address.city". Lists add no name. A path that leads nowhere is ignored. Arrow's Map needs both keys and
// values: where a path leads to one of them only, the other comes along.
ArrowType project(const ArrowType& columns, const std::vector<std::string>& paths);

}  // namespace jetliner
