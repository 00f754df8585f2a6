// Recovery: finds the next block after a damaged one.
//
// The problem. A block is damaged, so its size cannot be trusted, and a file has no index of its blocks. No sound block
// should be lost, no piece of data should be taken for a block, and a forged file must not make the search slow.
//
// The idea. Every block ends with the sync marker, 16 bytes that the writer chose at random. So the next block starts
// after the next marker. Three cases need more care:
//
// 1. A marker may also be a part of some data. So an occurrence counts only if a block follows it: a valid count and
//    size, and a marker at the end. Other things may follow as well: the end of the file, a block that is cut by it,
//    a second header, or a few blocks whose own markers are damaged.
// 2. Perhaps only the marker of the damaged block is wrong. Then its size is right, and the next marker in the file is
//    the one of the block after it: a search would lose that block. So the place where the damaged block claims to end
//    is used if blocks follow there, unless a plausible marker begins before it.
// 3. Bytes may be missing from the marker of the damaged block, or may have been inserted there. Then the block's size
//    leads to no block, and the search would lose the block after it. So rests of a marker are noted on the way: its
//    first or its last bytes. If a block starts near a rest and ends exactly with the marker that was found, that block
//    is used.
//
// Invariants:
// - The place that is found lies behind the start of the damaged block, so reading always makes progress.
// - It is a place to try. The framer checks the block there as any other. If it is damaged too, the framer calls this
//   function again.
// - This search looks at every byte once. Every occurrence of the marker costs a fixed number of small reads at most.
//   So time is linear in the bytes that are passed over.
// - The result does not depend on how the input is split into requests.
#pragma once

#include <cstdint>
#include <optional>

#include "container/header.h"
#include "container/read_ahead.h"

namespace jetliner {

// File offset of the next block after the damaged one, which starts at input.position(); nothing where there is no
// further block. `claimed_end`: end of the damaged block by its own size, if that lies in the file. The position of
// `input` is anywhere afterwards.
std::optional<uint64_t> find_next_block(ReadAhead& input, const SyncMarker& sync, std::optional<uint64_t> claimed_end);

}  // namespace jetliner
