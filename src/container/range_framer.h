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
#include <optional>

#include "container/block_framer.h"
#include "container/first_block.h"
#include "container/header.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

class RangeFramer {
 public:
  // `source` must outlive it.
  RangeFramer(Source& source, const Header& header, FramerOptions options, ByteRange range);

  // As BlockFramer::next(). The indices of blocks count from the first block of the range. A search may take long. It
  // is done in steps, and a step gives a unit without blocks. Throws Error: kSource; kParse with variant kInvalidBlock
  // if the blocks of this range cannot be told from data.
  bool next(Unit& unit);

  // Only for counting by the heads of blocks, before next(). One step of the search for the first block. True once it
  // is found: see sync() and position(). Throws Error (kSource).
  bool find_start();
  // Goes on at the block at `position`, which has this index in the range. The blocks before it were counted by their
  // heads.
  void skip_to(uint64_t position, int64_t block_index);

  [[nodiscard]] const SyncMarker& sync() const { return framer_->sync(); }
  // Blocks that start here or later belong to the next range.
  [[nodiscard]] uint64_t stop_offset() const { return options_.stop_offset; }
  // File offset where the next unit starts; the begin of the range as long as its first block is searched for.
  [[nodiscard]] uint64_t position() const { return framer_ != nullptr ? framer_->position() : range_.begin; }
  [[nodiscard]] size_t next_bytes() const { return framer_ != nullptr ? framer_->next_bytes() : 0; }

 private:
  // Why a first block is searched for.
  enum class Purpose : uint8_t {
    kStart,  // reading starts there
    kProof,  // reading has started there, perhaps wrongly
    kEnd,    // the next range begins there
  };
  bool search();
  void search_for(Purpose purpose, uint64_t place);
  void start_at(const FirstBlock& first, ReadAhead input);
  void go_on_to(uint64_t end);
  bool searches_end();

  void note_doubts(const Unit& unit);
  void note_seam(const Unit& unit, const BlockRef& block);
  [[noreturn]] void throw_imitated(uint64_t offset) const;

  Source& source_;
  const Header header_;
  FramerOptions options_;
  const ByteRange range_;
  std::unique_ptr<FirstBlockSearch> search_;  // nullptr: none is under way
  Purpose purpose_ = Purpose::kStart;
  FirstBlock first_;
  std::unique_ptr<BlockFramer> framer_;  // nullptr until the first block is found
  std::optional<Unit> doubted_;          // waits for the proof
  bool must_check_end_ = false;          // the reader of the next range may find another first block
  bool has_damage_ = false;              // in the range, or before it
  std::optional<uint64_t> proven_end_;   // where the next range begins
};

}  // namespace jetliner
