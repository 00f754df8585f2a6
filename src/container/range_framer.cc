#include "container/range_framer.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/system.h"
#include "jetliner/error.h"

namespace jetliner {

RangeFramer::RangeFramer(Source& source, const Header& header, FramerOptions options, ByteRange range)
    : source_(source), header_(header), options_(options), range_(range) {
  if (range.end < UINT64_MAX - header_.sync.size()) options_.stop_offset = range.end + header_.sync.size();
  source.set_soft_end(options_.stop_offset);
  search_for(Purpose::kStart, range_.begin);
}

bool RangeFramer::next(Unit& unit) {
  for (;;) {
    if (search_ != nullptr && !search()) {
      unit.blocks.clear();
      unit.damage.reset();
      unit.bytes.clear();
      return true;
    }
    if (doubted_.has_value()) {
      unit = std::move(*doubted_);
      doubted_.reset();
      return true;
    }
    if (framer_->next(unit)) {
      note_doubts(unit);
      if (search_ == nullptr) return true;
      doubted_ = std::exchange(unit, Unit());
    } else if (!searches_end()) {
      return false;
    }
  }
}

bool RangeFramer::find_start() { return framer_ != nullptr || search(); }

void RangeFramer::skip_to(uint64_t position, int64_t block_index) {
  Header own = header_;
  own.sync = framer_->sync();
  framer_ = std::make_unique<BlockFramer>(source_, own, options_,
                                          BlockFramer::Start{.offset = position, .block_index = block_index});
  // Nobody has seen the data of the last block.
  must_check_end_ = must_check_end_ || (block_index > 0 && position > options_.stop_offset);
}

// --- Searches --------------------------------------------------------------------------------------------------------

void RangeFramer::search_for(Purpose purpose, uint64_t place) {
  purpose_ = purpose;
  if (purpose == Purpose::kProof) {
    search_ = std::make_unique<FirstBlockSearch>(FirstBlockSearch::by_walk(source_, header_, options_, place));
  } else {
    const uint64_t end = purpose == Purpose::kStart ? range_.end : UINT64_MAX;
    search_ = std::make_unique<FirstBlockSearch>(source_, header_, options_, place, end);
  }
}

// One step. True once the search is over, and its result was used.
bool RangeFramer::search() {
  if (!search_->advance()) return false;
  const std::unique_ptr<FirstBlockSearch> done = std::move(search_);
  const FirstBlock& found = done->found();
  switch (purpose_) {
    case Purpose::kStart:
      start_at(found, done->take_input());
      break;
    case Purpose::kProof:
      if (found.offset != first_.offset) throw_imitated(first_.offset);
      break;
    case Purpose::kEnd:
      go_on_to(found.offset);
      break;
  }
  return true;
}

void RangeFramer::start_at(const FirstBlock& first, ReadAhead input) {
  first_ = first;
  has_damage_ = first_.has_damage;
  // A range without blocks. It may have markers, which the reader of the next range does not see.
  must_check_end_ = first_.is_proven && first_.offset >= options_.stop_offset;
  Header own = header_;
  own.sync = first_.sync;
  framer_ = std::make_unique<BlockFramer>(source_, own, options_, BlockFramer::Start{.offset = first_.offset},
                                          std::move(input));
}

// After the last block: whether it must be known where the next range begins.
bool RangeFramer::searches_end() {
  const uint64_t position = framer_->position();
  if (proven_end_.has_value() && position != *proven_end_) throw_imitated(position);
  const bool is_open = must_check_end_ || (has_damage_ && options_.recover);
  const bool is_last = options_.stop_offset >= source_.size();
  if (proven_end_.has_value() || !is_open || is_last) return false;
  search_for(Purpose::kEnd, range_.end);
  return true;
}

// Further blocks up to `end` belong to this range.
void RangeFramer::go_on_to(uint64_t end) {
  const uint64_t position = framer_->position();
  if (end < position) throw_imitated(position);
  proven_end_ = end;
  if (end == position) return;
  source_.set_soft_end(end);
  framer_->go_on_to(end);
}

// --- Doubts ----------------------------------------------------------------------------------------------------------

// Notes what could mislead the reader of the next range.
void RangeFramer::note_doubts(const Unit& unit) {
  if (unit.damage.has_value()) {
    has_damage_ = true;
    // Damage may also mean that the first block was none.
    if (!first_.is_proven) search_for(Purpose::kProof, range_.begin);
    first_.is_proven = true;
  }
  for (const BlockRef& block : unit.blocks) {
    const uint64_t marker = block.file_offset + block.block_bytes - header_.sync.size();
    if (marker <= range_.end) continue;
    const uint64_t data_offset = marker - block.data_bytes;
    if (range_.end < data_offset) note_seam(unit, block);
    const size_t skipped = range_.end > data_offset ? static_cast<size_t>(range_.end - data_offset) : 0;
    // With all but the last byte of the marker: markers of equal bytes overlap.
    const uint8_t* const begin = unit.bytes.data() + block.data_begin + skipped;
    const size_t bytes = block.data_bytes - skipped + header_.sync.size() - 1;
    const SyncMarker& sync = framer_->sync();
    must_check_end_ = must_check_end_ || sys::find(begin, bytes, sync.data(), sync.size()) != nullptr;
  }
}

// The end of the range lies within the marker before a block, or within its head. Together with the bytes after them
// they may look like a marker.
void RangeFramer::note_seam(const Unit& unit, const BlockRef& block) {
  const SyncMarker& sync = framer_->sync();
  const uint64_t marker_begin = block.file_offset - sync.size();
  const size_t after_marker = static_cast<size_t>(block.block_bytes) - block.data_bytes - sync.size();  // the head
  const uint8_t* const head = unit.bytes.data() + block.data_begin - after_marker;
  std::vector<uint8_t> seam(sync.begin(), sync.end());
  seam.insert(seam.end(), head, head + after_marker + std::min(block.data_bytes + sync.size(), sync.size() - 1));
  const size_t begin = range_.end > marker_begin ? static_cast<size_t>(range_.end - marker_begin) : 0;
  must_check_end_ =
      must_check_end_ || sys::find(seam.data() + begin, seam.size() - begin, sync.data(), sync.size()) != nullptr;
}

void RangeFramer::throw_imitated(uint64_t offset) const {
  throw Error(ErrorKind::kParse, ErrorVariant::kInvalidBlock,
              "the file cannot be read in parts: some of its data look like blocks (near offset " +
                  std::to_string(offset) + "); read it as a whole");
}

}  // namespace jetliner
