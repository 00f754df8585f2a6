// The blocks of a part of a file, for one of several machines that read it.
//
// The problem. A file is cut at any bytes, and nobody knows where its blocks begin. Each block must be read by one part
// and by one only, whatever the bytes are: a marker may be a part of some data, markers may be constant, and data may
// hold whole Avro files with the same marker.
//
// The idea. A block belongs to the part in which the sync marker before it begins. (The first block has the marker of
// the header before it.) Let first(p) be the first block whose marker begins at p or later. Then the part from b to e
// has the blocks from first(b) to first(e): the same rule at both ends, so that neighbours agree.
//
// To be sure of first(p), one walks from the header from block to block. That is done near the header, where it is
// cheap. Elsewhere the next marker is believed if a block follows it, and after that another one or the end of the
// file, and if no other marker occurs within the first one. Whatever raises a doubt makes the reader walk after all.
//
// Data may imitate blocks for the whole length of a part. Its reader cannot know. But the reader of the part before
// knows where its last block ends, and sees that first(e) is another place. So it raises an error, and rows are never
// wrong in silence. It looks only if there is a reason: a marker within its last block, or a part that has no blocks
// but may have markers. Otherwise the next part finds the same marker as it does.
//
// Damage. The walk is that of a reader of the whole file that skips damage. So the parts together have the blocks that
// this reader finds, and each damage is told by the part that meets it. If the marker before the first block of a part
// is damaged, that part cannot see the block. Then first(e) of the part before is a later one, and it reads on to that.
#pragma once

#include <cstdint>
#include <memory>

#include "container/block_framer.h"
#include "container/first_block.h"
#include "container/header.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

class RangeFramer {
 public:
  // `source` must outlive it. Throws Error (kSource).
  RangeFramer(Source& source, const Header& header, FramerOptions options, ByteRange range);

  // As BlockFramer::next(). The indices of blocks count from the first block of the range. Throws Error: kSource;
  // kParse with variant kInvalidBlock if the blocks of this range cannot be told from data.
  bool next(Unit& unit);

  // Goes on at the block at `position`, which has this index in the range. The blocks before it were counted by their
  // heads.
  void skip_to(uint64_t position, int64_t block_index);

  [[nodiscard]] const SyncMarker& sync() const { return framer_->sync(); }
  // Blocks that start here or later belong to the next range.
  [[nodiscard]] uint64_t stop_offset() const { return options_.stop_offset; }
  // File offset where the next unit starts.
  [[nodiscard]] uint64_t position() const { return framer_->position(); }
  [[nodiscard]] size_t next_bytes() const { return framer_->next_bytes(); }

 private:
  void look(const Unit& unit);
  void look_at_seam(const Unit& unit, const BlockRef& block);
  bool goes_on();
  void check_start();
  [[noreturn]] void fail(uint64_t offset) const;

  Source& source_;
  Header header_;
  FramerOptions options_;
  const ByteRange range_;
  FirstBlock first_;
  std::unique_ptr<BlockFramer> framer_;
  bool must_check_end_ = false;  // the reader of the next range may find another first block
  bool has_damage_ = false;      // in the range, or before it
  uint64_t last_stop_ = 0;       // 0: the end of the range
};

}  // namespace jetliner
