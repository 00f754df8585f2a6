// How many threads are worth starting.
#pragma once

#include <cstddef>

namespace jetliner {

// The processors that this process may use, by its affinity mask and by the CPU quota of its control group. At least 1.
size_t usable_cores();

}  // namespace jetliner
