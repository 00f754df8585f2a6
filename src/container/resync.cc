#include "container/resync.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "container/block_head.h"

namespace jetliner {
namespace {

// What can be said of a block without its data.
enum class Evidence : uint8_t {
  kNone,       // its count or size is impossible
  kUnmarked,   // possible, but there is no sync marker where it ends
  kTruncated,  // possible, but it goes beyond the end of the file
  kMarked,     // ends with the sync marker
};

struct Candidate {
  Evidence evidence = Evidence::kNone;
  uint64_t end = 0;  // file offset; for kUnmarked and kMarked
};

BlockHead peek_head(ReadAhead& input, uint64_t start) {
  std::array<uint8_t, kMaxBlockHeadBytes> bytes;
  const size_t got_bytes = input.peek(start, bytes);
  return read_block_head(bytes.data(), bytes.data() + got_bytes);
}

// Reads the block's count and size at `start`, and the marker at its end. At most two small reads.
Candidate examine_block(ReadAhead& input, const SyncMarker& sync, uint64_t start) {
  const BlockHead head = peek_head(input, start);
  // peek() comes back short at the end of the file only: the file is cut there.
  if (head.status == BlockHead::Status::kCut) return {Evidence::kTruncated};
  if (!head.is_ok()) return {};

  const auto data_bytes = static_cast<uint64_t>(head.data_bytes);
  const uint64_t data_begin = start + head.head_bytes;
  const uint64_t remaining_bytes = input.end() - data_begin;
  if (data_bytes > remaining_bytes || remaining_bytes - data_bytes < sync.size()) return {Evidence::kTruncated};
  const uint64_t marker_begin = data_begin + data_bytes;
  SyncMarker marker;
  const bool is_marked = input.peek(marker_begin, marker) == marker.size() && marker == sync;
  return {is_marked ? Evidence::kMarked : Evidence::kUnmarked, marker_begin + sync.size()};
}

// Neighbours whose markers are all damaged, at most so many: each costs two small reads for every damage.
constexpr int kMaxHops = 16;

// Whether the sizes of blocks, from `start` on, lead to one that ends with the marker, over others that do not.
bool leads_to_marker(ReadAhead& input, const SyncMarker& sync, uint64_t start) {
  for (int hops = 0; hops < kMaxHops && start < input.end(); ++hops) {
    const Candidate block = examine_block(input, sync, start);
    if (block.evidence == Evidence::kMarked) return true;
    if (block.evidence != Evidence::kUnmarked) return false;
    start = block.end;
  }
  return false;
}

// Whether reading may go on at `start`, which follows an occurrence of the marker.
bool is_plausible_block(ReadAhead& input, const SyncMarker& sync, uint64_t start) {
  if (start >= input.end()) return start == input.end();
  std::array<uint8_t, 4> magic;
  if (input.peek(start, magic) == magic.size() && std::memcmp(magic.data(), kMagic.data(), kMagic.size()) == 0) {
    return true;  // a second file follows; the framer says so
  }
  const Candidate block = examine_block(input, sync, start);
  switch (block.evidence) {
    case Evidence::kMarked:
      return true;
    case Evidence::kTruncated:
      return true;  // the last block of a file that was cut; or else the framer comes back with the next damage
    case Evidence::kUnmarked:
      // Its marker may be damaged as well: then a whole block follows.
      return leads_to_marker(input, sync, block.end);
    case Evidence::kNone:
      return false;
  }
  return false;
}

// What is left of a marker that lacks bytes, or has others within: its first or its last bytes, at least so many.
constexpr size_t kRestBytes = 6;
// So many bytes may be missing from a marker whose end is lost, or be put into it or after it.
constexpr size_t kMostMoved = 16;

// Rests of markers between the damage and the next marker: a block that starts after one of them and ends with that
// marker is whole. The last ones of each kind are kept.
class MarkerRests {
 public:
  // `start`: of the damaged block, so that a marker ends there.
  MarkerRests(const SyncMarker& sync, uint64_t start) : sync_(sync), start_(start) {
    std::array<bool, 256> seen{};
    size_t distinct = 0;
    for (const uint8_t byte : sync) distinct += std::exchange(seen[byte], true) ? 0 : 1;
    is_telling_ = distinct >= kRestBytes;  // a marker of few bytes looks like itself moved, and like data
  }

  // Of bytes that begin at `offset` in the file. May be given some of them again; what is found must not depend on how
  // they are cut, so only rests that begin before the next marker are among them.
  void look(ByteSpan bytes, uint64_t offset) {
    if (!is_telling_) return;
    find(bytes, offset, {sync_.data(), kRestBytes}, heads_);
    find(bytes, offset, {sync_.data() + sync_.size() - kRestBytes, kRestBytes}, tails_);
  }

  // Where a block starts that follows a rest and ends with the marker at `marker_begin`.
  std::optional<uint64_t> block_before(ReadAhead& input, uint64_t marker_begin) const {
    if (!is_telling_) return std::nullopt;
    // After the last bytes of a marker a block starts; after the first ones it does not lie far from where it would.
    for (const uint64_t rest : tails_.offsets) {
      if (rest == kNone) continue;
      if (leads_to(input, rest + kRestBytes, marker_begin)) return rest + kRestBytes;
    }
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
      const void* const hit = memmem(p, static_cast<size_t>(end - p), rest.data(), rest.size());
      if (hit == nullptr) return;
      p = static_cast<const uint8_t*>(hit) + 1;
      const uint64_t hit_offset = offset + static_cast<uint64_t>(p - 1 - bytes.data());
      if (hit_offset < found.searched_end) continue;  // once more
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
  // Where only the marker of the damaged block is damaged, a whole block follows at its claimed end, or at the end of
  // others of which the same is true. That is as good as a marker, and it saves that block, which a search for the next
  // marker would lose. Markers that begin before that place come first, those that reach beyond it as well: bytes of a
  // marker can pass for a part of the count that follows it.
  uint64_t search_end = input.end();  // a marker must begin before it
  std::optional<uint64_t> fallback;
  if (claimed_end && leads_to_marker(input, sync, *claimed_end)) {
    fallback = claimed_end;
    search_end = *claimed_end;
  }
  MarkerRests rests(sync, input.position());
  for (;;) {
    // [position, position + view) is searched; a marker that begins in its last 15 bytes is found in the next round.
    const ByteSpan view = input.view(sync.size());
    const uint64_t view_begin = input.position();
    if (view.size() < sync.size() || view_begin >= search_end) return fallback;
    const uint8_t* const begin = view.data();
    const void* const hit = memmem(begin, view.size(), sync.data(), sync.size());
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
