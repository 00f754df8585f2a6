// One pass over the blocks of a unit.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "decode/decoder.h"
#include "task/damage.h"
#include "task/piece.h"
#include "task/plain_block.h"

namespace jetliner {

// BlockTask decompresses and decodes the blocks of a unit. A Pass is told of each block and each step of rows, never of
// single values. This one is the ordinary pass: all rows, which are handed out as they are. filter/ has others.
class Pass {
 public:
  Pass() = default;
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;
  virtual ~Pass() = default;

  // Where the next block is decompressed to.
  virtual Scratch& scratch() { return scratch_; }
  // A block begins, the `index`-th of its unit. Returns the size of the whole block when decompressed.
  virtual size_t begin_block(size_t /*index*/, const BlockRef& /*block*/, ByteSpan plain) { return plain.size(); }
  // At most `rows` rows are going to be decoded, the first of them as row `first_row` of the chunk.
  virtual void before_rows(Decoder& /*decoder*/, size_t /*first_row*/, size_t /*rows*/) {}
  // result.rows rows were decoded: those after block.rows_done.
  virtual void after_rows(const PlainBlock& /*block*/, size_t /*first_row*/, const Decoder::Result& /*result*/) {}
  // Whether the piece ends here.
  [[nodiscard]] virtual bool has_enough(const Piece& /*piece*/, size_t /*rows*/, bool /*in_block*/) const {
    return false;
  }

  // Whether blocks that are damaged, or do not fit into a chunk, are left to another pass.
  [[nodiscard]] virtual bool leaves_unsound_blocks() const { return false; }
  // Whether to look for whole blocks within a damaged one (container/swallowed.h).
  [[nodiscard]] virtual bool finds_swallowed_blocks() const { return true; }
  // Where a bad record lies in the file's block.
  virtual RecordPlace place_of(const Plan& plan, const PlainBlock& block, const Decoder::Result& result) {
    return place_of_record(plan, block, result);
  }

 private:
  Scratch scratch_;
};

}  // namespace jetliner
