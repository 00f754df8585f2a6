// Read this file first to understand decoding. A unit is a run of blocks of one file. Each block is decompressed into
// scratch memory, its rows are decoded into columns step by step, and the columns are handed over as a chunk when they
// are large enough or the unit has ended. Damage is data: it goes into the piece, after the rows that came before it.
#include "task/block_task.h"

#include <algorithm>
#include <span>
#include <utility>

#include "decode/locate.h"
#include "task/damage.h"

namespace jetliner {

void BlockTask::start(Input input) {
  if (codec_ == nullptr || codec_name_ != input.codec) {
    codec_ = make_codec(input.codec);
    codec_name_ = std::move(input.codec);
  }
  use_plan(input.plan);
  size_.begin_unit(*columns_, input.max_chunk_rows);
  file_ = std::move(input.file);
  unit_ = input.unit;
  next_block_ = input.first_block;
  rows_after_ = 0;
  for (size_t i = next_block_; i < unit_->blocks.size(); ++i) rows_after_ += size_.claimed_rows(unit_->blocks[i]);
  in_block_ = false;
  is_stopped_ = false;
  block_left_.reset();
}

void BlockTask::use_plan(const std::shared_ptr<const Plan>& plan) {
  if (plan_ == plan) return;
  // With a reader schema all plans fill the same columns. They are kept, so that the averages of their rows stay valid.
  const bool same_columns = plan_ != nullptr && plan_->columns == plan->columns;
  decoder_.reset();
  if (!same_columns) columns_ = std::make_unique<ColumnSet>(plan->columns, options_.pool);
  decoder_.emplace(*plan, *columns_);
  size_.reset();
  plan_ = plan;  // last: any of the above may throw
}

bool BlockTask::next(size_t most_rows, Piece& piece) {
  piece = {};
  piece.file = file_;
  chunk_is_full_ = false;
  block_.first_row = 0;
  size_.begin_chunk(*columns_, most_rows);
  while (wants_more(piece)) {
    if (!in_block_ && !open_block(piece)) break;
    if (in_block_) decode_step(piece);
  }
  if (in_block_ && pass_.leaves_unsound_blocks()) restart_block();
  hand_over(piece);
  return piece.chunk != nullptr || !piece.damage.empty();
}

bool BlockTask::wants_more(const Piece& piece) {
  const size_t rows = columns_->rows();
  if (is_stopped_ || chunk_is_full_ || rows >= size_.chunk_rows() || piece.damage.size() >= kMaxPieceDamage)
    return false;
  if (columns_->allocated_bytes() >= 2 * kChunkBytes) {
    if (rows > 0) return false;
    columns_->clear();  // the memory was taken for rows that turned out to be damaged
  }
  return !pass_.has_enough(piece, rows, in_block_);
}

// Decompresses the next block. Returns false at the end of the unit.
bool BlockTask::open_block(Piece& piece) {
  if (next_block_ == unit_->blocks.size()) {
    if (!unit_->damage.has_value()) return false;
    BadBlock damage = *std::exchange(unit_->damage, std::nullopt);
    damage.path = *file_->path;
    stop_block(piece, std::move(damage));
    return true;
  }
  const size_t index = next_block_++;
  block_ = {.ref = unit_->blocks[index], .first_row = columns_->rows()};
  const BlockRef& ref = block_.ref;
  rows_after_ -= size_.claimed_rows(ref);
  if (ref.row_count == 0 && ref.refused_rows > 0) {
    stop_block(piece, too_many_empty_rows(*file_, ref, options_.ignore_errors));
    return true;
  }
  const ByteSpan compressed(unit_->bytes.data() + ref.data_begin, ref.data_bytes);
  const CodecResult plain = codec_->decompress(compressed, pass_.scratch(), options_.max_block_bytes);
  if (plain.status != CodecStatus::kOk) {
    stop_damaged_block(piece, broken_block(*file_, ref, plain, options_.max_block_bytes, options_.ignore_errors));
    return true;
  }
  block_.data = plain.bytes;
  block_.cursor = plain.bytes.data();
  block_.whole_bytes = pass_.begin_block(index, ref, plain.bytes);
  in_block_ = true;
  if (ref.row_count == 0) {
    end_block(piece);
    return true;
  }
  decoder_->start_block(block_.whole_bytes);
  columns_->set_limit_bytes(max_chunk_bytes(block_.whole_bytes));
  columns_->expect_text_bytes(block_.whole_bytes);
  return true;
}

void BlockTask::decode_step(Piece& piece) {
  const size_t first_row = columns_->rows();
  const size_t rows = size_.step_rows(first_row, block_.rows_left());
  const size_t rows_left = block_.most_rows_left(plan_->min_row_bytes);
  columns_->reserve(std::max(size_.rows_to_reserve(first_row, rows_left, rows_after_), first_row + rows));
  pass_.before_rows(*decoder_, first_row, rows);
  const Decoder::Result result = decoder_->decode(block_.cursor, block_.end(), rows);
  if (result.status == Status::kMemory && (first_row > 0 || rows > 1)) {
    make_room(rows);
    return;
  }
  if (result.status != Status::kOk && pass_.leaves_unsound_blocks()) {
    leave_block();
    return;
  }
  pass_.after_rows(block_, first_row, result);
  if (result.status != Status::kOk) {
    stop_bad_row(piece, result);
    return;
  }
  block_.rows_done += static_cast<int64_t>(result.rows);
  block_.cursor = result.next;
  size_.note_step(*columns_);
  if (block_.rows_left() == 0) end_block(piece);
}

// The row after the result's rows is bad.
void BlockTask::stop_bad_row(Piece& piece, const Decoder::Result& result) {
  const RecordPlace place = pass_.place_of(*plan_, block_, result);
  block_.rows_done += static_cast<int64_t>(result.rows);
  if (options_.ignore_errors && may_skip_row(result.status, place)) {
    skip_row(piece, result, place);
  } else {
    stop_damaged_block(piece, bad_record(*file_, *plan_, block_, result, place, options_.ignore_errors));
  }
}

// True if the rows after a bad one can be read. A bad value may also be the first sign that the decoder is out of step
// with the data, and then all rows after it would be wrong. So the rest of the block must be whole rows.
bool BlockTask::may_skip_row(Status status, const RecordPlace& place) {
  if (!may_continue_after(status) || place.next == nullptr) return false;
  if (!block_.has_whole_rows.has_value()) {
    const auto rows_after = static_cast<uint64_t>(block_.rows_left() - 1);
    block_.has_whole_rows = are_whole_rows(*plan_->schema, place.next, block_.end(), rows_after);
  }
  return *block_.has_whole_rows;
}

void BlockTask::skip_row(Piece& piece, const Decoder::Result& result, const RecordPlace& place) {
  if (++block_.skipped_rows <= kMaxInvalidRecordReports) {
    piece.damage.push_back(invalid_record(*file_, *plan_, block_, result, place));
  }
  ++block_.rows_done;
  block_.cursor = place.next;
  if (block_.rows_left() == 0) end_block(piece);
}

void BlockTask::report_skipped_rows(Piece& piece) {
  if (block_.skipped_rows <= kMaxInvalidRecordReports) return;
  piece.damage.push_back(more_invalid_records(*file_, block_, block_.skipped_rows - kMaxInvalidRecordReports));
}

// All rows of the block were read.
void BlockTask::end_block(Piece& piece) {
  in_block_ = false;
  report_skipped_rows(piece);
  if (block_.cursor != block_.end()) {
    stop_damaged_block(piece, bytes_left_over(*file_, block_, options_.ignore_errors));
  } else if (block_.ref.refused_rows > 0) {
    stop_block(piece, too_many_empty_rows(*file_, block_.ref, options_.ignore_errors));
  }
}

void BlockTask::hand_over(Piece& piece) {
  if (columns_->rows() > 0) piece.chunk = columns_->finish();
  piece.end_offset = in_block_ ? block_.file_position() : block_.ref.file_offset + block_.ref.block_bytes;
}

// `tried_rows` rows did not fit. First the chunk is handed over, and they are tried in an empty one. If they still do
// not fit, the step shrinks. A single row that does not fit is given up.
void BlockTask::make_room(size_t tried_rows) {
  if (columns_->rows() > 0) {
    chunk_is_full_ = true;
    return;
  }
  columns_->clear();
  size_.shrink_step(tried_rows);
}

// Only whole blocks are handed out: the block at hand is begun again, in a chunk of its own. If it had one, it does not
// fit.
void BlockTask::restart_block() {
  if (block_.first_row == 0) {
    leave_block();
    return;
  }
  columns_->truncate(block_.first_row);
  in_block_ = false;
  --next_block_;
  rows_after_ += size_.claimed_rows(block_.ref);
}

// The block at hand, and what comes after it, is not for this pass.
void BlockTask::leave_block() {
  columns_->truncate(block_.first_row);
  block_left_ = next_block_ - 1;
  in_block_ = false;
  is_stopped_ = true;
}

void BlockTask::stop_block(Piece& piece, BadBlock damage) {
  piece.damage.push_back(std::move(damage));
  in_block_ = false;
  is_stopped_ = !options_.ignore_errors;
}

void BlockTask::stop_damaged_block(Piece& piece, BadBlock damage) {
  if (pass_.leaves_unsound_blocks()) {
    leave_block();
    return;
  }
  if (in_block_) report_skipped_rows(piece);
  // Rows that take no bytes are counted against a limit when units are read (files/open_file.cc). Blocks that are found
  // here would pass it, so none are looked for.
  if (options_.ignore_errors && plan_->min_row_bytes > 0 && pass_.finds_swallowed_blocks()) {
    const std::span<const BlockRef> blocks = insert_swallowed_blocks(*unit_, next_block_, block_.ref, damage);
    for (const BlockRef& block : blocks) rows_after_ += size_.claimed_rows(block);
  }
  stop_block(piece, std::move(damage));
}

}  // namespace jetliner
