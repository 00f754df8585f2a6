// The blocks of a part of a file, for one of several machines that read it.
//
// The problem. A file is cut at any bytes, and nobody knows where its blocks begin. Each block must be read by one part
// and by one only, whatever the bytes are: a marker may be a part of some data, markers may be constant, and data may
// hold whole Avro files with the same marker.
//
// The idea. A block belongs to the part in which the sync marker before it begins. (The first block has the marker of
// the header before it.) So a part begins after the first marker in it. Let first(p) be the first block whose marker
// begins at p or later. Then the part from b to e has the blocks from first(b) to first(e): the same rule at both ends,
// so that neighbours agree.
//
// To be sure of first(p), one walks from the header from block to block. That is done where it is cheap. Elsewhere the
// next marker is believed if a block follows it, and after that another one or the end of the file, and if no other
// marker occurs within the first one. Whatever raises a doubt makes the reader walk after all. What is still possible
// then is that data imitate blocks for the whole length of a part. The reader of the part in which that data begin
// notices: it knows where the next block is, and what first(e) gives. If these are not the same, it raises an error. So
// rows are never wrong without an error.
//
// Damage. The walk is the one of a reader of the whole file that skips damage. So a part has the blocks that this
// reader finds, and each damage is told by the part that meets it. Where only the marker at the start of a part is
// damaged, the block after it is out of sight for that part; the part before reads on to first(e).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "container/block_framer.h"
#include "container/header.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

// The first block whose marker begins at `place` or later.
struct FirstBlock {
  uint64_t offset = 0;     // the end of the file where there is none
  SyncMarker sync{};       // that of another file, where files were joined
  bool is_proven = false;  // by a walk from the header
};

// first(place), see above. Throws Error (kSource).
FirstBlock find_first_block(Source& source, const Header& header, const FramerOptions& options, uint64_t place);
// The same, always by a walk from the header.
FirstBlock walk_to_first_block(Source& source, const Header& header, const FramerOptions& options, uint64_t place);

class RangeFramer {
 public:
  // `source` must outlive it. Throws Error (kSource).
  RangeFramer(Source& source, const Header& header, FramerOptions options, ByteRange range);

  // As BlockFramer::next(). Throws Error (kSource), variant kChanged never; kParse where the parts of this file cannot
  // be told from each other.
  bool next(Unit& unit);

  // File offset where the next unit starts.
  [[nodiscard]] uint64_t position() const { return framer_->position(); }
  [[nodiscard]] size_t next_bytes() const { return framer_->next_bytes(); }

 private:
  void start_at(const FirstBlock& first);
  bool next_of_range(Unit& unit);
  void look(const Unit& unit);
  bool finish();

  Source& source_;
  Header header_;
  FramerOptions options_;
  const ByteRange range_;
  FirstBlock first_;
  std::unique_ptr<BlockFramer> framer_;
  bool has_imitation_ = false;  // a marker occurs within the last block
  bool has_damage_ = false;
  bool is_finished_ = false;
};

}  // namespace jetliner
