// Late materialisation.
//
// Problem. A query wants few of the rows: those that a filter keeps. Only the query engine can evaluate the filter. To
// build all columns of all rows for it costs most of the time of a read, and the rows that it keeps would share, and so
// hold, the memory of all others.
//
// Idea. A unit is read in two passes. The first pass decodes only the columns that the filter looks at. Its rows are
// *candidates*; the decoder notes where each of them starts in the block's plain bytes, and these bytes are kept. The
// consumer evaluates the filter. The bytes of the *chosen rows* are copied together, as blocks that have only these
// rows. The second pass decodes them with all columns, as it would decode any block.
//
//     workers:   unit ─► CandidatePass ─► candidates ─┐              ┌─► ChosenPass ─► rows
//     consumer:                                       └─► keep() ────┘
//
// A filter that keeps most rows gains nothing from this. PassChoice then has units read in one pass, *unfiltered*, and
// the consumer filters their rows itself.
//
// Invariants.
// - Rows leave in the order of the files, whatever the passes: FilteredRead keeps that order.
// - Results do not depend on the choice of passes. Two passes meet damage in other columns only in chosen rows. One
// pass
//   would meet it in all rows. So one pass stops at the first block that is damaged or does not fit into a chunk. That
//   block and all later blocks of the unit are read in two passes.
// - Chosen rows of one block stay together, so that damage in one of them ends the block in one place. A record that
//   only has an invalid value does not end it, in either pass.
// - This bounds the memory of a block's chosen rows only if blocks have few rows. So a unit that has a block with more
//   than kMaxTwoPassBlockRows rows is read in one pass, and damage is met in all of its rows (docs/queries.md).
// - A piece of candidates ends at the first block end after kMaxHeldBytes of plain bytes, or after kMaxCandidateRows
// rows.
//   Chosen rows are decoded a chunk at a time, since few bytes may unfold to many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "container/block_framer.h"

namespace jetliner {

// Most candidates in a piece. Each takes a few bytes, and each chosen row some more. The limit matters when rows have
// almost no bytes.
inline constexpr size_t kMaxCandidateRows = 1 << 18;

inline constexpr int64_t kMaxTwoPassBlockRows = 1 << 19;

// A piece of candidates ends at a block end when the plain bytes of its blocks take this much. A unit of 1 MiB may
// unfold to a hundred times as much, and all of it waits for the choice of rows.
inline constexpr size_t kMaxHeldBytes = 4 << 20;

// The plain bytes of a unit's blocks, kept until rows are chosen.
struct PlainUnit {
  Unit unit;                    // for the codec "null": its bytes are the plain bytes
  std::vector<Scratch> blocks;  // for other codecs
};

// Consecutive rows of one block.
struct RowRun {
  BlockRef block;
  const uint8_t* plain = nullptr;  // where the block's plain bytes begin
  size_t plain_bytes = 0;          // of the whole block
  int64_t first_record = 0;        // in the block
  size_t first_row = 0;            // in the piece
  size_t rows = 0;
  const uint8_t* end = nullptr;  // of the last row
};

// The places of a piece's rows.
struct Candidates {
  std::shared_ptr<const PlainUnit> memory;
  std::vector<const uint8_t*> row_starts;  // for each row
  std::vector<RowRun> runs;                // all rows, in their order
  size_t held_bytes = 0;                   // of row_starts, and of the blocks that begin in this piece
  bool ends_block = true;                  // false: the last block continues in the next piece
};

}  // namespace jetliner
