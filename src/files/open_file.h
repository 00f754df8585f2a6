// A file whose blocks are being read.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

#include "container/block_framer.h"
#include "container/range_framer.h"
#include "files/file_context.h"
#include "files/open_sources.h"

namespace jetliner {

struct OpenFile {
  std::shared_ptr<const FileContext> context;
  OpenSources::Handle source;
  FramerOptions framer_options;
  std::unique_ptr<BlockFramer> framer;          // nullptr until start(), and where there is a part
  std::unique_ptr<RangeFramer> part;            // of a part of the file; nullptr until start_range()
  uint64_t end_offset = UINT64_MAX;             // about where the part ends
  uint64_t max_block_bytes = UINT64_MAX;        // of a decompressed block
  uint64_t* empty_rows_left = nullptr;          // of the whole read (ReadOptions::max_empty_rows)
  std::atomic<uint64_t>* num_blocks = nullptr;  // FileList::num_blocks()

  // Makes the framer. Throws Error with the path.
  void start(BlockFramer::Start start);
  void start_range(ByteRange range);
  // File offset where the next unit starts, and about how many bytes it has.
  [[nodiscard]] uint64_t position() const { return part != nullptr ? part->position() : framer->position(); }
  [[nodiscard]] size_t next_bytes() const { return part != nullptr ? part->next_bytes() : framer->next_bytes(); }
  // Bytes of the file that are still to be read, about.
  [[nodiscard]] uint64_t bytes_left() const {
    const uint64_t end = std::min(source->size(), end_offset);
    return end - std::min(end, position());
  }
  // The next unit (BlockFramer::next()). Bounds the rows that take no bytes. Throws Error with the path.
  bool next(Unit& unit);
  // Blocks with rows that were found otherwise.
  void add_blocks(uint64_t blocks) const { num_blocks->fetch_add(blocks, std::memory_order_relaxed); }

 private:
  void bound_empty_rows(Unit& unit) const;
};

}  // namespace jetliner
