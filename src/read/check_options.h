// Checks the values of options.
#pragma once

#include <cstddef>

#include "jetliner/options.h"

namespace jetliner {

// More threads than this are a mistake: each takes memory, and a process may have only so many.
inline constexpr size_t kMaxThreads = 1024;

// The options, where all of them are allowed. Throws Error (kConfiguration), also for a read of no files.
ReadOptions checked(ReadOptions options, size_t num_files);

}  // namespace jetliner
