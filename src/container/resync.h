// Finds where reading can go on after damage.
#pragma once

#include <cstdint>
#include <optional>

#include "container/header.h"
#include "container/read_ahead.h"

namespace jetliner {

// The file offset at which the next block starts after the damaged one, which starts at input.position(); nothing where
// no further block can be told. `claimed_end` is where the damaged block ends by its own size, if that lies in the
// file. Leaves the input anywhere. Time is linear in the bytes passed over.
//
// Where bytes are missing from the marker of the damaged block, or stand within it, the next marker is that of the
// block after it. Rests of a marker that are followed by a block which ends just there are where that block starts.
//
// Every occurrence of the sync marker may be the end of a block, or bytes of a datum that look like it. So it counts
// only if what follows is a block too: see is_plausible_block in resync.cc.
std::optional<uint64_t> find_next_block(ReadAhead& input, const SyncMarker& sync, std::optional<uint64_t> claimed_end);

}  // namespace jetliner
