// How many threads are worth starting.
#pragma once

#include <cstddef>

namespace jetliner {

// POLARS_MAX_THREADS where that is a positive number; otherwise the processors that this process may use, by its
// affinity mask and by the CPU quota of its control group. At least 1.
size_t usable_cores();

}  // namespace jetliner
