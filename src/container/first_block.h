// Finds the first block of a part of a file. range_framer.h tells the whole idea.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "container/block_counter.h"
#include "container/block_framer.h"
#include "container/header.h"
#include "container/read_ahead.h"
#include "jetliner/source.h"

namespace jetliner {

// The first block whose preceding sync marker begins at `place` or later.
struct FirstBlock {
  uint64_t offset = 0;      // the end of the file where there is none
  SyncMarker sync{};        // that of another file, where files were joined
  bool is_proven = false;   // by a walk from the header
  bool has_damage = false;  // the walk passed over damage, or over the header of a joined file
};

// A search that can be left between two steps. A walk over a large file takes long, and the caller may be told to stop.
class FirstBlockSearch {
 public:
  // Looks at the bytes around `place`. If they leave a doubt, walks from the header. A strict reader does not look for
  // a marker that begins at `end` or later: the result is then some place from which on no block is of this part.
  // Throws Error (kSource). `source` and `header` must outlive the search.
  FirstBlockSearch(Source& source, const Header& header, const FramerOptions& options, uint64_t place, uint64_t end);
  // Always walks over all blocks from the header on. Damage is passed over, as by a reader that skips it.
  static FirstBlockSearch by_walk(Source& source, const Header& header, const FramerOptions& options, uint64_t place);

  // Searches for some milliseconds. True once the block is found: see found(). Throws Error (kSource).
  bool advance();
  [[nodiscard]] const FirstBlock& found() const { return *found_; }
  // Reads the source, and holds the bytes of the block, as far as they were read. For one call after the search.
  ReadAhead take_input() { return std::move(input_); }

 private:
  void look_at_markers();
  void walk();
  void start_walk();

  Source& source_;
  const Header& header_;
  const FramerOptions options_;
  const uint64_t place_;
  const uint64_t end_;
  ReadAhead input_;                      // of the bytes around the place
  std::optional<BlockCounter> counter_;  // walks over whole blocks; absent before the walk
  std::unique_ptr<BlockFramer> framer_;  // goes on where the counter has met damage
  std::optional<FirstBlock> found_;
};

}  // namespace jetliner
