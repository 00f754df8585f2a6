#include "container/range_framer.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "jetliner/error.h"

namespace jetliner {

RangeFramer::RangeFramer(Source& source, const Header& header, FramerOptions options, ByteRange range)
    : source_(source), header_(header), options_(options), range_(range) {
  if (range.end < UINT64_MAX - header_.sync.size()) options_.stop_offset = range.end + header_.sync.size();
  source.set_soft_end(options_.stop_offset);
  ReadAhead input(source, std::min(range.begin, source.size()), options.chunk_bytes);
  input.set_soft_end(options_.stop_offset);
  first_ = find_first_block(source, header, options, input, range.begin, range.end);
  has_damage_ = first_.has_damage;
  // A range without blocks. It may have markers, which the reader of the next range does not see.
  must_check_end_ = first_.is_proven && first_.offset >= options_.stop_offset;
  Header own = header;
  own.sync = first_.sync;
  framer_ = std::make_unique<BlockFramer>(source, own, options_, BlockFramer::Start{.offset = first_.offset},
                                          std::move(input));
}

bool RangeFramer::next(Unit& unit) {
  for (;;) {
    if (framer_->next(unit)) {
      look(unit);
      return true;
    }
    if (!goes_on()) return false;
  }
}

void RangeFramer::skip_to(uint64_t position, int64_t block_index) {
  Header own = header_;
  own.sync = framer_->sync();
  framer_ = std::make_unique<BlockFramer>(source_, own, options_,
                                          BlockFramer::Start{.offset = position, .block_index = block_index});
  // Nobody has seen the data of the last block.
  must_check_end_ = must_check_end_ || (block_index > 0 && position > options_.stop_offset);
}

// Notes what could mislead the reader of the next range.
void RangeFramer::look(const Unit& unit) {
  if (unit.damage.has_value()) {
    has_damage_ = true;
    check_start();
  }
  for (const BlockRef& block : unit.blocks) {
    const uint64_t marker = block.file_offset + block.block_bytes - header_.sync.size();
    if (marker <= range_.end) continue;
    const uint64_t data_offset = marker - block.data_bytes;
    if (range_.end < data_offset) look_at_seam(unit, block);
    const size_t skipped = range_.end > data_offset ? static_cast<size_t>(range_.end - data_offset) : 0;
    // With all but the last byte of the marker: markers of equal bytes overlap.
    const uint8_t* const begin = unit.bytes.data() + block.data_begin + skipped;
    const size_t bytes = block.data_bytes - skipped + header_.sync.size() - 1;
    const SyncMarker& sync = framer_->sync();
    must_check_end_ = must_check_end_ || memmem(begin, bytes, sync.data(), sync.size()) != nullptr;
  }
}

// The end of the range lies within the marker before a block, or within its head. Together with the bytes after them
// they may look like a marker.
void RangeFramer::look_at_seam(const Unit& unit, const BlockRef& block) {
  const SyncMarker& sync = framer_->sync();
  const uint64_t marker_begin = block.file_offset - sync.size();
  const size_t after_marker = static_cast<size_t>(block.block_bytes) - block.data_bytes - sync.size();  // the head
  const uint8_t* const head = unit.bytes.data() + block.data_begin - after_marker;
  std::vector<uint8_t> seam(sync.begin(), sync.end());
  seam.insert(seam.end(), head, head + after_marker + std::min(block.data_bytes + sync.size(), sync.size() - 1));
  const size_t begin = range_.end > marker_begin ? static_cast<size_t>(range_.end - marker_begin) : 0;
  must_check_end_ =
      must_check_end_ || memmem(seam.data() + begin, seam.size() - begin, sync.data(), sync.size()) != nullptr;
}

// Damage may also mean that the first block was none.
void RangeFramer::check_start() {
  if (first_.is_proven) return;
  first_.is_proven = true;
  if (walk_to_first_block(source_, header_, options_, range_.begin).offset != first_.offset) fail(first_.offset);
}

// After the last block: whether further blocks belong to this range.
bool RangeFramer::goes_on() {
  const uint64_t position = framer_->position();
  if (last_stop_ != 0 && position != last_stop_) fail(position);
  const bool is_open = must_check_end_ || (has_damage_ && options_.recover);
  const bool is_last = options_.stop_offset >= source_.size();
  if (last_stop_ != 0 || !is_open || is_last) return false;
  ReadAhead input(source_, std::min(range_.end, source_.size()), options_.chunk_bytes);
  const uint64_t next = find_first_block(source_, header_, options_, input, range_.end, UINT64_MAX).offset;
  if (next < position) fail(position);
  last_stop_ = next;
  if (next == position) return false;
  source_.set_soft_end(next);
  framer_->go_on_to(next);
  return true;
}

void RangeFramer::fail(uint64_t offset) const {
  throw Error(ErrorKind::kParse, ErrorVariant::kInvalidBlock,
              "the file cannot be read in parts: some of its data look like blocks (near offset " +
                  std::to_string(offset) + "); read it as a whole");
}

}  // namespace jetliner
