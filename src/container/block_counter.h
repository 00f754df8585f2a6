// Counts the rows of a container file by what stands before and after each block; the data between are passed over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "container/header.h"
#include "container/row_bound.h"
#include "jetliner/source.h"

namespace jetliner {

struct CounterOptions {
  uint64_t max_data_bytes = UINT64_MAX;  // of a block (FramerOptions)
  RowBound bound = {};
};

// Walks from block to block. Where one starts leads only from the block before it, so this is a chain of small reads.
class BlockCounter {
 public:
  // From `begin`, where a block starts, or the file ends. `source` must outlive the counter.
  BlockCounter(Source& source, const SyncMarker& sync, CounterOptions options, uint64_t begin);

  enum class State : uint8_t {
    kMore,
    kEnd,        // position() is `stop`, or beyond where no block ends just there
    kIrregular,  // at position() is no whole block with a marker that may be: the framer can tell what is wrong
  };
  // A few requests, and no more than one that takes long. `stop` is at most the size of the source, and may be another
  // one each time. Throws Error (kSource), and may then be called again.
  State advance(uint64_t stop);

  // Goes on at `position`: the blocks up to there were counted elsewhere.
  void skip_to(uint64_t position, uint64_t rows, int64_t blocks);

  // Rows of the blocks up to position() that were not taken before.
  uint64_t take_rows();
  // Where the first block starts that is not counted, and its index.
  [[nodiscard]] uint64_t position() const { return position_; }
  [[nodiscard]] int64_t block_index() const { return block_index_; }
  // What was asked of the source so far.
  [[nodiscard]] uint64_t num_requests() const { return num_requests_; }

 private:
  void request();
  State walk(uint64_t stop);

  Source& source_;
  const SyncMarker sync_;
  const CounterOptions options_;
  const uint64_t size_;
  const size_t window_bytes_;
  uint64_t position_;  // file offset: everything before is whole blocks
  int64_t block_index_ = 0;
  uint64_t rows_ = 0;  // of the blocks before position_, not taken yet
  // The block at position_, once its head was read: where it ends. Its marker is still to be looked at.
  uint64_t end_ = 0;
  uint64_t pending_rows_ = 0;
  uint64_t num_requests_ = 0;
  // Bytes of the file in memory.
  uint64_t window_offset_ = 0;
  size_t got_bytes_ = 0;
  std::vector<uint8_t> window_;
};

// Where markers are looked for: so far after an offset.
inline constexpr uint64_t kMarkerSearchBytes = 128 << 10;

// Where a block starts if what looks like a marker is one: after the first that begins at `offset` or behind. Nothing
// where there is none nearby. Throws Error (kSource).
std::optional<uint64_t> find_block(Source& source, const SyncMarker& sync, uint64_t offset);

}  // namespace jetliner
