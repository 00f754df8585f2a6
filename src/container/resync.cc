#include "container/resync.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/system.h"
#include "container/block_evidence.h"
#include "container/block_head.h"

namespace jetliner {
namespace {

// Limit of neighbouring blocks whose markers are all damaged. Each costs two small reads.
constexpr int kMaxHops = 16;

// True if a chain of blocks starts at `start` and leads to one with a marker at its end. The others may lack it.
bool leads_to_marker(ReadAhead& input, const SyncMarker& sync, uint64_t start) {
  for (int hops = 0; hops < kMaxHops && start < input.end(); ++hops) {
    const Examined block = examine_block(input, sync, start);
    if (block.evidence == Evidence::kMarked) return true;
    if (block.evidence != Evidence::kUnmarked) return false;
    start = block.end;
  }
  return false;
}

// True if a block may start at `start`, which is the end of a marker. Case 1 in resync.h.
bool is_plausible_block(ReadAhead& input, const SyncMarker& sync, uint64_t start) {
  if (start >= input.end()) return start == input.end();
  std::array<uint8_t, 4> magic;
  if (input.peek(start, magic) == magic.size() && std::memcmp(magic.data(), kMagic.data(), kMagic.size()) == 0) {
    return true;  // a second file follows; the framer says so
  }
  const Examined block = examine_block(input, sync, start);
  switch (block.evidence) {
    case Evidence::kMarked:
      return true;
    case Evidence::kTruncated:
      return true;  // the last block of a file that was cut; if it is not, the framer finds damage and searches again
    case Evidence::kUnmarked:
      // Its marker may be damaged as well. Then a whole block follows.
      return leads_to_marker(input, sync, block.end);
    case Evidence::kNone:
      return false;
  }
  return false;
}

// Bytes at the start or the end of a damaged marker that must be left, so that it is recognised.
constexpr size_t kRestBytes = 6;
// Most bytes by which the next block has moved: bytes were removed from the marker before it, or inserted.
constexpr size_t kMostMoved = 16;

// Rests of markers between the damage and the next marker (case 3 in resync.h). Keeps the last two of each kind.
class MarkerRests {
 public:
  // `start`: of the damaged block. A marker ends there.
  MarkerRests(const SyncMarker& sync, uint64_t start) : sync_(sync), start_(start) {
    std::array<bool, 256> seen{};
    size_t distinct = 0;
    for (const uint8_t byte : sync) distinct += std::exchange(seen[byte], true) ? 0 : 1;
    // A marker of few different bytes looks like itself moved by some bytes, and like data. Its rests tell nothing.
    is_telling_ = distinct >= kRestBytes;
  }

  // Notes the rests in `bytes`, which start at `offset` in the file. Some of the bytes may have been given before. The
  // result must not depend on how the file is split, so `bytes` ends before the next marker is whole.
  void look(ByteSpan bytes, uint64_t offset) {
    if (!is_telling_) return;
    find(bytes, offset, {sync_.data(), kRestBytes}, heads_);
    find(bytes, offset, {sync_.data() + sync_.size() - kRestBytes, kRestBytes}, tails_);
  }

  // Start of a block that follows a rest and ends with the marker at `marker_begin`.
  std::optional<uint64_t> block_before(ReadAhead& input, uint64_t marker_begin) const {
    if (!is_telling_) return std::nullopt;
    // A block starts right behind the last bytes of a marker. Behind the first bytes it starts near its expected place.
    for (const uint64_t rest : tails_.offsets) {
      if (rest == kNone) continue;
      if (leads_to(input, rest + kRestBytes, marker_begin)) return rest + kRestBytes;
    }
    // The marker before the damaged block is a rest too: bytes may be missing or inserted right after it.
    for (const uint64_t rest : {heads_.offsets[0], heads_.offsets[1], start_ - sync_.size()}) {
      if (rest == kNone) continue;
      const uint64_t expected = rest + sync_.size();
      for (uint64_t moved = 0; moved <= kMostMoved; ++moved) {
        if (expected + moved > start_ && leads_to(input, expected + moved, marker_begin)) return expected + moved;
        if (moved > sync_.size() - kRestBytes || expected - moved <= start_) continue;
        if (leads_to(input, expected - moved, marker_begin)) return expected - moved;
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr uint64_t kNone = UINT64_MAX;
  struct Found {
    std::array<uint64_t, 2> offsets = {kNone, kNone};
    uint64_t searched_end = 0;
    size_t next = 0;
  };

  static void find(ByteSpan bytes, uint64_t offset, ByteSpan rest, Found& found) {
    const uint8_t* const end = bytes.data() + bytes.size();
    for (const uint8_t* p = bytes.data();;) {
      const void* const hit = sys::find(p, static_cast<size_t>(end - p), rest.data(), rest.size());
      if (hit == nullptr) return;
      p = static_cast<const uint8_t*>(hit) + 1;
      const uint64_t hit_offset = offset + static_cast<uint64_t>(p - 1 - bytes.data());
      if (hit_offset < found.searched_end) continue;  // noted before
      found.offsets[found.next++ % found.offsets.size()] = hit_offset;
      found.searched_end = hit_offset + 1;
    }
  }

  static bool leads_to(ReadAhead& input, uint64_t start, uint64_t marker_begin) {
    if (start >= marker_begin) return false;
    const BlockHead head = peek_head(input, start);
    if (!head.is_ok() || head.row_count == 0) return false;
    const uint64_t data_begin = start + head.head_bytes;
    return data_begin <= marker_begin && static_cast<uint64_t>(head.data_bytes) == marker_begin - data_begin;
  }

  const SyncMarker& sync_;
  const uint64_t start_;
  bool is_telling_ = false;
  Found heads_;
  Found tails_;
};

}  // namespace

std::optional<uint64_t> find_next_block(ReadAhead& input, const SyncMarker& sync, std::optional<uint64_t> claimed_end) {
  // Case 2 in resync.h. Markers that begin before the claimed end come first, also if they reach beyond it: the last
  // bytes of a marker may look like a part of the count behind it.
  uint64_t search_end = input.end();  // markers from here on are not looked for
  std::optional<uint64_t> fallback;
  if (claimed_end && leads_to_marker(input, sync, *claimed_end)) {
    fallback = claimed_end;
    search_end = *claimed_end;
  }
  MarkerRests rests(sync, input.position());
  for (;;) {
    // Searches the view. A marker that begins in its last 15 bytes is found in the next round.
    const ByteSpan view = input.view(sync.size());
    const uint64_t view_begin = input.position();
    if (view.size() < sync.size() || view_begin >= search_end) return fallback;
    const uint8_t* const begin = view.data();
    const void* const hit = sys::find(begin, view.size(), sync.data(), sync.size());
    if (hit == nullptr) {
      rests.look(view.first(view.size() - sync.size() + kRestBytes), view_begin);
      input.seek(view_begin + view.size() - (sync.size() - 1));
      continue;
    }
    const auto hit_offset = static_cast<size_t>(static_cast<const uint8_t*>(hit) - begin);
    rests.look(view.first(hit_offset + kRestBytes - 1), view_begin);
    const uint64_t marker_begin = view_begin + hit_offset;
    const uint64_t block_begin = marker_begin + sync.size();
    if (marker_begin >= search_end) return fallback;
    if (is_plausible_block(input, sync, block_begin)) {
      return rests.block_before(input, marker_begin).value_or(block_begin);
    }
    input.seek(marker_begin + 1);
  }
}

}  // namespace jetliner
