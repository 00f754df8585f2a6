#include "container/first_block.h"

#include <algorithm>
#include <cstring>

#include "container/block_counter.h"
#include "container/block_evidence.h"

namespace jetliner {
namespace {

// Places up to this far behind the header are always found by a walk. A slow source has a smaller limit: it has sent
// these bytes with the header. All readers of a file must have the same limit, so no measurement decides.
constexpr uint64_t kWalkBytes = 64 << 20;
constexpr uint64_t kSlowWalkBytes = 64 << 10;
// A larger first block is not searched for further markers.
constexpr uint64_t kMostSearchedBytes = 8 << 20;

bool is_near(const Source& source, const Header& header, uint64_t place) {
  return place - std::min(place, header.size_bytes) <= (source.reads_ahead() ? kWalkBytes : kSlowWalkBytes);
}

// The begin of the next marker that begins at the position of `input` or later, and before `end`. `input` moves there.
std::optional<uint64_t> find_marker(ReadAhead& input, const SyncMarker& sync, uint64_t end) {
  while (input.position() < end) {
    const ByteSpan view = input.view(sync.size());
    if (view.size() < sync.size()) return std::nullopt;
    const void* const hit = memmem(view.data(), view.size(), sync.data(), sync.size());
    const auto passed = static_cast<size_t>(hit == nullptr ? view.size() - (sync.size() - 1)
                                                           : static_cast<const uint8_t*>(hit) - view.data());
    input.seek(input.position() + passed);
    if (hit == nullptr) continue;
    if (input.position() >= end) return std::nullopt;
    return input.position();
  }
  return std::nullopt;
}

// True if a block follows the marker at the position of `input`, and then another block or the end. The first block
// must have no marker within. `input` does not move, and holds the block afterwards.
bool is_certain(ReadAhead& input, const SyncMarker& sync) {
  const uint64_t begin = input.position();
  const size_t marker_bytes = sync.size();
  if (begin + marker_bytes == input.end()) return true;
  const BlockHead head = peek_head(input, begin + marker_bytes);
  if (!head.is_ok() || static_cast<uint64_t>(head.data_bytes) > kMostSearchedBytes) return false;
  const size_t whole_bytes = marker_bytes + head.head_bytes + static_cast<size_t>(head.data_bytes) + marker_bytes;
  const ByteSpan block = input.view(whole_bytes + kMaxBlockHeadBytes);  // with the next head: one request
  if (block.size() < whole_bytes) return false;
  const void* const hit = memmem(block.data() + 1, whole_bytes - 1, sync.data(), marker_bytes);
  if (hit != block.data() + (whole_bytes - marker_bytes)) return false;
  const uint64_t next = begin + whole_bytes;
  return next == input.end() || examine_block(input, sync, next).evidence == Evidence::kMarked;
}

}  // namespace

FirstBlock walk_to_first_block(Source& source, const Header& header, const FramerOptions& options, uint64_t place) {
  const uint64_t stop = place > source.size() - header.sync.size() ? source.size() : place + header.sync.size();
  BlockCounter counter(source, header.sync, {.max_data_bytes = options.max_data_bytes}, header.size_bytes);
  BlockCounter::State state = BlockCounter::State::kMore;
  while (state == BlockCounter::State::kMore) state = counter.advance(stop);
  if (state == BlockCounter::State::kEnd) return {counter.position(), header.sync, /*is_proven=*/true};

  FramerOptions skipping = options;
  skipping.recover = true;
  skipping.stop_offset = stop;
  BlockFramer framer(source, header, skipping, {.offset = counter.position()});
  for (Unit unit; framer.next(unit);) {
  }
  return {framer.position(), framer.sync(), /*is_proven=*/true, /*has_damage=*/true};
}

FirstBlock find_first_block(Source& source, const Header& header, const FramerOptions& options, ReadAhead& input,
                            uint64_t place, uint64_t end) {
  const size_t marker_bytes = header.sync.size();
  if (place <= header.size_bytes - marker_bytes) return {header.size_bytes, header.sync, /*is_proven=*/true};
  if (source.size() < marker_bytes || place > source.size() - marker_bytes) {
    return {source.size(), header.sync, /*is_proven=*/true};
  }
  if (!is_near(source, header, place)) {
    input.seek(place);
    // After damage, blocks may stand before the next marker. A strict reader stops at damage.
    const std::optional<uint64_t> marker = find_marker(input, header.sync, options.recover ? UINT64_MAX : end);
    if (!marker.has_value() && !options.recover) {
      return {std::min(end + marker_bytes, source.size()), header.sync, /*is_proven=*/false};
    }
    if (marker.has_value() && is_certain(input, header.sync)) {
      return {*marker + marker_bytes, header.sync, /*is_proven=*/false};
    }
  }
  return walk_to_first_block(source, header, options, place);
}

}  // namespace jetliner
