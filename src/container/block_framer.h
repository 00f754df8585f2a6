// Splits a container file into blocks, without looking into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "container/block_head.h"
#include "container/header.h"
#include "container/joined_files.h"
#include "container/read_ahead.h"
#include "jetliner/error.h"
#include "jetliner/source.h"

namespace jetliner {

// A whole block of a unit. See container/block_head.h for a block on disk.
struct BlockRef {
  int64_t index = 0;         // from 0; blocks without rows count too
  int64_t row_count = 0;     // claimed, not proven; 0 only where there is data, which then ought to come to nothing
  int64_t refused_rows = 0;  // more of them, which are not to be read (files/file_list.h)
  uint64_t file_offset = 0;  // bytes; where the block's count starts in the file
  size_t data_begin = 0;     // within Unit::bytes
  size_t data_bytes = 0;     // compressed
  uint64_t block_bytes = 0;  // in the file, from the count to the end of the marker
  int depth = 0;             // of how many damaged blocks it is a part (container/swallowed.h)
};

// A run of whole blocks of one file: what one worker takes. kSlackBytes after bytes.size() are readable.
struct Unit {
  Scratch bytes;
  std::vector<BlockRef> blocks;
  // Damage found after `blocks`. When reading strictly it is the last thing the file yields.
  std::optional<BadBlock> damage;
};

struct FramerOptions {
  size_t chunk_bytes = 1 << 20;  // how much to ask the source for at a time, > 0
  size_t unit_bytes = 1 << 20;   // a unit is closed when it holds this much; one block may be larger
  bool recover = false;          // after damage: look for the next block, instead of ending
  // A block with more bytes of data than this is not read, but damage: it could not be decompressed within the limits.
  uint64_t max_data_bytes = UINT64_MAX;
};

class BlockFramer {
 public:
  // Where to start: a block, and which one it is.
  struct Start {
    uint64_t offset = 0;
    int64_t block_index = 0;
  };

  // `source` must outlive the framer. Reading starts at header.size_bytes. Throws Error (kSource) where the source has
  // become shorter than that since its header was read.
  BlockFramer(Source& source, const Header& header, FramerOptions options);
  // The same from a later block on.
  BlockFramer(Source& source, const Header& header, FramerOptions options, Start start);

  // Fills `unit` (its memory is reused) with the next blocks, in file order. False at the end of the file, or after
  // damage when not recovering. The first units are smaller, so that a reader of few rows reads little; so are
  // those after damage, whose time is then that of the bytes passed over.
  // BadBlock has no path yet, that is the caller's to add. Throws Error (kSource) where reading fails.
  bool next(Unit& unit);

  // File offset of the bytes that the next unit starts with.
  [[nodiscard]] uint64_t position() const { return input_.position(); }

 private:
  // What a step over the bytes in memory came to.
  enum class Step : uint8_t {
    kBlock,     // a whole block with the right marker: cursor_ is past it
    kNeedMore,  // need_bytes_ bytes from cursor_ on are needed; the file has them
    kEnd,       // the file ends here, after a whole block
    kDamage,    // in damage_ and claimed_end_
  };
  Step frame_block(Unit& unit);
  Step frame_bad_head(const BlockHead& head, ByteSpan held);
  bool has_other_marker(uint64_t block_end);
  Step need_more(uint64_t bytes);
  Step damaged(ErrorVariant variant, const std::string& what);
  Step oversized(uint64_t data_bytes, uint64_t block_end);
  Step invalid_marker(uint64_t block_end);

  void drop_framed(Unit& unit);
  void fill(Unit& unit);
  // Also finds where reading goes on.
  void report_damage(Unit& unit);
  std::optional<uint64_t> find_resumption(std::string& message);
  // Of the block at cursor_, in the file.
  [[nodiscard]] uint64_t offset() const { return unit_offset_ + cursor_; }

  Source& source_;
  SyncMarker sync_;
  const std::string codec_;
  FramerOptions options_;
  ReadAhead input_;    // its position: after the last byte of the unit being filled
  size_t unit_bytes_;  // how much the next unit aims at
  // Of a block larger than this, the marker at its end is looked at before the block is read. That is a request of its
  // own, which a file without damage is spared.
  uint64_t trusted_block_bytes_ = 64 << 20;
  JoinedFiles joined_files_;
  int64_t block_index_;
  bool is_finished_ = false;

  // Of the unit being filled:
  uint64_t unit_offset_ = 0;  // where its first byte is in the file
  size_t cursor_ = 0;         // within its bytes: the next block
  uint64_t need_bytes_ = 0;
  BadBlock damage_;
  bool is_header_ = false;               // the damage is the header of another file
  std::optional<uint64_t> claimed_end_;  // file offset; where the damaged block ends if its size is right
  std::optional<uint64_t> proven_end_;   // the same, where the marker says that it is
};

}  // namespace jetliner
