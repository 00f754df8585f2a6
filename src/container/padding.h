// Zero bytes behind the last block: some stores and tools fill files up to a whole number of disk blocks.
#pragma once

#include <cstdint>

#include "container/read_ahead.h"

namespace jetliner {

// More zero bytes are not counted in one file. Bounds the time that a huge sparse file takes.
inline constexpr uint64_t kMostPaddingBytes = 64 << 20;

// The number of zero bytes from input.position() on, `most_bytes` at most. The position of `input` is anywhere
// afterwards.
uint64_t count_zero_bytes(ReadAhead& input, uint64_t most_bytes);

}  // namespace jetliner
