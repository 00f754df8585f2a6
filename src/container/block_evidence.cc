#include "container/block_evidence.h"

#include <array>

namespace jetliner {

BlockHead peek_head(ReadAhead& input, uint64_t start) {
  std::array<uint8_t, kMaxBlockHeadBytes> bytes;
  const size_t got_bytes = input.peek(start, bytes);
  return read_block_head(bytes.data(), bytes.data() + got_bytes);
}

Examined examine_block(ReadAhead& input, const SyncMarker& sync, uint64_t start) {
  const BlockHead head = peek_head(input, start);
  // peek() returns less than asked for only at the end of the file. So kCut means that the file ends inside this head.
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

}  // namespace jetliner
