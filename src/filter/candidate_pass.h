// The first pass of late materialisation: decodes the filter's columns, and notes where rows start.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "filter/candidates.h"
#include "filter/plain_pool.h"
#include "task/pass.h"

namespace jetliner {

class CandidatePass final : public Pass {
 public:
  explicit CandidatePass(std::shared_ptr<PlainPool> pool) : pool_(std::move(pool)) {}

  // Returns the unit to decode. An uncompressed unit moves into memory that its candidates share, and `unit` gets spare
  // memory.
  Unit& begin_unit(Unit& unit, bool is_compressed);
  // A piece begins, within a block or not.
  void begin_piece(bool in_block);
  // The candidates of a piece of `rows` rows, which ends within a block or not.
  std::shared_ptr<const Candidates> take(size_t rows, bool in_block);
  // The piece has no rows.
  void drop() { candidates_ = {}; }
  // Lets go of the unit's memory. A worker may wait long for the next unit.
  void end_unit() { memory_ = nullptr; }

  Scratch& scratch() override;
  size_t begin_block(size_t index, const BlockRef& block, ByteSpan plain) override;
  void before_rows(Decoder& decoder, size_t first_row, size_t rows) override;
  void after_rows(const PlainBlock& block, size_t first_row, const Decoder::Result& result) override;
  // Damage that ends a block ends the piece. So chosen rows before the damage can be placed before it.
  [[nodiscard]] bool has_enough(const Piece& piece, size_t rows, bool in_block) const override {
    return (!piece.damage.empty() && piece.damage.back().ends_block) ||
           (!in_block && rows > 0 && candidates_.held_bytes >= kMaxHeldBytes);
  }

 private:
  const std::shared_ptr<PlainPool> pool_;
  std::shared_ptr<PlainUnit> memory_;
  bool is_compressed_ = true;
  size_t used_blocks_ = 0;  // of memory_->blocks
  Candidates candidates_;   // of the piece at hand
};

}  // namespace jetliner
