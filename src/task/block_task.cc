#include "task/block_task.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "container/swallowed.h"
#include "decode/locate.h"
#include "task/block_damage.h"

namespace jetliner {
namespace {

PieceKind kind_of(Pass pass) {
  switch (pass) {
    case Pass::kOnly:
      return PieceKind::kRows;
    case Pass::kUnfiltered:
      return PieceKind::kUnfiltered;
    case Pass::kFirst:
      return PieceKind::kCandidates;
    case Pass::kSecond:
      return PieceKind::kChosen;
  }
  return PieceKind::kRows;
}

uint64_t now_ns() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::nanoseconds(since).count());
}

}  // namespace

TaskOptions task_options(const ReadOptions& options, std::shared_ptr<BlockPool> pool) {
  return {.max_block_bytes = options.max_block_bytes.value_or(SIZE_MAX),
          .ignore_errors = options.ignore_errors,
          .pool = std::move(pool)};
}

void BlockTask::start(std::shared_ptr<const FileContext> file, Unit unit, size_t first_block) {
  const std::shared_ptr<const Plan>& plan = options_.pass == Pass::kFirst ? file->candidate_plan : file->plan;
  const std::string& codec = file->header.codec;
  if (options_.pass == Pass::kFirst) {
    plain_ = options_.plain_pool->take();
    plain_blocks_ = 0;
    candidates_ = {};
    unit_is_plain_ = codec == "null";
  } else {
    has_huge_block_ = has_huge_block(*file, unit);
  }
  // What a plain unit was read into stays with it; what the other had is of use to the next one.
  unit_ = unit_is_plain_ ? std::exchange(plain_->unit, std::move(unit)) : std::move(unit);
  start_unit(std::move(file), plan, codec, first_block);
}

void BlockTask::start(ChosenRows chosen) {
  unit_ = std::move(chosen.unit);
  plain_bytes_ = std::move(chosen.plain_bytes);
  origins_ = std::move(chosen.origins);
  next_origin_ = 0;
  const std::shared_ptr<const Plan>& plan = chosen.file->plan;
  start_unit(std::move(chosen.file), plan, "null", 0);
}

void BlockTask::start_unit(std::shared_ptr<const FileContext> file, const std::shared_ptr<const Plan>& plan,
                           const std::string& codec, size_t first_block) {
  if (codec_ == nullptr || codec_name_ != codec) {
    codec_ = make_codec(codec);
    codec_name_ = codec;
  }
  if (plan_ != plan) {
    // With a reader schema all plans fill the same columns, which then know what rows took so far.
    const bool same_columns = plan_ != nullptr && plan_->columns == plan->columns;
    decoder_.reset();
    if (!same_columns) columns_ = std::make_unique<ColumnSet>(plan->columns, options_.pool);
    decoder_.emplace(*plan, *columns_);
    plan_ = plan;  // last: any of the above may fail
    step_rows_ = kFirstStepRows;
    max_chunk_rows_ = std::max<size_t>(kChunkBytes / std::max<size_t>(columns_->row_bytes(), 1), 1);
  }
  if (options_.pass == Pass::kFirst) max_chunk_rows_ = std::min(max_chunk_rows_, kMaxCandidateRows);
  file_ = std::move(file);
  next_block_ = first_block;
  rows_after_ = 0;
  for (size_t i = first_block; i < this->unit().blocks.size(); ++i) {
    rows_after_ += std::min<uint64_t>(this->unit().blocks[i].row_count, max_chunk_rows_);
  }
  in_block_ = false;
  stopped_ = false;
  block_left_.reset();
  decode_ns_ = 0;
  decoded_rows_ = 0;
}

bool BlockTask::has_huge_block(const FileContext& file, const Unit& unit) const {
  const RowBound bound = row_bound(file.header.codec, file.plan->min_row_bytes, options_.max_block_bytes);
  return std::any_of(unit.blocks.begin(), unit.blocks.end(), [&](const BlockRef& block) {
    return block.row_count > kMaxTwoPassBlockRows &&
           bound.most_rows(block.data_bytes) > static_cast<uint64_t>(kMaxTwoPassBlockRows);
  });
}

bool BlockTask::next(size_t most_rows, Piece& piece) {
  piece = {.kind = kind_of(options_.pass), .file = file_};
  chunk_is_full_ = false;
  first_row_ = 0;
  if (options_.pass == Pass::kFirst && !in_block_ && !unit_is_plain_ && plain_blocks_ > 0) {
    plain_ = options_.plain_pool->take();  // the other one is of the last piece
    plain_blocks_ = 0;
  }
  // Room is made for as many rows as will fill the chunk, going by those before: more would be left empty.
  const size_t expected_row_bytes = std::max<size_t>(columns_->expected_row_bytes(), 1);
  chunk_rows_ = std::min({most_rows, max_chunk_rows_, std::max<size_t>(kChunkBytes / expected_row_bytes, 1)});
  while (!stopped_ && !chunk_is_full_ && !ends_with_damage(piece) && columns_->rows() < chunk_rows_ &&
         piece.damage.size() < kMaxPieceDamage) {
    if (columns_->allocated_bytes() >= 2 * kChunkBytes) {
      if (columns_->rows() > 0) break;
      columns_->clear();  // it was taken for rows that turned out to be damaged
    }
    if (!in_block_ && (holds_enough() || !open_block(piece))) break;
    if (in_block_) decode_some(piece);
  }
  if (in_block_ && hands_out_whole_blocks()) drop_open_block();
  if (columns_->rows() > 0) {
    piece.chunk = columns_->finish();
    if (options_.pass == Pass::kFirst) piece.candidates = take_candidates();
    if (options_.pass == Pass::kSecond) {
      piece.row_numbers = std::make_shared<const std::vector<uint64_t>>(std::exchange(row_numbers_, {}));
    }
  }
  piece.end_offset = file_position();
  return piece.chunk != nullptr || !piece.damage.empty();
}

// Whether the candidates at hand are to be handed out before there are more.
bool BlockTask::holds_enough() const {
  return options_.pass == Pass::kFirst && columns_->rows() > 0 && candidates_.held_bytes >= kMaxHeldBytes;
}

// Where in the file the rows so far end: within a block by the share of its rows.
uint64_t BlockTask::file_position() const {
  if (!in_block_) return block_.file_offset + block_.block_bytes;
  const double share = static_cast<double>(rows_done_) / static_cast<double>(block_.row_count);
  return block_.file_offset + static_cast<uint64_t>(share * static_cast<double>(block_.block_bytes));
}

// Hands out whole blocks only: the one at hand is begun again, by itself in a chunk. If it was, it is left to the other
// passes.
void BlockTask::drop_open_block() {
  if (first_row_ == 0) {
    leave_block();
    return;
  }
  columns_->truncate(first_row_);
  in_block_ = false;
  --next_block_;
  rows_after_ += std::min<uint64_t>(block_.row_count, max_chunk_rows_);
}

// Of Pass::kUnfiltered: the block at hand, and what comes after it, is not for this pass.
void BlockTask::leave_block() {
  columns_->truncate(first_row_);
  block_left_ = next_block_ - 1;
  in_block_ = false;
  stopped_ = true;
}

// Decompresses the next block. False at the end of the unit.
bool BlockTask::open_block(Piece& piece) {
  Unit& from = unit();
  if (next_block_ == from.blocks.size()) {
    if (!from.damage.has_value()) return false;
    BadBlock damage = *std::exchange(from.damage, std::nullopt);
    damage.path = *file_->path;
    stop_block(piece, std::move(damage));
    return true;
  }
  block_ = from.blocks[next_block_++];
  first_row_ = columns_->rows();
  rows_after_ -= std::min<uint64_t>(block_.row_count, max_chunk_rows_);
  if (block_.row_count == 0 && block_.refused_rows > 0) {
    refuse_rows(piece);
    return true;
  }
  const ByteSpan compressed(from.bytes.data() + block_.data_begin, block_.data_bytes);
  const CodecResult plain = codec_->decompress(compressed, scratch(), options_.max_block_bytes);
  if (plain.status != CodecStatus::kOk) {
    if (hands_out_whole_blocks()) {
      leave_block();
      return true;
    }
    BadBlock damage = broken_block(*file_, block_, plain, options_.max_block_bytes);
    if (options_.ignore_errors) damage.message += "; skipped " + std::to_string(block_.block_bytes) + " bytes";
    stop_damaged_block(piece, std::move(damage));
    return true;
  }
  data_ = cursor_ = plain.bytes.data();
  end_ = data_ + plain.bytes.size();
  rows_done_ = 0;
  plain_size_bytes_ = plain.bytes.size();
  if (options_.pass == Pass::kSecond) {
    plain_size_bytes_ = plain_bytes_[next_block_ - 1];
    block_origin_ = std::exchange(next_origin_, next_origin_ + static_cast<size_t>(block_.row_count));
  }
  if (block_.row_count == 0) {
    if (cursor_ != end_) stop_at_bytes_left(piece);
    return true;
  }
  if (options_.pass == Pass::kFirst) candidates_.held_bytes += plain.bytes.size();
  decoder_->start_block(plain_size_bytes_);
  constexpr size_t kMostPlainBytes = SIZE_MAX / 2 / kMaxChunkBytesPerByte - kMaxChunkBytes;
  columns_->set_limit_bytes(kMaxChunkBytes + kMaxChunkBytesPerByte * std::min(plain_size_bytes_, kMostPlainBytes));
  in_block_ = true;
  return true;
}

// Where the next block is decompressed to.
Scratch& BlockTask::scratch() {
  if (options_.pass != Pass::kFirst) return scratch_;
  if (plain_blocks_ == plain_->blocks.size()) plain_->blocks.emplace_back();
  return plain_->blocks[plain_blocks_++];
}

void BlockTask::decode_some(Piece& piece) {
  const size_t have = columns_->rows();
  const size_t room = chunk_rows_ - have;
  const size_t left = static_cast<size_t>(block_.row_count - rows_done_);
  const size_t step = std::min({left, room, step_rows_});
  columns_->reserve(std::max(rows_to_reserve(), have + step));
  if (options_.pass == Pass::kFirst) {
    candidates_.row_starts.resize(have + step);
    decoder_->note_row_starts(candidates_.row_starts.data());
  }
  const uint64_t started_ns = is_timed() ? now_ns() : 0;
  const Decoder::Result result = decoder_->decode(cursor_, end_, step);
  if (is_timed()) decode_ns_ += now_ns() - started_ns;
  if (result.status == Status::kMemory && (have > 0 || step > 1)) {
    make_room(step);
    return;
  }
  if (result.status != Status::kOk && hands_out_whole_blocks()) {
    leave_block();
    return;
  }
  note_rows(have, result);
  rows_done_ += static_cast<int64_t>(result.rows);
  decoded_rows_ += result.rows;
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
    stop_at_bytes_left(piece);
  } else if (block_.refused_rows > 0) {
    refuse_rows(piece);
  }
}

void BlockTask::stop_at_bytes_left(Piece& piece) {
  if (hands_out_whole_blocks()) {
    leave_block();
    return;
  }
  BadBlock damage = damage_of_block(BadBlockKind::kRecordDecodeFailed, ErrorKind::kDecode, ErrorVariant::kInvalidData);
  damage.record_index = rows_done_;
  damage.block_offset = cursor_ - data_;
  const std::string left = std::to_string(end_ - cursor_);
  damage.message = block_.row_count == 0 ? "the block claims no records, but has " + left + " bytes of data"
                                         : left + " bytes are left after the block's last record";
  damage.message += skipped_rest(static_cast<uint64_t>(cursor_ - data_));
  stop_damaged_block(piece, std::move(damage));
}

// What later passes, or whoever hands them out, need to know of rows that were decoded.
void BlockTask::note_rows(size_t first_row, const Decoder::Result& result) {
  if (options_.pass == Pass::kFirst && result.rows > 0) {
    const bool whole = result.status == Status::kOk;
    candidates_.runs.push_back({.block = block_,
                                .plain = data_,
                                .plain_bytes = plain_size_bytes_,
                                .first_record = rows_done_,
                                .first_row = first_row,
                                .rows = result.rows,
                                // The row after them, which is a bad one, has its start noted.
                                .end = whole ? result.next : candidates_.row_starts[first_row + result.rows]});
  }
  if (options_.pass == Pass::kSecond) {
    const RowOrigin* const origin = origins_.data() + block_origin_ + rows_done_;
    for (size_t i = 0; i < result.rows; ++i) row_numbers_.push_back(origin[i].row_number);
  }
}

std::shared_ptr<const Candidates> BlockTask::take_candidates() {
  auto taken = std::make_shared<Candidates>(std::exchange(candidates_, {}));
  taken->memory = plain_;
  taken->held_bytes += columns_->rows() * sizeof(taken->row_starts[0]);
  taken->row_starts.resize(columns_->rows());
  taken->ends_block = !in_block_;
  return taken;
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
size_t BlockTask::rows_to_reserve() const {
  auto left = static_cast<size_t>(block_.row_count - rows_done_);
  if (plan_->min_row_bytes > 0) {
    left = std::min(left, static_cast<size_t>(static_cast<uint64_t>(end_ - cursor_) / plan_->min_row_bytes));
  }
  return std::min<uint64_t>(columns_->rows() + left + std::min<uint64_t>(rows_after_, chunk_rows_), chunk_rows_);
}

void BlockTask::stop_block(Piece& piece, BadBlock damage) {
  piece.damage.push_back(std::move(damage));
  in_block_ = false;
  stopped_ = !options_.ignore_errors;
}

// Where the data is damaged, bytes may be missing from it, and whole blocks be within it.
void BlockTask::stop_damaged_block(Piece& piece, BadBlock damage) {
  // Blocks of rows that take no bytes are counted before they come here (files/file_list.h).
  if (options_.ignore_errors && plan_->min_row_bytes > 0 && options_.pass != Pass::kSecond &&
      block_.depth < kMaxSwallowedDepth) {
    Unit& from = unit();
    const std::vector<BlockRef> blocks = swallowed_blocks(from.bytes.data(), block_);
    if (!blocks.empty()) {
      damage.message += "; within them are " + std::to_string(blocks.size()) + " whole blocks, which are read";
      from.blocks.insert(from.blocks.begin() + static_cast<std::ptrdiff_t>(next_block_), blocks.begin(), blocks.end());
      for (const BlockRef& block : blocks) rows_after_ += std::min<uint64_t>(block.row_count, max_chunk_rows_);
    }
  }
  stop_block(piece, std::move(damage));
}

BadBlock BlockTask::damage_of_block(BadBlockKind kind, ErrorKind error_kind, ErrorVariant variant) const {
  return jetliner::damage_of_block(*file_, block_, kind, error_kind, variant);
}

BadBlock BlockTask::damage_of_record(const Decoder::Result& result) const {
  const bool is_schema = result.status == Status::kUnresolvable || result.status == Status::kUnknownSymbol;
  BadBlock damage = damage_of_block(is_schema ? BadBlockKind::kSchemaViolation : BadBlockKind::kRecordDecodeFailed,
                                    ErrorKind::kDecode, variant_of(result.status));
  damage.record_index = rows_done_;
  damage.block_offset = result.where - data_;
  const Located located = locate(*plan_->schema, cursor_, end_, result.rows);
  auto row_begin = static_cast<uint64_t>((located.row == nullptr ? result.where : located.row) - data_);
  if (options_.pass == Pass::kSecond) {
    const RowOrigin& origin = origins_[block_origin_ + static_cast<size_t>(damage.record_index.value())];
    damage.record_index = origin.record;
    damage.block_offset =
        static_cast<int64_t>(origin.block_offset) + (result.where - (unit_.bytes.data() + origin.begin));
    row_begin = origin.block_offset;
  }
  const bool is_cut = result.status == Status::kEnd && located.path.has_value();
  const std::string& field = is_cut ? *located.path : plan_->paths[result.op];
  damage.message = field.empty() ? std::string() : "field '" + field + "': ";
  damage.message += text_of(result.status);
  const Op& op = plan_->ops[result.op];
  if (op.code == OpCode::kFail) damage.message += ": " + plan_->reasons[op.a];
  damage.message += skipped_rest(row_begin);
  return damage;
}

// What of the plain data is passed over with a bad record. Rows before it were read.
std::string BlockTask::skipped_rest(uint64_t from) const {
  if (!options_.ignore_errors) return "";
  return "; skipped " + std::to_string(plain_size_bytes_ - from) + " bytes, the rest of the block's " +
         std::to_string(plain_size_bytes_) + (file_->header.codec == "null" ? "" : " decompressed") + " bytes";
}

}  // namespace jetliner
