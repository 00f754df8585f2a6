// Late materialisation. Of a read with a filter, the first pass over a unit decodes the columns that the filter looks
// at: its rows are *candidates*. The bytes of those that are *chosen* are put together and decoded like a block in the
// second pass; nothing is built of the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "container/block_framer.h"
#include "files/file_context.h"

namespace jetliner {

// Most candidates in a piece. A few bytes are kept for each of them, and more for each row that is chosen, which counts
// where rows take next to nothing themselves.
inline constexpr size_t kMaxCandidateRows = 1 << 18;

// Chosen rows of one block stay together. A unit with a block of more rows than this is read in one pass, and damage is
// met in all its rows (docs/queries.md).
inline constexpr int64_t kMaxTwoPassBlockRows = 1 << 19;

// The plain bytes of a unit's blocks, kept until its rows are chosen.
struct PlainUnit {
  Unit unit;                    // as read: for the codec "null" these are the plain bytes
  std::vector<Scratch> blocks;  // otherwise
};

// Rows of one block that follow one another.
struct RowRun {
  BlockRef block;
  const uint8_t* plain = nullptr;  // where the block's plain bytes begin
  size_t plain_bytes = 0;          // of the whole block
  int64_t first_record = 0;        // in the block
  size_t first_row = 0;            // in the piece
  size_t rows = 0;
  const uint8_t* end = nullptr;  // of the last one
};

// Where the rows of a piece lie.
struct Candidates {
  std::shared_ptr<const PlainUnit> memory;
  std::vector<const uint8_t*> row_starts;  // for each row
  std::vector<RowRun> runs;                // all rows, in their order
  size_t held_bytes = 0;                   // of `memory`, what is held for this piece
  bool ends_block = true;                  // the next piece does not go on with the last block
};

// Where a chosen row comes from.
struct RowOrigin {
  int64_t record = 0;         // in its block
  uint64_t block_offset = 0;  // of its first byte in the block's plain bytes
  uint64_t row_number = 0;    // in the read
  size_t begin = 0;           // of its first byte in ChosenRows::unit
};

// Chosen rows of one file. `unit` holds their plain bytes, and of each block that they come from one that has only
// them.
struct ChosenRows {
  std::shared_ptr<const FileContext> file;
  Unit unit;
  std::vector<size_t> plain_bytes;  // for each block in the unit, of the whole block
  std::vector<RowOrigin> origins;   // for each row

  [[nodiscard]] bool empty() const { return origins.empty(); }

  // Adds those of the first `rows` candidates whose bit in `keep` is set. Returns how many. Throws std::bad_alloc.
  size_t add(const Candidates& candidates, size_t rows, uint64_t first_row_number, std::span<const uint8_t> keep,
             size_t first_bit);

 private:
  // The same of the first `rows` rows of a run.
  void add(const Candidates& candidates, const RowRun& run, size_t rows, uint64_t first_row_number,
           std::span<const uint8_t> keep, size_t first_bit);
};

}  // namespace jetliner
