#include "read/file_count.h"

#include <utility>

#include "read/block_damage.h"

namespace jetliner {

FileCount::FileCount(OpenFile file, bool ignore_errors, bool ahead)
    : file_(std::move(file)),
      ignore_errors_(ignore_errors),
      bound_(row_bound(file_.context->header.codec, file_.context->plan->min_row_bytes, file_.max_block_bytes)) {
  if (bound_.min_row_bytes == 0) {
    // Rows that take no bytes are counted against a limit, block by block.
    file_.start({.offset = file_.context->header.size_bytes});
    return;
  }
  with_path(*context()->path, [&] {
    counter_.emplace(
        *file_.source, file_.context->header,
        CounterOptions{.max_data_bytes = file_.framer_options.max_data_bytes, .bound = bound_, .ahead = ahead});
  });
}

bool FileCount::walk() {
  if (!counter_.has_value()) return false;
  const BlockCounter::State state = with_path(*context()->path, [&] { return counter_->advance(); });
  rows_ = counter_->take_rows();
  position_ = counter_->position();
  if (state == BlockCounter::State::kMore) return true;
  is_through_ = state == BlockCounter::State::kEnd;
  if (!is_through_) file_.start({.offset = counter_->position(), .block_index = counter_->block_index()});
  counter_.reset();
  return false;
}

uint64_t FileCount::take_rows() { return std::exchange(rows_, 0); }

bool FileCount::read_on(Piece& piece, uint64_t& rows) {
  if (is_through_ || !file_.next(unit_)) return false;
  for (const BlockRef& block : unit_.blocks) {
    position_ = block.file_offset + block.block_bytes;
    const uint64_t most_rows = bound_.most_rows(block.data_bytes);
    if (static_cast<uint64_t>(block.row_count) > most_rows) {
      piece.damage.push_back(impossible_rows(*context(), block, most_rows, ignore_errors_));
    } else {
      rows = add_rows(rows, static_cast<uint64_t>(block.row_count));
      if (block.refused_rows == 0) continue;
      piece.damage.push_back(too_many_empty_rows(*context(), block, ignore_errors_));
    }
    if (ignore_errors_) continue;
    is_through_ = true;
    return true;
  }
  if (unit_.damage.has_value()) {
    BadBlock damage = *std::exchange(unit_.damage, std::nullopt);
    damage.path = *context()->path;
    piece.damage.push_back(std::move(damage));
  }
  return true;
}

}  // namespace jetliner
