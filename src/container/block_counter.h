// Counts the rows of a container file by the heads of its blocks. Data is not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "container/header.h"
#include "container/row_bound.h"
#include "jetliner/source.h"

namespace jetliner {

struct CounterOptions {
  uint64_t max_data_bytes = UINT64_MAX;  // see FramerOptions
  RowBound bound = {};
};

// Walks from block to block: a chain of small reads, because only the head of a block tells where the next one starts.
// A block counts when the sync marker after it is right.
class BlockCounter {
 public:
  // `begin`: the start of a block, or the end of the file. `source` must outlive the counter.
  BlockCounter(Source& source, const SyncMarker& sync, CounterOptions options, uint64_t begin);

  enum class State : uint8_t {
    kMore,
    kEnd,        // position() has reached `stop`; it is behind it if no block ends exactly there
    kIrregular,  // no valid block at position(); BlockFramer can tell what is wrong
  };
  // Walks on for a few requests, or for one if a request is slow. `stop` <= size of the source; it may differ from call
  // to call. Throws Error (kSource); may be called again after that.
  State advance(uint64_t stop);

  // Goes on at `position`. The blocks before it, with these rows, were counted elsewhere. `filled_blocks`: those of
  // them that have rows.
  void skip_to(uint64_t position, uint64_t rows, int64_t blocks, uint64_t filled_blocks);

  // Rows of the blocks before position(), without those that an earlier call returned.
  uint64_t take_rows();
  // Blocks before position() that have rows, without those that an earlier call returned.
  uint64_t take_filled_blocks() { return std::exchange(filled_blocks_, 0); }
  // Start and index of the first block that is not counted.
  [[nodiscard]] uint64_t position() const { return position_; }
  [[nodiscard]] int64_t block_index() const { return block_index_; }
  // Requests to the source so far.
  [[nodiscard]] uint64_t num_requests() const { return num_requests_; }

 private:
  void request();
  State walk(uint64_t stop);

  Source& source_;
  const SyncMarker sync_;
  const CounterOptions options_;
  const uint64_t size_;
  const size_t window_bytes_;
  uint64_t position_;  // file offset; only whole blocks lie before it
  int64_t block_index_ = 0;
  uint64_t rows_ = 0;           // see take_rows()
  uint64_t filled_blocks_ = 0;  // see take_filled_blocks()
  // End and rows of the block at position_, whose marker is still to be checked. 0: its head was not read yet.
  uint64_t end_ = 0;
  uint64_t pending_rows_ = 0;
  uint64_t num_requests_ = 0;
  // The bytes of the last request.
  uint64_t window_offset_ = 0;
  size_t got_bytes_ = 0;  // from window_offset_ on
  std::vector<uint8_t> window_;
};

// find_block() searches this many bytes.
inline constexpr uint64_t kMarkerSearchBytes = 128 << 10;

// The end of the first sync marker at or after `offset`. A block starts there, unless the marker is a part of some
// data. Nothing where no marker is near. Throws Error (kSource).
std::optional<uint64_t> find_block(Source& source, const SyncMarker& sync, uint64_t offset);

}  // namespace jetliner
