#include "filter/chosen_rows.h"

#include <algorithm>
#include <cstring>

namespace jetliner {

size_t ChosenRows::add(const Candidates& candidates, size_t rows, uint64_t first_row_number,
                       std::span<const uint8_t> keep, size_t first_bit) {
  const size_t before = origins.size();
  for (const RowRun& run : candidates.runs) {
    if (run.first_row >= rows) break;
    add(candidates, run, std::min(run.rows, rows - run.first_row), first_row_number, keep, first_bit);
  }
  return origins.size() - before;
}

void ChosenRows::add(const Candidates& candidates, const RowRun& run, size_t rows, uint64_t first_row_number,
                     std::span<const uint8_t> keep, size_t first_bit) {
  const uint8_t* const* const starts = candidates.row_starts.data() + run.first_row;
  const size_t size = unit.bytes.size();
  size_t next = size;
  const auto most_bytes = static_cast<size_t>(run.end - starts[0]);
  Scratch& chosen_bytes = unit.bytes.own();
  if (most_bytes > chosen_bytes.capacity() - size) chosen_bytes.reserve(std::max(size + most_bytes, 2 * size));
  const size_t before = origins.size();
  for (size_t row = 0; row < rows; ++row) {
    const size_t bit = first_bit + run.first_row + row;
    const unsigned bits = keep[bit >> 3] >> (bit & 7);
    if (bits == 0) {
      row += 7 - (bit & 7);  // no other row of this byte is kept
      continue;
    }
    if ((bits & 1) == 0) continue;
    const uint8_t* const end = row + 1 < run.rows ? starts[row + 1] : run.end;
    const auto bytes = static_cast<size_t>(end - starts[row]);
    if (bytes > 0) std::memcpy(chosen_bytes.data() + next, starts[row], bytes);
    origins.push_back({.record = run.first_record + static_cast<int64_t>(row),
                       .block_offset = static_cast<uint64_t>(starts[row] - run.plain),
                       .row_number = first_row_number + run.first_row + row,
                       .begin = next});
    next += bytes;
  }
  const size_t chosen = origins.size() - before;
  if (chosen == 0) return;
  chosen_bytes.resize(next);
  add_block(run, size, chosen);
}

// `rows` rows of the run's block have been added, from `begin` on. They join those of the same block.
void ChosenRows::add_block(const RowRun& run, size_t begin, size_t rows) {
  if (unit.blocks.empty() || unit.blocks.back().file_offset != run.block.file_offset) {
    unit.blocks.push_back(run.block);
    unit.blocks.back().row_count = 0;
    unit.blocks.back().refused_rows = 0;
    unit.blocks.back().data_begin = begin;
    plain_bytes.push_back(run.plain_bytes);
  }
  BlockRef& block = unit.blocks.back();
  block.row_count += static_cast<int64_t>(rows);
  block.data_bytes = unit.bytes.size() - block.data_begin;
}

}  // namespace jetliner
