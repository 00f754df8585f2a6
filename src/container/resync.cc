#include "container/resync.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/varint.h"

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

// Reads the block's count and size at `start`, and the marker at its end. At most two small reads.
Candidate examine_block(ReadAhead& input, const SyncMarker& sync, uint64_t start) {
  std::array<uint8_t, 2 * kMaxLongBytes> bytes;
  const size_t available = input.peek(start, bytes);
  const uint8_t* p = bytes.data();
  const uint8_t* const end = p + available;
  int64_t row_count = 0;
  int64_t size_bytes = 0;
  // A file that is cut within a block's count or size ends right there.
  const VarintStatus count_status = read_long_checked(&p, end, &row_count);
  if (count_status == VarintStatus::kEnd) return {Evidence::kTruncated};
  if (count_status != VarintStatus::kOk || row_count < 0) return {};
  const VarintStatus size_status = read_long_checked(&p, end, &size_bytes);
  if (size_status == VarintStatus::kEnd) return {Evidence::kTruncated};
  if (size_status != VarintStatus::kOk || size_bytes < 0) return {};

  const uint64_t data_begin = start + static_cast<uint64_t>(p - bytes.data());
  const uint64_t remaining = input.end() - data_begin;
  if (static_cast<uint64_t>(size_bytes) > remaining || remaining - size_bytes < sync.size()) {
    return {Evidence::kTruncated};
  }
  const uint64_t marker_begin = data_begin + static_cast<uint64_t>(size_bytes);
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
  if (input.peek(start, magic) == magic.size() && std::memcmp(magic.data(), "Obj\x01", 4) == 0) {
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
  for (;;) {
    // [position, position + view) is searched; a marker that begins in its last 15 bytes is found in the next round.
    const ByteSpan view = input.view(sync.size());
    const uint64_t view_begin = input.position();
    if (view.size() < sync.size() || view_begin >= search_end) return fallback;
    const uint8_t* const begin = view.data();
    const void* const hit = memmem(begin, view.size(), sync.data(), sync.size());
    if (hit == nullptr) {
      input.seek(view_begin + view.size() - (sync.size() - 1));
      continue;
    }
    const uint64_t marker_begin = view_begin + static_cast<uint64_t>(static_cast<const uint8_t*>(hit) - begin);
    const uint64_t block_begin = marker_begin + sync.size();
    if (marker_begin >= search_end) return fallback;
    if (is_plausible_block(input, sync, block_begin)) return block_begin;
    input.seek(marker_begin + 1);
  }
}

}  // namespace jetliner
