// Damage as data: what is wrong with a block, as a BadBlock with its place and its text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/codec.h"
#include "container/block_framer.h"
#include "container/row_bound.h"
#include "decode/decoder.h"
#include "files/file_context.h"
#include "jetliner/error.h"
#include "plan/plan.h"
#include "task/plain_block.h"

namespace jetliner {

// The exception that strict reading throws for damage.
Error error_of(const BadBlock& damage);

// `skips`: the damage is passed over (ReadOptions::ignore_errors), so its text says what is lost.

// Rows that take no bytes, beyond the limit of the read: the block's refused_rows.
BadBlock too_many_empty_rows(const FileContext& file, const BlockRef& block, bool skips);

// The block claims more rows than its bytes can hold.
BadBlock impossible_rows(const FileContext& file, const BlockRef& block, uint64_t most_rows, bool skips);

// The block does not decompress: `plain` says why, or that it or its dictionary would exceed `max_block_bytes`.
BadBlock broken_block(const FileContext& file, const BlockRef& block, const CodecResult& plain, size_t max_block_bytes,
                      bool skips);

// Bytes are left after the block's last record.
BadBlock bytes_left_over(const FileContext& file, const PlainBlock& block, bool skips);

// The place of a bad record.
struct RecordPlace {
  int64_t record = 0;                     // in its block
  uint64_t row_begin = 0;                 // byte in the decompressed block at which the record starts
  uint64_t block_offset = 0;              // byte in the decompressed block at which something is wrong
  std::optional<std::string> field = {};  // path of the value within which the data ends, if that is what is wrong
  const uint8_t* next = nullptr;          // where the next record starts; nullptr where that is not known
  uint64_t row_bytes = 0;                 // of the bad record, if `next` is known
};
// The place by the block at hand. Walks the block's rows again, since the decoder does not note where rows start.
RecordPlace place_of_record(const Plan& plan, const PlainBlock& block, const Decoder::Result& result);

// A record does not fit the schema.
BadBlock bad_record(const FileContext& file, const Plan& plan, const PlainBlock& block, const Decoder::Result& result,
                    const RecordPlace& place, bool skips);

// The same if only this record is passed over.
BadBlock invalid_record(const FileContext& file, const Plan& plan, const PlainBlock& block,
                        const Decoder::Result& result, const RecordPlace& place);

// Stands for the `records` records of a block with invalid values that have no report of their own.
BadBlock more_invalid_records(const FileContext& file, const PlainBlock& block, uint64_t records);

// Bytes may be missing from a damaged block, so that its size reaches to the end of a later one. Whole blocks within it
// (container/swallowed.h) are put into the unit's list at `next_block`, and the damage's text says so. Returns them.
std::span<const BlockRef> insert_swallowed_blocks(Unit& unit, size_t next_block, const BlockRef& block,
                                                  BadBlock& damage);

// The most rows that blocks can hold if a row takes at least `min_row_bytes`.
RowBound row_bound(std::string_view codec, uint64_t min_row_bytes, uint64_t max_block_bytes);

}  // namespace jetliner
