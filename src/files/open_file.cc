#include "files/open_file.h"

#include <algorithm>

#include "files/with_path.h"

namespace jetliner {

void OpenFile::start(BlockFramer::Start start) {
  with_path(*context->path,
            [&] { framer = std::make_unique<BlockFramer>(*source, context->header, framer_options, start); });
}

void OpenFile::start_range(ByteRange range) {
  end_offset = range.end;
  with_path(*context->path,
            [&] { part = std::make_unique<RangeFramer>(*source, context->header, framer_options, range); });
}

bool OpenFile::next(Unit& unit) {
  const bool has_any =
      with_path(*context->path, [&] { return part != nullptr ? part->next(unit) : framer->next(unit); });
  if (!has_any) return false;
  add_blocks(static_cast<uint64_t>(std::count_if(unit.blocks.begin(), unit.blocks.end(),
                                                 [](const BlockRef& block) { return block.row_count > 0; })));
  if (context->plan->min_row_bytes == 0) bound_empty_rows(unit);
  return true;
}

// Rows that take no bytes (null, records without fields) are not bounded by the data: a block of a few bytes may claim
// any number. The limit is for the whole read, so rows are counted here, in file order. (A record that holds itself
// without a union has no least size either, but no finite value.)
void OpenFile::bound_empty_rows(Unit& unit) const {
  for (BlockRef& block : unit.blocks) {
    const auto rows = static_cast<int64_t>(std::min(static_cast<uint64_t>(block.row_count), *empty_rows_left));
    *empty_rows_left -= static_cast<uint64_t>(rows);
    block.refused_rows = block.row_count - rows;
    block.row_count = rows;
  }
}

}  // namespace jetliner
