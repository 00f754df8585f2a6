#include "container/first_block.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/system.h"
#include "container/block_evidence.h"

namespace jetliner {
namespace {

// Places up to this far behind the header are always found by a walk. A slow source has a smaller limit: it has sent
// these bytes with the header. All readers of a file must have the same limit, so no measurement decides.
constexpr uint64_t kWalkBytes = 64 << 20;
constexpr uint64_t kSlowWalkBytes = 64 << 10;
// A larger first block is not searched for further markers.
constexpr uint64_t kMostSearchedBytes = 8 << 20;
// A step of the search ends after this time, or with the request that passes it.
constexpr std::chrono::milliseconds kStep{5};

bool is_near(const Source& source, const Header& header, uint64_t place) {
  return place - std::min(place, header.size_bytes) <= (source.reads_ahead() ? kWalkBytes : kSlowWalkBytes);
}

// Moves `input` to the next marker that begins before `end`, at its position or later. True if there is one in the
// bytes that it holds. False: it has moved behind these bytes, or no marker is left.
bool find_marker(ReadAhead& input, const SyncMarker& sync, uint64_t end, bool& is_over) {
  const ByteSpan view = input.view(sync.size());
  is_over = input.position() >= end || view.size() < sync.size();
  if (is_over) return false;
  const void* const hit = sys::find(view.data(), view.size(), sync.data(), sync.size());
  const auto passed = static_cast<size_t>(hit == nullptr ? view.size() - (sync.size() - 1)
                                                         : static_cast<const uint8_t*>(hit) - view.data());
  input.seek(input.position() + passed);
  is_over = input.position() >= end;
  return hit != nullptr && !is_over;
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
  const void* const hit = sys::find(block.data() + 1, whole_bytes - 1, sync.data(), marker_bytes);
  if (hit != block.data() + (whole_bytes - marker_bytes)) return false;
  const uint64_t next = begin + whole_bytes;
  return next == input.end() || examine_block(input, sync, next).evidence == Evidence::kMarked;
}

}  // namespace

FirstBlockSearch::FirstBlockSearch(Source& source, const Header& header, const FramerOptions& options, uint64_t place,
                                   uint64_t end)
    : source_(source),
      header_(header),
      options_(options),
      place_(place),
      end_(end),
      input_(source, std::min(place, source.size()), options.chunk_bytes) {
  if (end < UINT64_MAX) input_.set_soft_end(options.stop_offset);
  const size_t marker_bytes = header.sync.size();
  if (place <= header.size_bytes - marker_bytes) {
    found_ = {header.size_bytes, header.sync, /*is_proven=*/true};
  } else if (source.size() < marker_bytes || place > source.size() - marker_bytes) {
    found_ = {source.size(), header.sync, /*is_proven=*/true};
  } else if (is_near(source, header, place)) {
    start_walk();
  }
}

FirstBlockSearch FirstBlockSearch::by_walk(Source& source, const Header& header, const FramerOptions& options,
                                           uint64_t place) {
  FirstBlockSearch search(source, header, options, place, UINT64_MAX);
  if (!search.found_.has_value() && !search.counter_.has_value()) search.start_walk();
  return search;
}

bool FirstBlockSearch::advance() {
  const auto deadline = std::chrono::steady_clock::now() + kStep;
  while (!found_.has_value() && std::chrono::steady_clock::now() < deadline) {
    if (counter_.has_value()) {
      walk();
    } else {
      look_at_markers();
    }
  }
  return found_.has_value();
}

// After damage, blocks may stand before the next marker. A strict reader stops at damage.
void FirstBlockSearch::look_at_markers() {
  bool is_over = false;
  if (find_marker(input_, header_.sync, options_.recover ? UINT64_MAX : end_, is_over)) {
    if (is_certain(input_, header_.sync)) {
      found_ = {input_.position() + header_.sync.size(), header_.sync, /*is_proven=*/false};
    } else {
      start_walk();
    }
  } else if (is_over && options_.recover) {
    start_walk();
  } else if (is_over) {
    found_ = {std::min(end_ + header_.sync.size(), source_.size()), header_.sync, /*is_proven=*/false};
  }
}

void FirstBlockSearch::start_walk() {
  counter_.emplace(source_, header_.sync, CounterOptions{.max_data_bytes = options_.max_data_bytes},
                   header_.size_bytes);
}

void FirstBlockSearch::walk() {
  const size_t marker_bytes = header_.sync.size();
  const uint64_t stop = place_ > source_.size() - marker_bytes ? source_.size() : place_ + marker_bytes;
  if (framer_ != nullptr) {
    if (Unit unit; !framer_->next(unit)) {
      found_ = {framer_->position(), framer_->sync(), /*is_proven=*/true, /*has_damage=*/true};
    }
    return;
  }
  const BlockCounter::State state = counter_->advance(stop);
  if (state == BlockCounter::State::kMore) return;
  if (state == BlockCounter::State::kEnd) {
    found_ = {counter_->position(), header_.sync, /*is_proven=*/true};
    return;
  }
  FramerOptions skipping = options_;
  skipping.recover = true;
  skipping.stop_offset = stop;
  framer_ =
      std::make_unique<BlockFramer>(source_, header_, skipping, BlockFramer::Start{.offset = counter_->position()});
}

}  // namespace jetliner
