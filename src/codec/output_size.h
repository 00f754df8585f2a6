// How much room to make for output whose size is not known, or not to be believed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/bytes.h"

namespace jetliner {

// Typical data shrinks to a quarter; a block that shrinks further costs more attempts, once: scratch keeps its room.
inline constexpr size_t kFirstGuessFactor = 4;
inline constexpr size_t kMinGuessBytes = 4 << 10;
// "No limit" still leaves sums and products of sizes representable.
inline constexpr size_t kMostBytes = std::numeric_limits<size_t>::max() / 8;

inline size_t first_capacity(const Scratch& scratch, size_t in_bytes, size_t max_bytes) {
  const size_t guess = std::max(kMinGuessBytes, std::min(in_bytes, kMostBytes) * kFirstGuessFactor);
  return std::min({std::max(scratch.capacity(), guess), max_bytes, kMostBytes});
}

// Twice as much, for output that filled `capacity` < `max_bytes`: so room is at most twice the real output.
inline size_t next_capacity(size_t capacity, size_t max_bytes) {
  return std::min({std::max(capacity, kMinGuessBytes / 2) * 2, max_bytes, kMostBytes});
}

}  // namespace jetliner
