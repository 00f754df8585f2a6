// Finds the first block of a part of a file. range_framer.h tells the whole idea.
#pragma once

#include <cstdint>

#include "container/block_framer.h"
#include "container/header.h"
#include "container/read_ahead.h"
#include "jetliner/source.h"

namespace jetliner {

// The first block whose preceding sync marker begins at `place` or later.
struct FirstBlock {
  uint64_t offset = 0;      // the end of the file where there is none
  SyncMarker sync{};        // that of another file, where files were joined
  bool is_proven = false;   // by a walk from the header
  bool has_damage = false;  // the walk passed over damage, or over the header of a joined file
};

// Looks at the bytes around `place`. If they leave a doubt, walks from the header. A strict reader does not look for a
// marker that begins at `end` or later: the result is then some place from which on no block is of this part. `input`
// reads `source`, and holds the bytes of the block afterwards, as far as they were read. Throws Error (kSource).
FirstBlock find_first_block(Source& source, const Header& header, const FramerOptions& options, ReadAhead& input,
                            uint64_t place, uint64_t end);

// By a walk over all blocks from the header on. Damage is passed over, as by a reader that skips it.
FirstBlock walk_to_first_block(Source& source, const Header& header, const FramerOptions& options, uint64_t place);

}  // namespace jetliner
