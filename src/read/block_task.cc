#include "read/block_task.h"

#include <algorithm>
#include <utility>

#include "container/swallowed.h"
#include "decode/locate.h"
#include "read/block_damage.h"

namespace jetliner {

TaskOptions task_options(const ReadOptions& options, std::shared_ptr<BlockPool> pool) {
  return {.max_block_bytes = options.max_block_bytes.value_or(SIZE_MAX),
          .ignore_errors = options.ignore_errors,
          .pool = std::move(pool)};
}

void BlockTask::start(std::shared_ptr<const FileContext> file, Unit unit) {
  if (codec_ == nullptr || codec_name_ != file->header.codec) {
    codec_ = make_codec(file->header.codec);
    codec_name_ = file->header.codec;
  }
  if (plan_ != file->plan) {
    // With a reader schema all plans fill the same columns, which then know what rows took so far.
    const bool same_columns = plan_ != nullptr && plan_->columns == file->plan->columns;
    decoder_.reset();
    if (!same_columns) columns_ = std::make_unique<ColumnSet>(file->plan->columns, options_.pool);
    decoder_.emplace(*file->plan, *columns_);
    plan_ = file->plan;  // last: any of the above may fail
    step_rows_ = kFirstStepRows;
    max_chunk_rows_ = std::max<size_t>(kChunkBytes / std::max<size_t>(columns_->row_bytes(), 1), 1);
  }
  file_ = std::move(file);
  unit_ = std::move(unit);
  next_block_ = 0;
  rows_after_ = 0;
  for (const BlockRef& block : unit_.blocks) rows_after_ += std::min<uint64_t>(block.row_count, max_chunk_rows_);
  in_block_ = false;
  stopped_ = false;
}

bool BlockTask::next(size_t most_rows, Piece& piece) {
  piece = {.file = file_};
  chunk_is_full_ = false;
  while (!stopped_ && !chunk_is_full_ && columns_->rows() < std::min(most_rows, max_chunk_rows_)) {
    if (columns_->allocated_bytes() >= 2 * kChunkBytes) {
      if (columns_->rows() > 0) break;
      columns_->clear();  // it was taken for rows that turned out to be damaged
    }
    if (!in_block_ && !open_block(piece)) break;
    if (in_block_) decode_some(most_rows, piece);
  }
  if (columns_->rows() > 0) piece.chunk = columns_->finish();
  piece.end_offset = file_position();
  return piece.chunk != nullptr || !piece.damage.empty();
}

// Where in the file the rows so far end: within a block by the share of its rows.
uint64_t BlockTask::file_position() const {
  if (!in_block_) return block_.file_offset + block_.block_bytes;
  const double share = static_cast<double>(rows_done_) / static_cast<double>(block_.row_count);
  return block_.file_offset + static_cast<uint64_t>(share * static_cast<double>(block_.block_bytes));
}

// Decompresses the next block. False at the end of the unit.
bool BlockTask::open_block(Piece& piece) {
  if (next_block_ == unit_.blocks.size()) {
    if (!unit_.damage.has_value()) return false;
    BadBlock damage = *std::exchange(unit_.damage, std::nullopt);
    damage.path = *file_->path;
    stop_block(piece, std::move(damage));
    return true;
  }
  block_ = unit_.blocks[next_block_++];
  rows_after_ -= std::min<uint64_t>(block_.row_count, max_chunk_rows_);
  if (block_.row_count == 0) {
    if (block_.refused_rows > 0) refuse_rows(piece);
    return true;
  }
  const ByteSpan compressed(unit_.bytes.data() + block_.data_begin, block_.data_bytes);
  const CodecResult plain = codec_->decompress(compressed, scratch_, options_.max_block_bytes);
  if (plain.status != CodecStatus::kOk) {
    BadBlock damage = broken_block(*file_, block_, plain, options_.max_block_bytes);
    if (options_.ignore_errors) damage.message += "; skipped " + std::to_string(block_.block_bytes) + " bytes";
    stop_damaged_block(piece, std::move(damage));
    return true;
  }
  data_ = cursor_ = plain.bytes.data();
  end_ = data_ + plain.bytes.size();
  rows_done_ = 0;
  decoder_->start_block(plain.bytes.size());
  constexpr size_t kMostPlainBytes = SIZE_MAX / 2 / kMaxChunkBytesPerByte - kMaxChunkBytes;
  columns_->set_limit_bytes(kMaxChunkBytes + kMaxChunkBytesPerByte * std::min(plain.bytes.size(), kMostPlainBytes));
  in_block_ = true;
  return true;
}

void BlockTask::decode_some(size_t most_rows, Piece& piece) {
  const size_t have = columns_->rows();
  const size_t room = std::min(most_rows, max_chunk_rows_) - have;
  const size_t left = static_cast<size_t>(block_.row_count - rows_done_);
  const size_t step = std::min({left, room, step_rows_});
  columns_->reserve(std::max(rows_to_reserve(most_rows), have + step));
  const Decoder::Result result = decoder_->decode(cursor_, end_, step);
  if (result.status == Status::kMemory && (have > 0 || step > 1)) {
    make_room(step);
    return;
  }
  rows_done_ += static_cast<int64_t>(result.rows);
  if (result.status != Status::kOk) {
    stop_damaged_block(piece, damage_of_record(result));
    return;
  }
  cursor_ = result.next;
  // As many rows more as would fill a chunk.
  const auto per_row = std::max<size_t>(columns_->allocated_bytes() / columns_->rows(), 1);
  step_rows_ = std::clamp<size_t>(2 * kChunkBytes / per_row, 1, kStepRows);
  if (rows_done_ < block_.row_count) return;
  in_block_ = false;
  if (cursor_ != end_) {
    BadBlock damage = damage_of_block(BadBlockKind::kRecordDecodeFailed, ErrorKind::kDecode, "InvalidData");
    damage.record_index = rows_done_;
    damage.block_offset = cursor_ - data_;
    damage.message = std::to_string(end_ - cursor_) + " bytes are left after the block's last record";
    damage.message += skipped_rest(cursor_);
    stop_damaged_block(piece, std::move(damage));
  } else if (block_.refused_rows > 0) {
    refuse_rows(piece);
  }
}

// The rest of a block whose rows take no bytes, beyond the limit of the read.
void BlockTask::refuse_rows(Piece& piece) {
  stop_block(piece, too_many_empty_rows(*file_, block_, options_.ignore_errors));
}

// After `tried_rows` rows did not fit: a chunk without others, then fewer of them. One row is given up.
void BlockTask::make_room(size_t tried_rows) {
  if (columns_->rows() > 0) {
    chunk_is_full_ = true;
    return;
  }
  columns_->clear();
  step_rows_ = std::max<size_t>(tried_rows / 16, 1);
}

// Rows of this chunk that the rest of the unit claims to hold: believed as far as one chunk goes.
size_t BlockTask::rows_to_reserve(size_t most_rows) const {
  const size_t most = std::min(most_rows, max_chunk_rows_);
  auto left = static_cast<size_t>(block_.row_count - rows_done_);
  if (plan_->min_row_bytes > 0) {
    left = std::min(left, static_cast<size_t>(static_cast<uint64_t>(end_ - cursor_) / plan_->min_row_bytes));
  }
  return std::min<uint64_t>(columns_->rows() + left + std::min<uint64_t>(rows_after_, most), most);
}

void BlockTask::stop_block(Piece& piece, BadBlock damage) {
  piece.damage.push_back(std::move(damage));
  in_block_ = false;
  stopped_ = !options_.ignore_errors;
}

// Where the data is damaged, bytes may be missing from it, and whole blocks be within it.
void BlockTask::stop_damaged_block(Piece& piece, BadBlock damage) {
  // Blocks of rows that take no bytes are counted before they come here (read/file_list.h).
  if (options_.ignore_errors && plan_->min_row_bytes > 0) {
    const std::vector<BlockRef> blocks = swallowed_blocks(unit_.bytes.data(), block_);
    if (!blocks.empty()) {
      damage.message += "; within them are " + std::to_string(blocks.size()) + " whole blocks, which are read";
      unit_.blocks.insert(unit_.blocks.begin() + static_cast<std::ptrdiff_t>(next_block_), blocks.begin(),
                          blocks.end());
      for (const BlockRef& block : blocks) rows_after_ += std::min<uint64_t>(block.row_count, max_chunk_rows_);
    }
  }
  stop_block(piece, std::move(damage));
}

BadBlock BlockTask::damage_of_block(BadBlockKind kind, ErrorKind error_kind, std::string_view variant) const {
  return jetliner::damage_of_block(*file_, block_, kind, error_kind, variant);
}

BadBlock BlockTask::damage_of_record(const Decoder::Result& result) const {
  const bool is_schema = result.status == Status::kUnresolvable || result.status == Status::kUnknownSymbol;
  BadBlock damage = damage_of_block(is_schema ? BadBlockKind::kSchemaViolation : BadBlockKind::kRecordDecodeFailed,
                                    ErrorKind::kDecode, variant_of(result.status));
  damage.record_index = rows_done_;
  damage.block_offset = result.where - data_;
  const Located located = locate(*plan_->schema, cursor_, end_, result.rows);
  const bool is_cut = result.status == Status::kEnd && located.path.has_value();
  const std::string& field = is_cut ? *located.path : plan_->paths[result.op];
  damage.message = field.empty() ? std::string() : "field '" + field + "': ";
  damage.message += text_of(result.status);
  const Op& op = plan_->ops[result.op];
  if (op.code == OpCode::kFail) damage.message += ": " + plan_->reasons[op.a];
  damage.message += skipped_rest(located.row == nullptr ? result.where : located.row);
  return damage;
}

// What of the plain data is passed over with a bad record. Rows before it were read.
std::string BlockTask::skipped_rest(const uint8_t* from) const {
  if (!options_.ignore_errors) return "";
  return "; skipped " + std::to_string(end_ - from) + " bytes, the rest of the block's " +
         std::to_string(end_ - data_) + (codec_name_ == "null" ? "" : " decompressed") + " bytes";
}

}  // namespace jetliner
