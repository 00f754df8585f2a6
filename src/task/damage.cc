#include "task/damage.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "container/swallowed.h"
#include "decode/locate.h"
#include "decode/status.h"

namespace jetliner {
namespace {

// With the block's place in the file, and no message yet.
BadBlock damage_of(const FileContext& file, const BlockRef& block, BadBlockKind kind, ErrorKind error_kind,
                   ErrorVariant variant) {
  BadBlock damage;
  damage.kind = kind;
  damage.codec = file.header.codec;
  damage.block_index = block.index;
  damage.file_offset = static_cast<int64_t>(block.file_offset);
  damage.path = *file.path;
  damage.error_kind = error_kind;
  damage.variant = variant;
  return damage;
}

BadBlock invalid_data(const FileContext& file, const BlockRef& block) {
  return damage_of(file, block, BadBlockKind::kRecordDecodeFailed, ErrorKind::kDecode, ErrorVariant::kInvalidData);
}

// The bytes that are passed over with a bad record. Rows before it were read.
std::string skipped_rest(const FileContext& file, const PlainBlock& block, uint64_t from) {
  return "; skipped " + std::to_string(block.whole_bytes - from) + " bytes, the rest of the block's " +
         std::to_string(block.whole_bytes) + (file.header.codec == "null" ? "" : " decompressed") + " bytes";
}

// A block that was not decompressed: only the number of rows that it claims is known.
std::string skipped_block(const BlockRef& block) {
  return "; skipped " + std::to_string(block.block_bytes) + " bytes, a block that claims " +
         std::to_string(block.row_count) + " rows";
}

}  // namespace

Error error_of(const BadBlock& damage) {
  ErrorPlace place;
  place.path = damage.path;
  place.block_index = damage.block_index;
  place.record_index = damage.record_index;
  place.file_offset = damage.file_offset;
  place.block_offset = damage.block_offset;
  place.codec = damage.codec;
  place.option = damage.option;
  place.is_damage = true;
  return {damage.error_kind, damage.variant, damage.message, std::move(place)};
}

BadBlock too_many_empty_rows(const FileContext& file, const BlockRef& block, bool skips) {
  BadBlock damage = invalid_data(file, block);
  damage.record_index = block.row_count;
  damage.message = "block claims " + std::to_string(block.row_count + block.refused_rows) +
                   " records that take no bytes; " + std::to_string(block.row_count) + " more of such were allowed";
  damage.option = "max_empty_rows";
  if (skips) damage.message += "; skipped 0 bytes, of " + std::to_string(block.refused_rows) + " records";
  return damage;
}

BadBlock impossible_rows(const FileContext& file, const BlockRef& block, uint64_t most_rows, bool skips) {
  BadBlock damage = invalid_data(file, block);
  damage.message = "block claims " + std::to_string(block.row_count) + " records; its " +
                   std::to_string(block.data_bytes) + " bytes of data hold " + std::to_string(most_rows) + " at most";
  if (skips) damage.message += "; skipped " + std::to_string(block.block_bytes) + " bytes";
  return damage;
}

BadBlock broken_block(const FileContext& file, const BlockRef& block, const CodecResult& plain, size_t max_block_bytes,
                      bool skips) {
  const bool too_large = plain.status != CodecStatus::kCorrupt;
  BadBlock damage = damage_of(file, block, BadBlockKind::kDecompressionFailed, ErrorKind::kCodec,
                              too_large ? ErrorVariant::kOversizedOutput : ErrorVariant::kDecompressionError);
  damage.message = plain.status == CodecStatus::kTooLarge ? "decompressed size exceeds limit" : plain.message;
  if (too_large) {
    damage.message += " of " + std::to_string(max_block_bytes) + " bytes";
    damage.option = "max_block_bytes";
  }
  if (skips) damage.message += skipped_block(block);
  return damage;
}

BadBlock bytes_left_over(const FileContext& file, const PlainBlock& block, bool skips) {
  BadBlock damage = invalid_data(file, block.ref);
  const auto offset = static_cast<uint64_t>(block.cursor - block.data.data());
  damage.record_index = block.rows_done;
  damage.block_offset = static_cast<int64_t>(offset);
  const std::string left = std::to_string(block.end() - block.cursor);
  damage.message = block.ref.row_count == 0 ? "the block claims no records, but has " + left + " bytes of data"
                                            : left + " bytes are left after the block's last record";
  if (skips) damage.message += skipped_rest(file, block, offset);
  return damage;
}

RecordPlace place_of_record(const Plan& plan, const PlainBlock& block, const Decoder::Result& result) {
  Located located = locate(*plan.schema, block.cursor, block.end(), result.rows);
  const uint8_t* const row = located.row == nullptr ? result.where : located.row;
  return {.record = block.rows_done + static_cast<int64_t>(result.rows),
          .row_begin = static_cast<uint64_t>(row - block.data.data()),
          .block_offset = static_cast<uint64_t>(result.where - block.data.data()),
          .field = std::move(located.path),
          .next = located.next,
          .row_bytes = located.next == nullptr ? 0 : static_cast<uint64_t>(located.next - row)};
}

namespace {

// True if the column is the key of a map, which is never null.
bool is_map_key(const ArrowType& type, uint32_t column) {
  if (type.kind() == ArrowKind::kMap && type.children.front().children.front().column == column) return true;
  return std::any_of(type.children.begin(), type.children.end(),
                     [column](const ArrowType& child) { return is_map_key(child, column); });
}

// True if InvalidValues decides about the value. Within a record that is rewritten by the reader's schema, it decides
// about decimals only: a symbol that the reader's enum lacks has no encoding there (decode/transcode.h).
bool may_be_null(const Plan& plan, const Op& op, Status status) {
  if (is_invalid_value(status) && is_map_key(*plan.columns, op.column)) return false;
  if (op.code != OpCode::kResolvedJson) return is_invalid_value(status);
  return status == Status::kDecimalBytes || status == Status::kBigDecimal;
}

// Nothing in a part of a file, and after damage: then the number of rows before is not known.
std::string row_of_file(const PlainBlock& block, const RecordPlace& place) {
  int64_t row = 0;
  if (block.ref.first_row < 0 || __builtin_add_overflow(block.ref.first_row, place.record, &row)) return "";
  return "; row " + std::to_string(row) + " of the file";
}

BadBlock described(const FileContext& file, const Plan& plan, const PlainBlock& block, const Decoder::Result& result,
                   const RecordPlace& place) {
  const bool is_schema = result.status == Status::kUnresolvable || result.status == Status::kUnknownSymbol;
  BadBlock damage =
      damage_of(file, block.ref, is_schema ? BadBlockKind::kSchemaViolation : BadBlockKind::kRecordDecodeFailed,
                ErrorKind::kDecode, variant_of(result.status));
  damage.record_index = place.record;
  damage.block_offset = static_cast<int64_t>(place.block_offset);
  // The decoder compares several scalars with the end at once, and may blame the wrong one.
  const bool is_cut = result.status == Status::kEnd && place.field.has_value();
  const std::string& field = is_cut ? *place.field : plan.paths[result.op];
  if (!field.empty()) damage.message = "field '" + field + "': ";
  damage.message += text_of(result.status);
  const Op& op = plan.ops[result.op];
  if (op.code == OpCode::kFail) damage.message += ": " + plan.reasons[op.a];
  if (may_be_null(plan, op, result.status)) damage.option = "invalid_values";
  return damage;
}

}  // namespace

BadBlock bad_record(const FileContext& file, const Plan& plan, const PlainBlock& block, const Decoder::Result& result,
                    const RecordPlace& place, bool skips) {
  BadBlock damage = described(file, plan, block, result, place);
  if (skips) damage.message += skipped_rest(file, block, place.row_begin);
  damage.message += row_of_file(block, place);
  return damage;
}

BadBlock invalid_record(const FileContext& file, const Plan& plan, const PlainBlock& block,
                        const Decoder::Result& result, const RecordPlace& place) {
  BadBlock damage = described(file, plan, block, result, place);
  damage.message += "; skipped this record, " + std::to_string(place.row_bytes) + " bytes" + row_of_file(block, place);
  damage.ends_block = false;
  return damage;
}

BadBlock more_invalid_records(const FileContext& file, const PlainBlock& block, uint64_t records) {
  BadBlock damage = invalid_data(file, block.ref);
  damage.message = "skipped " + std::to_string(records) + " more records of the block with invalid values";
  damage.option = "invalid_values";
  damage.ends_block = false;
  return damage;
}

std::span<const BlockRef> insert_swallowed_blocks(Unit& unit, size_t next_block, const BlockRef& block,
                                                  BadBlock& damage) {
  if (block.depth >= kMaxSwallowedDepth) return {};
  const std::vector<BlockRef> found = swallowed_blocks(unit.bytes.data(), block);
  if (found.empty()) return {};
  damage.message += "; within them are " + std::to_string(found.size()) + " whole blocks, which are read";
  const auto place = unit.blocks.begin() + static_cast<std::ptrdiff_t>(next_block);
  return {unit.blocks.insert(place, found.begin(), found.end()), found.size()};
}

RowBound row_bound(std::string_view codec, uint64_t min_row_bytes, uint64_t max_block_bytes) {
  // No limit applies to what is not compressed.
  return {.min_row_bytes = min_row_bytes,
          .max_expansion = max_expansion(codec),
          .max_block_bytes = codec == "null" ? UINT64_MAX : max_block_bytes};
}

}  // namespace jetliner
