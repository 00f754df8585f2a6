#include "container/block_framer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "container/resync.h"

namespace jetliner {
namespace {

// Units grow like the requests to the source (read_ahead.h).
constexpr size_t kFirstUnitBytes = kFirstRequestBytes;
constexpr size_t kUnitGrowth = 4;
// Two longs of one byte, and the marker.
constexpr size_t kLeastBlockBytes = 2 + sizeof(SyncMarker);
// Size of the unit after damage.
constexpr size_t kResumedUnitBytes = 4 << 10;

}  // namespace

BlockFramer::BlockFramer(Source& source, const Header& header, FramerOptions options)
    : BlockFramer(source, header, options, {.offset = header.size_bytes, .first_row = 0}) {}

BlockFramer::BlockFramer(Source& source, const Header& header, FramerOptions options, Start start)
    : BlockFramer(source, header, options, start, ReadAhead(source, start.offset, options.chunk_bytes)) {}

BlockFramer::BlockFramer(Source& source, const Header& header, FramerOptions options, Start start, ReadAhead input)
    : source_(source),
      sync_(header.sync),
      codec_(header.codec),
      options_(options),
      input_(std::move(input)),
      unit_bytes_(std::clamp<size_t>(options.unit_bytes, 1, kFirstUnitBytes)),
      joined_files_(source, header.size_bytes),
      block_index_(start.block_index),
      next_row_(start.first_row) {
  if (source.size() < header.size_bytes) {
    throw Error(ErrorKind::kSource, ErrorVariant::kIo, "the file became shorter than its header since that was read");
  }
  input_.seek(start.offset);
  input_.set_soft_end(options.stop_offset);
}

void BlockFramer::go_on_to(uint64_t stop_offset) {
  options_.stop_offset = stop_offset;
  input_.set_soft_end(stop_offset);
  is_finished_ = false;
}

bool BlockFramer::next(Unit& unit) {
  unit.blocks.clear();
  unit.damage.reset();
  unit.bytes.clear();
  if (is_finished_) return false;
  unit_offset_ = input_.position();
  cursor_ = 0;
  need_bytes_ = 0;

  Step step = Step::kNeedMore;
  while (step == Step::kBlock || (step == Step::kNeedMore && unit.blocks.empty())) {
    if (step == Step::kNeedMore) get_more(unit);
    step = frame_block(unit);
  }
  // A block that is not whole yet, or is damaged, belongs to the next unit.
  if (unit.bytes.is_lent()) {
    input_.seek(unit_offset_ + cursor_);
  } else {
    input_.unread(unit.bytes.bytes().subspan(cursor_));
  }
  unit.bytes.cut(cursor_);
  lent_ = {};
  unit_bytes_ = std::max(unit_bytes_, std::min(options_.unit_bytes, unit_bytes_ * kUnitGrowth));

  if (step != Step::kNeedMore) need_bytes_ = 0;  // or else it is what the next block needs
  if (step == Step::kEnd) is_finished_ = true;
  if (step == Step::kDamage) report_damage(unit);
  return !unit.blocks.empty() || unit.damage.has_value();
}

// The unit needs its first bytes, or need_bytes_ from cursor_ on.
void BlockFramer::get_more(Unit& unit) {
  if (source_.lends() && borrow(unit)) return;
  if (unit.bytes.is_lent()) own(unit);
  drop_framed(unit);
  fill(unit);
}

// False if the source does not lend what the unit needs.
bool BlockFramer::borrow(Unit& unit) {
  if (unit.bytes.size() == 0) {
    const uint64_t until_stop = options_.stop_offset - std::min(options_.stop_offset, unit_offset_);
    if (until_stop == 0) return false;
    lent_ = input_.borrow(static_cast<size_t>(std::min<uint64_t>(unit_bytes_, until_stop)));
  } else if (!unit.bytes.is_lent()) {
    return false;
  }
  const uint64_t want_bytes = std::max<uint64_t>(need_bytes_ > 0 ? cursor_ + need_bytes_ : unit_bytes_, 1);
  const bool is_enough = need_bytes_ > 0 ? lent_.bytes.size() >= want_bytes : !lent_.bytes.empty();
  if (!is_enough) return false;
  const size_t bytes = static_cast<size_t>(std::min<uint64_t>(lent_.bytes.size(), want_bytes));
  unit.bytes.lend({lent_.bytes.first(bytes), lent_.owner});
  input_.seek(unit_offset_ + bytes);
  return true;
}

// Copies what the source has lent, without the empty blocks at the start.
void BlockFramer::own(Unit& unit) {
  const ByteSpan rest = lent_.bytes.subspan(cursor_);
  unit.bytes.clear();
  unit.bytes.own().resize(rest.size());
  if (!rest.empty()) std::memcpy(unit.bytes.own().data(), rest.data(), rest.size());
  unit_offset_ += cursor_;
  cursor_ = 0;
  input_.seek(unit_offset_ + rest.size());
  lent_ = {};
}

// Drops empty blocks at the start of a unit that has no other blocks yet.
void BlockFramer::drop_framed(Unit& unit) {
  if (cursor_ == 0) return;
  Scratch& bytes = unit.bytes.own();
  const size_t keep_bytes = bytes.size() - cursor_;
  std::memmove(bytes.data(), bytes.data() + cursor_, keep_bytes);
  bytes.resize(keep_bytes);
  unit_offset_ += cursor_;
  cursor_ = 0;
}

void BlockFramer::fill(Unit& unit) {
  Scratch& bytes = unit.bytes.own();
  const size_t have_bytes = bytes.size();
  uint64_t want_bytes = 0;
  auto kind = ReadAhead::Request::kWhole;
  if (source_.lends()) {
    // Not a byte of the block after this one, so that the source can lend that.
    want_bytes = need_bytes_ > 0 ? need_bytes_ - have_bytes
                                 : std::max<size_t>(std::min(input_.held_bytes(), unit_bytes_), kLeastBlockBytes);
    kind = ReadAhead::Request::kExact;
  } else if (need_bytes_ > unit_bytes_) {
    // A block larger than a unit: read exactly to its end, so that no byte is copied a second time.
    want_bytes = need_bytes_ - have_bytes;
    kind = ReadAhead::Request::kExact;
  } else {
    // need_bytes_ > have_bytes, except in the first call for a unit: then both are 0.
    want_bytes = unit_bytes_ - have_bytes;
    const size_t request_bytes = input_.request_bytes();
    const size_t held_bytes = input_.held_bytes();
    if (request_bytes <= unit_bytes_ && held_bytes < want_bytes) {
      // Whole requests go directly into the unit: first the bytes that input_ holds, then at least one request.
      const uint64_t requests = std::max<uint64_t>(1, (want_bytes - held_bytes) / request_bytes);
      want_bytes = std::max<uint64_t>(held_bytes + requests * request_bytes, need_bytes_ - have_bytes);
    }
  }
  // Beyond the stop, only what the last block needs.
  const uint64_t needed_bytes = need_bytes_ - std::min<uint64_t>(need_bytes_, have_bytes);
  const uint64_t until_stop = options_.stop_offset - std::min(options_.stop_offset, unit_offset_ + have_bytes);
  want_bytes = std::min(want_bytes, std::max(until_stop, needed_bytes));
  want_bytes = std::min(want_bytes, input_.remaining_bytes());
  bytes.reserve(have_bytes + want_bytes);
  bytes.resize(have_bytes + input_.read({bytes.data() + have_bytes, static_cast<size_t>(want_bytes)}, kind));
}

BlockFramer::Step BlockFramer::frame_block(Unit& unit) {
  if (offset() >= options_.stop_offset) return Step::kEnd;
  const uint8_t* const begin = unit.bytes.data() + cursor_;
  const uint8_t* const end = unit.bytes.data() + unit.bytes.size();
  const auto held_bytes = static_cast<uint64_t>(end - begin);
  const uint64_t remaining_bytes = held_bytes + input_.remaining_bytes();  // of the file
  if (remaining_bytes == 0) {
    if (input_.end() >= source_.size()) return Step::kEnd;
    // The file was cut at the end of a block: without this check nobody would notice that blocks are missing.
    return damaged(ErrorVariant::kUnexpectedEof, "is missing: the file became shorter while it was read, from " +
                                                     std::to_string(source_.size()) + " to " +
                                                     std::to_string(input_.end()) + " bytes (truncated?)");
  }
  const BlockHead head = read_block_head(begin, end);
  if (!head.is_ok()) return frame_bad_head(head, {begin, end});

  const auto data_bytes = static_cast<uint64_t>(head.data_bytes);
  const uint64_t present_bytes = remaining_bytes - head.head_bytes;
  if (data_bytes > present_bytes) {
    return damaged(ErrorVariant::kUnexpectedEof, "claims " + std::to_string(data_bytes) + " bytes of data but only " +
                                                     std::to_string(present_bytes) +
                                                     " remain in the file (truncated?)");
  }
  if (present_bytes - data_bytes < sync_.size()) {
    return damaged(ErrorVariant::kUnexpectedEof, "is cut: the file ends within its sync marker (truncated?)");
  }
  const uint64_t block_bytes = head.head_bytes + data_bytes + sync_.size();
  const uint64_t block_end = offset() + block_bytes;
  if (data_bytes > options_.max_data_bytes) return oversized(data_bytes, block_end);
  if (held_bytes < block_bytes) {
    // No memory is taken for a forged size. After damage no size is trusted: each block that is read here is consumed
    // as well, so that the work stays linear in the file however many sizes are wrong.
    if (block_bytes > trusted_block_bytes_ && has_other_marker(block_end)) return invalid_marker(block_end);
    return need_more(block_bytes);
  }
  if (std::memcmp(begin + head.head_bytes + data_bytes, sync_.data(), sync_.size()) != 0) {
    return invalid_marker(block_end);
  }
  if (head.row_count > 0 || data_bytes > 0) {
    unit.blocks.push_back({.index = block_index_,
                           .row_count = head.row_count,
                           .first_row = next_row_,
                           .file_offset = offset(),
                           .data_begin = cursor_ + head.head_bytes,
                           .data_bytes = static_cast<size_t>(data_bytes),
                           .block_bytes = block_bytes});
  }
  if (next_row_ >= 0 && __builtin_add_overflow(next_row_, head.row_count, &next_row_)) next_row_ = -1;
  ++block_index_;
  cursor_ += block_bytes;
  return Step::kBlock;
}

// `held`: the bytes in memory from the head on.
BlockFramer::Step BlockFramer::frame_bad_head(const BlockHead& head, ByteSpan held) {
  const bool is_count = head.field == BlockHead::Field::kCount;
  const std::string name = is_count ? "row count" : "size";
  const uint64_t remaining_bytes = held.size() + input_.remaining_bytes();
  if (head.status == BlockHead::Status::kCut) {
    if (input_.remaining_bytes() > 0) return need_more(std::min<uint64_t>(kMaxBlockHeadBytes, remaining_bytes));
    return damaged(ErrorVariant::kUnexpectedEof, "is cut: the file ends within its " + name + " (truncated?)");
  }
  if (head.status == BlockHead::Status::kNoLong) {
    return damaged(ErrorVariant::kInvalidBlock, "has an invalid " + name + ": not a variable-length long");
  }
  // The magic of another header begins with 'O', which is a negative count.
  if (is_count && remaining_bytes >= kMagic.size()) {
    if (held.size() < kMagic.size()) return need_more(kMagic.size());
    if (std::memcmp(held.data(), kMagic.data(), kMagic.size()) == 0) {
      damaged(ErrorVariant::kInvalidBlock, "cannot be read: another Avro header starts at offset " +
                                               std::to_string(offset()) +
                                               ": two files joined with cat? (use separate files)");
      is_header_ = true;
      return Step::kDamage;
    }
  }
  return damaged(ErrorVariant::kInvalidBlock,
                 "has an invalid " + name + ": " + std::to_string(is_count ? head.row_count : head.data_bytes));
}

// True if the 16 bytes before `block_end` are not the sync marker. Reads them.
bool BlockFramer::has_other_marker(uint64_t block_end) {
  SyncMarker marker{};
  return input_.peek(block_end - sync_.size(), marker) == marker.size() && marker != sync_;
}

BlockFramer::Step BlockFramer::need_more(uint64_t bytes) {
  need_bytes_ = bytes;
  return Step::kNeedMore;
}

BlockFramer::Step BlockFramer::damaged(ErrorVariant variant, const std::string& what) {
  BadBlock& bad = damage_;
  bad = BadBlock{};
  bad.block_index = block_index_;
  bad.file_offset = static_cast<int64_t>(offset());
  bad.message = "block " + std::to_string(block_index_) + " " + what;
  bad.variant = variant;
  is_header_ = false;
  claimed_end_.reset();
  proven_end_.reset();
  return Step::kDamage;
}

// Either the marker is damaged or the size. So the block is not used.
BlockFramer::Step BlockFramer::invalid_marker(uint64_t block_end) {
  damaged(ErrorVariant::kInvalidSyncMarker,
          "is not followed by the file's sync marker: invalid sync marker at offset " +
              std::to_string(block_end - sync_.size()));
  damage_.kind = BadBlockKind::kInvalidSyncMarker;
  claimed_end_ = block_end;
  return Step::kDamage;
}

// The block is too large to be read. Its marker tells whether its size can be believed.
BlockFramer::Step BlockFramer::oversized(uint64_t data_bytes, uint64_t block_end) {
  if (has_other_marker(block_end)) return invalid_marker(block_end);
  damaged(ErrorVariant::kOversizedOutput,
          "has " + std::to_string(data_bytes) + " bytes of compressed data, which exceeds limit of " +
              std::to_string(options_.max_data_bytes) +
              " bytes: more than any data takes that decompresses within the limit of a block");
  damage_.option = "max_block_bytes";
  damage_.kind = BadBlockKind::kDecompressionFailed;
  damage_.error_kind = ErrorKind::kCodec;
  damage_.codec = codec_;
  proven_end_ = block_end;
  return Step::kDamage;
}

std::optional<uint64_t> BlockFramer::find_resumption(std::string& message) {
  if (proven_end_.has_value()) return proven_end_;
  const uint64_t start = input_.position();
  if (is_header_) {
    const JoinedFiles::Found found = joined_files_.examine(start);
    switch (found.verdict) {
      case JoinedFiles::Verdict::kFits:
        message += "; it has the same schema and codec, so its blocks are read as well";
        sync_ = found.sync;
        return found.data_offset;
      case JoinedFiles::Verdict::kForeign:
        message += "; it has another schema or codec, so its blocks are not read";
        // With the same marker its blocks cannot be told from those of this file.
        if (found.sync == sync_) return std::nullopt;
        break;
      case JoinedFiles::Verdict::kUnreadable:
        break;
    }
  }
  std::optional<uint64_t> resume = find_next_block(input_, sync_, claimed_end_);
  if (resume.has_value()) return resume;
  // Perhaps this file was cut and another one follows (`cat`).
  input_.seek(start + (is_header_ ? 1 : 0));
  const std::optional<JoinedFiles::Found> found = joined_files_.find(input_);
  if (!found.has_value()) return std::nullopt;
  message += "; another file of the same schema and codec starts at offset " + std::to_string(found->offset) +
             " (joined with cat?)";
  sync_ = found->sync;
  return found->data_offset;
}

void BlockFramer::recognise_padding(BadBlock& damage) {
  const uint64_t start = input_.position();
  const uint64_t zero_bytes = count_zero_bytes(input_, padding_bytes_left_);
  input_.seek(start);
  padding_bytes_left_ -= zero_bytes;
  const bool has_shrunk = input_.end() < source_.size();
  const bool is_all = zero_bytes == input_.remaining_bytes();
  if (zero_bytes == 0 || has_shrunk || (!is_all && zero_bytes < kMostPaddingBytes)) return;
  damage.message = "padding follows the last block: " + std::string(is_all ? "" : "more than ") +
                   std::to_string(zero_bytes) + " zero bytes from offset " + std::to_string(start) + " on" +
                   (is_all ? ", to the end of the file" : "");
  if (is_all) proven_end_ = input_.end();
}

void BlockFramer::report_damage(Unit& unit) {
  recognise_padding(damage_);
  unit.damage = std::move(damage_);
  if (!options_.recover) {
    is_finished_ = true;
    return;
  }
  const uint64_t start = input_.position();
  std::string& message = unit.damage->message;
  const std::optional<uint64_t> resume = find_resumption(message);
  const uint64_t end = input_.end();
  input_.seek(resume.value_or(end));
  is_finished_ = input_.position() == end;
  message += "; skipped " + std::to_string(input_.position() - start) + " bytes, ";
  if (!is_finished_) {
    message += "reading resumes at offset " + std::to_string(*resume);
  } else {
    message += resume ? "the last of the file" : "no further block was found before the end of the file";
  }
  ++block_index_;
  next_row_ = -1;
  trusted_block_bytes_ = 0;
  unit_bytes_ = std::min(unit_bytes_, kResumedUnitBytes);
}

}  // namespace jetliner
