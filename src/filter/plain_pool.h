// Memory for the plain bytes of candidates, for reuse.
#pragma once

#include <cstddef>

#include "base/shared_pool.h"
#include "filter/candidates.h"

namespace jetliner {

inline size_t make_spare(PlainUnit& unit) {
  unit.unit.bytes.give_back();
  size_t bytes = unit.unit.bytes.capacity();
  for (const Scratch& block : unit.blocks) bytes += block.capacity();
  return bytes;
}

using PlainPool = SharedPool<PlainUnit>;

}  // namespace jetliner
