// Damage of a block that is told from its header alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/codec.h"
#include "container/block_framer.h"
#include "container/row_bound.h"
#include "files/file_context.h"
#include "jetliner/error.h"

namespace jetliner {

// With the block's place in the file, and no message yet.
BadBlock damage_of_block(const FileContext& file, const BlockRef& block, BadBlockKind kind, ErrorKind error_kind,
                         ErrorVariant variant);

// Rows that take no bytes, beyond the limit of the read: the block's refused_rows.
BadBlock too_many_empty_rows(const FileContext& file, const BlockRef& block, bool ignore_errors);

// The block claims more rows than its bytes can hold.
BadBlock impossible_rows(const FileContext& file, const BlockRef& block, uint64_t most_rows, bool ignore_errors);

// How many rows blocks can hold whose rows take at least `min_row_bytes` each.
RowBound row_bound(std::string_view codec, uint64_t min_row_bytes, uint64_t max_block_bytes);

// The block does not decompress: `plain` says why, or that it would exceed `max_block_bytes`.
BadBlock broken_block(const FileContext& file, const BlockRef& block, const CodecResult& plain, size_t max_block_bytes);

}  // namespace jetliner
