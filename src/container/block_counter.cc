#include "container/block_counter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/system.h"
#include "container/block_head.h"

namespace jetliner {
namespace {

constexpr size_t kMarkerBytes = sizeof(SyncMarker);
// The marker of one block and the head of the next one.
constexpr size_t kSeamBytes = kMarkerBytes + kMaxBlockHeadBytes;
// A request reads a window of bytes. Its size follows the fixed cost of a request, up to this.
constexpr size_t kMaxWindowBytes = 1 << 20;
// Of the first request: the size of blocks is not known yet.
constexpr size_t kFirstWindowBytes = 4 << 10;
// advance() ends after this many bytes of windows.
constexpr size_t kStepBytes = 32 << 10;
// find_block() reads pieces of this size. In most files the first or the second one has a marker.
constexpr size_t kSearchBytes = 16 << 10;

}  // namespace

BlockCounter::BlockCounter(Source& source, const SyncMarker& sync, CounterOptions options, uint64_t begin)
    : source_(source),
      sync_(sync),
      options_(options),
      size_(source.size()),
      window_bytes_(std::clamp<size_t>(source.request_cost_bytes(), kSeamBytes, kMaxWindowBytes)),
      position_(begin),
      window_(static_cast<size_t>(std::min<uint64_t>(window_bytes_, size_))) {}

BlockCounter::State BlockCounter::advance(uint64_t stop) {
  if (position_ > size_) return State::kIrregular;  // the file has become shorter than its header
  State state = position_ >= stop ? State::kEnd : State::kMore;
  for (size_t cost_bytes = 0; state == State::kMore && cost_bytes < kStepBytes; cost_bytes += window_bytes_) {
    request();
    state = walk(stop);
  }
  return state;
}

// The first request needs a head only. Each later one starts with the marker of a block, and the next head follows. If
// blocks are small, a whole window is read: it probably has the next markers and heads as well. Bytes of the last
// window are kept, so that a source that is read from front to back sees no step back.
void BlockCounter::request() {
  size_t ask_bytes = std::min(window_bytes_, kFirstWindowBytes);
  if (end_ != 0) {
    // What a request costs may have been measured meanwhile.
    const bool are_small = end_ - position_ < std::min(window_bytes_, source_.request_cost_bytes()) / 2;
    ask_bytes = are_small ? window_bytes_ : kSeamBytes;
  }
  const uint64_t begin = end_ == 0 ? position_ : end_ - kMarkerBytes;
  const uint64_t last_end = window_offset_ + got_bytes_;
  size_t keep_bytes = 0;
  if (begin >= window_offset_ && begin < last_end) {
    keep_bytes = static_cast<size_t>(last_end - begin);
    std::memmove(window_.data(), window_.data() + (begin - window_offset_), keep_bytes);
  }
  window_offset_ = begin;
  ask_bytes = static_cast<size_t>(std::min<uint64_t>(ask_bytes, size_ - begin));
  got_bytes_ = keep_bytes;
  if (ask_bytes > keep_bytes) {
    got_bytes_ += source_.read_at(begin + keep_bytes, std::span(window_).subspan(keep_bytes, ask_bytes - keep_bytes));
  }
  ++num_requests_;
}

// Walks to the end of the window. If the window is shorter than asked for, the file has shrunk: BlockFramer reports
// that.
BlockCounter::State BlockCounter::walk(uint64_t stop) {
  const uint8_t* const begin = window_.data();
  const uint8_t* const end = begin + got_bytes_;
  const uint64_t window_end = window_offset_ + got_bytes_;
  const bool is_last = window_end == size_;
  const bool is_short = !is_last && got_bytes_ < kSeamBytes;
  for (;;) {
    if (end_ != 0) {
      if (end_ > window_end) return is_short ? State::kIrregular : State::kMore;
      const uint8_t* const marker = begin + (end_ - kMarkerBytes - window_offset_);
      if (std::memcmp(marker, sync_.data(), kMarkerBytes) != 0) return State::kIrregular;
      skip_to(end_, pending_rows_, 1, pending_rows_ > 0 ? 1 : 0);
    }
    if (position_ >= stop) return State::kEnd;
    const BlockHead head = read_block_head(begin + (position_ - window_offset_), end);
    const bool is_cut = head.status == BlockHead::Status::kCut;
    if (is_cut && !is_last && !is_short) return State::kMore;  // the next window starts with this head
    if (!head.is_ok()) return State::kIrregular;
    const auto row_count = static_cast<uint64_t>(head.row_count);
    const auto data_bytes = static_cast<uint64_t>(head.data_bytes);
    const uint64_t rest_bytes = size_ - position_ - head.head_bytes;
    const bool is_whole = rest_bytes >= kMarkerBytes && data_bytes <= rest_bytes - kMarkerBytes;
    const bool is_allowed = data_bytes <= options_.max_data_bytes && row_count <= options_.bound.most_rows(data_bytes);
    if (!is_whole || !is_allowed) return State::kIrregular;
    pending_rows_ = row_count;
    end_ = position_ + head.head_bytes + data_bytes + kMarkerBytes;
    if (end_ - kMarkerBytes >= window_end) return State::kMore;
  }
}

void BlockCounter::skip_to(uint64_t position, uint64_t rows, int64_t blocks, uint64_t filled_blocks) {
  position_ = position;
  rows_ = add_rows(rows_, rows);
  block_index_ += blocks;
  filled_blocks_ += filled_blocks;
  end_ = 0;
}

uint64_t BlockCounter::take_rows() { return std::exchange(rows_, 0); }

std::optional<uint64_t> find_block(Source& source, const SyncMarker& sync, uint64_t offset) {
  std::vector<uint8_t> bytes(kSearchBytes);
  const uint64_t search_end = offset + kMarkerSearchBytes;
  for (; offset < search_end; offset += kSearchBytes - (kMarkerBytes - 1)) {
    const size_t got_bytes = source.read_at(offset, bytes);
    const void* const hit = sys::find(bytes.data(), got_bytes, sync.data(), kMarkerBytes);
    if (hit != nullptr) {
      return offset + static_cast<uint64_t>(static_cast<const uint8_t*>(hit) - bytes.data()) + kMarkerBytes;
    }
    if (got_bytes < kSearchBytes) break;
  }
  return std::nullopt;
}

}  // namespace jetliner
