#include "container/swallowed.h"

#include <cstring>

#include "base/varint.h"

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
        static_cast<const uint8_t*>(memmem(search, static_cast<size_t>(data_end - search), marker, kMarkerBytes));
    if (hit == nullptr) return {};
    const uint8_t* p = hit + kMarkerBytes;
    search = p;
    blocks.clear();
    while (p < data_end) {
      const uint8_t* const begin = p;
      int64_t row_count = 0;
      int64_t size_bytes = 0;
      if (read_long_checked(&p, data_end, &row_count) != VarintStatus::kOk || row_count < 0) break;
      if (read_long_checked(&p, data_end, &size_bytes) != VarintStatus::kOk || size_bytes < 0) break;
      if (size_bytes > data_end - p || std::memcmp(p + size_bytes, marker, kMarkerBytes) != 0) break;
      blocks.push_back({.index = outer.index,
                        .row_count = row_count,
                        .file_offset = outer.file_offset + static_cast<uint64_t>(begin - outer_begin),
                        .data_begin = static_cast<size_t>(p - unit_bytes),
                        .data_bytes = static_cast<size_t>(size_bytes),
                        .depth = outer.depth + 1});
      p += static_cast<size_t>(size_bytes) + kMarkerBytes;
      blocks.back().block_bytes = static_cast<uint64_t>(p - begin);
      if (p == end) return blocks;
      // A marker that is like itself moved by some bytes: this one ends within the last.
      if (p > data_end) return {};
      // A chain that starts at the end of one of these blocks would come to nothing as well.
      search = p;
    }
  }
}

}  // namespace jetliner
