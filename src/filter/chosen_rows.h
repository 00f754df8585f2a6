// The rows that a filter keeps, on their way to the second pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "container/block_framer.h"
#include "files/file_context.h"
#include "filter/candidates.h"

namespace jetliner {

// The origin of a chosen row.
struct RowOrigin {
  int64_t record = 0;         // in its block
  uint64_t block_offset = 0;  // of its first byte in the block's plain bytes
  uint64_t row_number = 0;    // in the read
  size_t begin = 0;           // of its first byte in ChosenRows::unit
};

// Chosen rows of one file. `unit` holds their plain bytes. It has one block for each source block, with only its chosen
// rows.
struct ChosenRows {
  std::shared_ptr<const FileContext> file;
  Unit unit;
  std::vector<size_t> plain_bytes;  // for each block of the unit: bytes of the whole block
  std::vector<RowOrigin> origins;   // for each row

  [[nodiscard]] bool empty() const { return origins.empty(); }

  // Adds those of the first `rows` candidates whose bit in `keep` is set. `first_bit` is the bit of the first
  // candidate. Returns the number of rows added. Throws std::bad_alloc.
  size_t add(const Candidates& candidates, size_t rows, uint64_t first_row_number, std::span<const uint8_t> keep,
             size_t first_bit);

 private:
  // The same for the first `rows` rows of a run.
  void add(const Candidates& candidates, const RowRun& run, size_t rows, uint64_t first_row_number,
           std::span<const uint8_t> keep, size_t first_bit);
  void add_block(const RowRun& run, size_t begin, size_t rows);
};

}  // namespace jetliner
