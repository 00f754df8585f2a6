#include "filter/candidate_pass.h"

namespace jetliner {

Unit& CandidatePass::begin_unit(Unit& unit, bool is_compressed) {
  memory_ = pool_->take();
  used_blocks_ = 0;
  candidates_ = {};
  is_compressed_ = is_compressed;
  if (is_compressed) return unit;
  std::swap(memory_->unit, unit);
  return memory_->unit;
}

void CandidatePass::begin_piece(bool in_block) {
  if (in_block || !is_compressed_ || used_blocks_ == 0) return;
  memory_ = pool_->take();  // the old memory belongs to the previous piece
  used_blocks_ = 0;
}

std::shared_ptr<const Candidates> CandidatePass::take(size_t rows, bool in_block) {
  auto taken = std::make_shared<Candidates>(std::exchange(candidates_, {}));
  taken->memory = memory_;
  taken->held_bytes += rows * sizeof(taken->row_starts[0]);
  taken->row_starts.resize(rows);
  taken->ends_block = !in_block;
  return taken;
}

Scratch& CandidatePass::scratch() {
  if (used_blocks_ == memory_->blocks.size()) memory_->blocks.emplace_back();
  return memory_->blocks[used_blocks_++];
}

size_t CandidatePass::begin_block(size_t /*index*/, const BlockRef& block, ByteSpan plain) {
  if (block.row_count > 0) candidates_.held_bytes += plain.size();
  return plain.size();
}

void CandidatePass::before_rows(Decoder& decoder, size_t first_row, size_t rows) {
  candidates_.row_starts.resize(first_row + rows);
  decoder.note_row_starts(candidates_.row_starts.data());
}

void CandidatePass::after_rows(const PlainBlock& block, size_t first_row, const Decoder::Result& result) {
  if (result.rows == 0) return;
  const bool is_whole = result.status == Status::kOk;
  candidates_.runs.push_back({.block = block.ref,
                              .plain = block.data.data(),
                              .plain_bytes = block.whole_bytes,
                              .first_record = block.rows_done,
                              .first_row = first_row,
                              .rows = result.rows,
                              // The start of the bad row that follows was noted as well.
                              .end = is_whole ? result.next : candidates_.row_starts[first_row + result.rows]});
}

}  // namespace jetliner
