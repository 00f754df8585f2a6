// The second pass of late materialisation: decodes all columns of chosen rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "filter/chosen_rows.h"
#include "task/pass.h"

namespace jetliner {

class ChosenPass final : public Pass {
 public:
  // `plain_bytes` and `origins` are those of ChosenRows.
  void begin(std::vector<size_t> plain_bytes, std::vector<RowOrigin> origins) {
    plain_bytes_ = std::move(plain_bytes);
    origins_ = std::move(origins);
    block_origin_ = next_origin_ = 0;
  }
  // For each row of the piece, its number in the read.
  std::shared_ptr<const std::vector<uint64_t>> take_row_numbers() {
    return std::make_shared<const std::vector<uint64_t>>(std::exchange(row_numbers_, {}));
  }

  size_t begin_block(size_t index, const BlockRef& block, ByteSpan /*plain*/) override {
    block_origin_ = std::exchange(next_origin_, next_origin_ + static_cast<size_t>(block.row_count));
    return plain_bytes_[index];
  }
  void after_rows(const PlainBlock& block, size_t /*first_row*/, const Decoder::Result& result) override {
    const RowOrigin* const origin = origins_.data() + block_origin_ + block.rows_done;
    for (size_t i = 0; i < result.rows; ++i) row_numbers_.push_back(origin[i].row_number);
  }
  // The first pass has already looked for swallowed blocks.
  [[nodiscard]] bool finds_swallowed_blocks() const override { return false; }
  // In the file's block, not in the block of chosen rows.
  RecordPlace place_of(const Plan& plan, const PlainBlock& block, const Decoder::Result& result) override {
    RecordPlace place = place_of_record(plan, block, result);
    const RowOrigin& origin = origins_[block_origin_ + static_cast<size_t>(place.record)];
    const uint64_t offset_in_row = block.ref.data_begin + place.block_offset - origin.begin;
    place.record = origin.record;
    place.row_begin = origin.block_offset;
    place.block_offset = origin.block_offset + offset_in_row;
    return place;
  }

 private:
  std::vector<size_t> plain_bytes_;
  std::vector<RowOrigin> origins_;
  size_t block_origin_ = 0;  // of the first row of the block at hand
  size_t next_origin_ = 0;   // of the first row of the next block
  std::vector<uint64_t> row_numbers_;
};

}  // namespace jetliner
