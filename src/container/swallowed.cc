#include "container/swallowed.h"

#include <cstring>

#include "base/system.h"
#include "container/block_head.h"

namespace jetliner {

std::vector<BlockRef> swallowed_blocks(const uint8_t* unit_bytes, const BlockRef& outer) {
  constexpr size_t kMarkerBytes = sizeof(SyncMarker);
  const uint8_t* const data_end = unit_bytes + outer.data_begin + outer.data_bytes;
  const uint8_t* const marker = data_end;
  const uint8_t* const end = data_end + kMarkerBytes;
  const uint8_t* const outer_begin = end - outer.block_bytes;
  std::vector<BlockRef> blocks;
  for (const uint8_t* search = unit_bytes + outer.data_begin;;) {
    const auto* const hit =
        static_cast<const uint8_t*>(sys::find(search, static_cast<size_t>(data_end - search), marker, kMarkerBytes));
    if (hit == nullptr) return {};
    const uint8_t* p = hit + kMarkerBytes;
    search = p;
    blocks.clear();
    while (p < data_end) {
      const uint8_t* const begin = p;
      const BlockHead head = read_block_head(begin, data_end);
      if (!head.is_ok()) break;
      p += head.head_bytes;
      if (head.data_bytes > data_end - p || std::memcmp(p + head.data_bytes, marker, kMarkerBytes) != 0) break;
      const auto data_bytes = static_cast<size_t>(head.data_bytes);
      blocks.push_back({.index = outer.index,
                        .row_count = head.row_count,
                        .file_offset = outer.file_offset + static_cast<uint64_t>(begin - outer_begin),
                        .data_begin = static_cast<size_t>(p - unit_bytes),
                        .data_bytes = data_bytes,
                        .depth = outer.depth + 1});
      p += data_bytes + kMarkerBytes;
      blocks.back().block_bytes = static_cast<uint64_t>(p - begin);
      if (p == end) return blocks;
      // Some markers look like themselves moved by a few bytes. This one overlaps the last marker.
      if (p > data_end) return {};
      // A chain from the end of one of these blocks would break at the same place.
      search = p;
    }
  }
}

}  // namespace jetliner
