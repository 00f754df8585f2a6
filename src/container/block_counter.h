// Counts the rows of a container file by what stands before and after each block; the data between are passed over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "container/header.h"
#include "container/row_bound.h"
#include "jetliner/source.h"

namespace jetliner {

struct CounterOptions {
  uint64_t max_data_bytes = UINT64_MAX;  // of a block (FramerOptions)
  RowBound bound = {};
  // Walk in many places of the file at once, from one marker to the next place: requests then go out together.
  bool ahead = true;
};

// Where a block starts leads only from the block before it, so a walk is a chain of small reads. A file is cut into
// parts, and a chain starts in each, after the first marker found there. What a chain has counted is believed when the
// one before it arrives just where it started. So the result is that of one walk from the first block on, whatever the
// data hold that looks like a marker.
class BlockCounter {
 public:
  // `source` must outlive the counter.
  BlockCounter(Source& source, const Header& header, CounterOptions options);

  enum class State : uint8_t {
    kMore,
    kEnd,        // all blocks are counted: the file ends just after a marker
    kIrregular,  // at position() is no whole block with a marker that may be: the framer can tell what is wrong
  };
  // One round: a request or so for each chain. Throws Error (kSource).
  State advance();

  // Rows of the blocks that are certain by now and were not taken before.
  uint64_t take_rows();
  // Where the first block starts that is not among them, and its index.
  [[nodiscard]] uint64_t position() const { return position_; }
  [[nodiscard]] int64_t block_index() const { return block_index_; }

 private:
  struct Chain {
    uint64_t stop = 0;      // walked up to here or just beyond
    uint64_t position = 0;  // file offset: everything before is whole blocks
    uint64_t rows = 0;      // of the blocks before position, not taken yet
    int64_t blocks = 0;
    // The block at position, once its head was read: where it ends. Its marker is still to be looked at.
    uint64_t end = 0;
    uint64_t pending_rows = 0;
    bool is_irregular = false;
    uint64_t window_offset = 0;  // bytes of the file in memory
    std::vector<uint8_t> window;

    [[nodiscard]] bool is_done() const { return is_irregular || (position >= stop && end == 0); }
  };

  void add_chains();
  void walk(Chain& chain) const;
  [[nodiscard]] size_t request_bytes(const Chain& chain) const;
  State merge();

  Source& source_;
  const SyncMarker sync_;
  const CounterOptions options_;
  const uint64_t size_;
  const size_t window_bytes_;
  std::vector<Chain> chains_;  // in file order; the first is the one that is certain
  std::vector<SourceRange> ranges_;
  std::vector<Chain*> asking_;
  uint64_t position_;
  int64_t block_index_ = 0;
  uint64_t rows_ = 0;
};

}  // namespace jetliner
