// Whole blocks that a damaged one has swallowed: bytes are missing from it, and its size reaches to the end of a later
// one.
#pragma once

#include <vector>

#include "container/block_framer.h"

namespace jetliner {

// Blocks that lie within so many damaged ones are not looked into: each could hold all that follows it, once more.
inline constexpr int kMaxSwallowedDepth = 4;

// The blocks within the data of `outer`, which starts at outer.data_begin in `unit_bytes` and is followed by the sync
// marker; none where there is no marker within, or what follows it is not a chain of blocks that ends just where
// `outer` does. They have the index of `outer`. Time is linear in its bytes.
std::vector<BlockRef> swallowed_blocks(const uint8_t* unit_bytes, const BlockRef& outer);

}  // namespace jetliner
