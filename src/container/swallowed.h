// Blocks within the data of a damaged block.
//
// If bytes are missing from a block, its size may lead exactly to the marker of a later block. It looks whole then, but
// does not decompress or decode, and the blocks between would be lost with it.
#pragma once

#include <vector>

#include "container/block_framer.h"

namespace jetliner {

// Blocks within this many damaged ones are not searched. Forged blocks could each hold all that follow once more.
inline constexpr int kMaxSwallowedDepth = 4;

// The blocks within `outer`. They follow a sync marker in its data and form a chain that ends exactly where `outer`
// ends; without such a chain there are none. The data of `outer` starts at outer.data_begin in `unit_bytes`, and the
// file's sync marker follows it. The blocks found have the index of `outer`. Time is linear in its bytes.
std::vector<BlockRef> swallowed_blocks(const uint8_t* unit_bytes, const BlockRef& outer);

}  // namespace jetliner
