// Judges by head and marker alone whether a block stands at a place.
#pragma once

#include <cstdint>

#include "container/block_head.h"
#include "container/header.h"
#include "container/read_ahead.h"

namespace jetliner {

// Knowledge about a block from its head and its marker.
enum class Evidence : uint8_t {
  kNone,       // its count or size is impossible
  kUnmarked,   // possible, but no sync marker stands at its end
  kTruncated,  // possible, but the file ends before it does
  kMarked,     // ends with the sync marker
};

struct Examined {
  Evidence evidence = Evidence::kNone;
  uint64_t end = 0;  // file offset; for kUnmarked and kMarked
};

BlockHead peek_head(ReadAhead& input, uint64_t start);

// Reads the head of a block at `start` and the marker at its end: at most two small reads.
Examined examine_block(ReadAhead& input, const SyncMarker& sync, uint64_t start);

}  // namespace jetliner
