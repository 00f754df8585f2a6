#include "write/block_cutter.h"

#include <algorithm>
#include <utility>

namespace jetliner {

bool BlockCutter::cut(uint64_t unit, const PlainRows& rows, bool is_last, Cut& cut) {
  const MutexLock lock(mutex_);
  while (!is_stopped_ && turn_ != unit) turn_changed_.wait(mutex_);
  if (is_stopped_) return false;
  cut.carried.clear();
  cut.blocks.clear();
  cut_in_turn(rows, cut);
  if (is_last) {
    ++turn_;
    turn_changed_.notify_all();
  }
  return true;
}

void BlockCutter::cut_in_turn(const PlainRows& rows, Cut& cut) {
  std::swap(cut.carried, carried_);
  carried_.clear();
  size_t carried_rows = std::exchange(carried_rows_, 0);
  size_t carried_bytes = cut.carried.size();
  const auto begin = rows.ends.begin();
  const auto end = rows.ends.end();
  auto row = begin;
  size_t start = 0;  // bytes
  for (;;) {
    const size_t room = block_bytes_ - std::min(block_bytes_, carried_bytes);
    const uint64_t rows_left = max_rows_per_file_ - rows_of_file_ - carried_rows;
    auto next = std::upper_bound(row, end, start + room);        // the first row that would pass the block
    if (carried_rows == 0 && next == row && row != end) ++next;  // a row that is larger than a block,
    if (carried_bytes > block_bytes_) next = row;                // and is one of its own
    const bool is_full_file = static_cast<uint64_t>(next - row) >= rows_left;
    if (is_full_file) next = row + static_cast<ptrdiff_t>(rows_left);
    const size_t stop = next == begin ? 0 : *std::prev(next);
    const bool may_grow = next == end && carried_bytes <= block_bytes_;
    if (may_grow && !is_full_file) {  // rows that come later may have room
      if (cut.blocks.empty()) {
        std::swap(cut.carried, carried_);  // all of it is carried on
        carried_rows_ = carried_rows;
      }
      carried_.append(rows.bytes.bytes().subspan(start, stop - start));
      carried_rows_ += static_cast<size_t>(next - row);
      return;
    }
    const size_t rows_of_block = carried_rows + static_cast<size_t>(next - row);
    cut.blocks.push_back({.begin = start, .end = stop, .rows = rows_of_block, .ends_file = is_full_file});
    rows_of_file_ = is_full_file ? 0 : rows_of_file_ + rows_of_block;
    row = next;
    start = stop;
    carried_rows = carried_bytes = 0;
  }
}

Cut BlockCutter::rest() {
  const MutexLock lock(mutex_);
  Cut cut;
  if (carried_rows_ > 0) cut.blocks.push_back({.rows = carried_rows_});
  carried_rows_ = 0;
  std::swap(cut.carried, carried_);
  return cut;
}

void BlockCutter::stop() {
  const MutexLock lock(mutex_);
  is_stopped_ = true;
  turn_changed_.notify_all();
}

}  // namespace jetliner
