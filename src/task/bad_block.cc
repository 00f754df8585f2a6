#include "task/bad_block.h"

namespace jetliner {

Error error_of(const BadBlock& damage) {
  ErrorPlace place;
  place.path = damage.path;
  place.block_index = damage.block_index;
  place.record_index = damage.record_index;
  place.file_offset = damage.file_offset;
  place.block_offset = damage.block_offset;
  place.codec = damage.codec;
  return {damage.error_kind, damage.variant, damage.message, std::move(place)};
}

}  // namespace jetliner
