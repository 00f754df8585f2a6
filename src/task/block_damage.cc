#include "task/block_damage.h"

#include <string>

namespace jetliner {

BadBlock damage_of_block(const FileContext& file, const BlockRef& block, BadBlockKind kind, ErrorKind error_kind,
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

BadBlock too_many_empty_rows(const FileContext& file, const BlockRef& block, bool ignore_errors) {
  BadBlock damage =
      damage_of_block(file, block, BadBlockKind::kRecordDecodeFailed, ErrorKind::kDecode, ErrorVariant::kInvalidData);
  damage.record_index = block.row_count;
  damage.message = "block claims " + std::to_string(block.row_count + block.refused_rows) +
                   " records that take no bytes; " + std::to_string(block.row_count) +
                   " more of such were allowed (max_empty_rows)";
  if (ignore_errors) {
    damage.message += "; skipped 0 bytes, of " + std::to_string(block.refused_rows) + " records";
  }
  return damage;
}

BadBlock impossible_rows(const FileContext& file, const BlockRef& block, uint64_t most_rows, bool ignore_errors) {
  BadBlock damage =
      damage_of_block(file, block, BadBlockKind::kRecordDecodeFailed, ErrorKind::kDecode, ErrorVariant::kInvalidData);
  damage.message = "block claims " + std::to_string(block.row_count) + " records; its " +
                   std::to_string(block.data_bytes) + " bytes of data hold " + std::to_string(most_rows) + " at most";
  if (ignore_errors) damage.message += "; skipped " + std::to_string(block.block_bytes) + " bytes";
  return damage;
}

RowBound row_bound(std::string_view codec, uint64_t min_row_bytes, uint64_t max_block_bytes) {
  // No limit applies to what is not compressed.
  return {.min_row_bytes = min_row_bytes,
          .max_expansion = max_expansion(codec),
          .max_block_bytes = codec == "null" ? UINT64_MAX : max_block_bytes};
}

BadBlock broken_block(const FileContext& file, const BlockRef& block, const CodecResult& plain,
                      size_t max_block_bytes) {
  const bool too_large = plain.status == CodecStatus::kTooLarge;
  BadBlock damage = damage_of_block(file, block, BadBlockKind::kDecompressionFailed, ErrorKind::kCodec,
                                    too_large ? ErrorVariant::kOversizedOutput : ErrorVariant::kDecompressionError);
  damage.message =
      too_large ? "decompressed size exceeds limit of " + std::to_string(max_block_bytes) + " bytes (max_block_size)"
                : plain.message;
  return damage;
}

}  // namespace jetliner
