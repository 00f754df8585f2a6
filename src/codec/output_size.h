// Room for output whose size is not known, or is claimed by the input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/bytes.h"

namespace jetliner {

// The first guess is a multiple of the input: typical data shrinks to a quarter. Other blocks take more attempts, but
// only once, because scratch keeps its room.
inline constexpr size_t kFirstGuessFactor = 4;
inline constexpr size_t kMinGuessBytes = 4 << 10;
// Limit where there is none: small enough that sums and products of sizes do not overflow.
inline constexpr size_t kMostBytes = std::numeric_limits<size_t>::max() / 8;

inline size_t first_capacity(const Scratch& scratch, size_t in_bytes, size_t max_bytes) {
  const size_t guess = std::max(kMinGuessBytes, std::min(in_bytes, kMostBytes) * kFirstGuessFactor);
  return std::min({std::max(scratch.capacity(), guess), max_bytes, kMostBytes});
}

// The next guess after output that filled `capacity` < `max_bytes`: twice as much. So room is at most twice the output.
inline size_t next_capacity(size_t capacity, size_t max_bytes) {
  return std::min({std::max(capacity, kMinGuessBytes / 2) * 2, max_bytes, kMostBytes});
}

}  // namespace jetliner
