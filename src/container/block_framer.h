// Splits a container file into blocks, without looking into them.
#pragma once

#include <algorithm>
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
#include "container/padding.h"
#include "container/read_ahead.h"
#include "container/unit_bytes.h"
#include "jetliner/error.h"
#include "jetliner/source.h"

namespace jetliner {

// A whole block within a unit. container/block_head.h shows a block on disk.
struct BlockRef {
  int64_t index = 0;         // from 0; blocks without rows get one as well
  int64_t row_count = 0;     // as the block claims; 0 only if it has data, which should decompress to nothing
  int64_t refused_rows = 0;  // further rows that must not be read (files/file_list.h)
  int64_t first_row = -1;    // in the file, from 0, as the blocks before claim; -1: not known
  uint64_t file_offset = 0;  // bytes; start of the block in the file
  size_t data_begin = 0;     // within Unit::bytes
  size_t data_bytes = 0;     // compressed
  uint64_t block_bytes = 0;  // in the file: head, data and marker
  int depth = 0;             // number of damaged blocks around it (container/swallowed.h)
};

// A run of whole blocks of one file, for one worker.
struct Unit {
  UnitBytes bytes;
  std::vector<BlockRef> blocks;
  // Damage after `blocks`. In strict reading nothing of the file follows.
  std::optional<BadBlock> damage;
};

struct FramerOptions {
  size_t chunk_bytes = 1 << 20;  // bytes of a request to the source, > 0
  size_t unit_bytes = 1 << 20;   // a unit ends when it has this much; a larger block is a unit of its own
  bool recover = false;          // after damage: go on with the next block that is found
  // A block with more compressed data than this counts as damage and is not read: it could not be decompressed within
  // the limit of a block's decompressed size.
  uint64_t max_data_bytes = UINT64_MAX;
  // Blocks that start here or later are not read.
  uint64_t stop_offset = UINT64_MAX;
};

class BlockFramer {
 public:
  // The block to start with: its place, and its index.
  struct Start {
    uint64_t offset = 0;
    int64_t block_index = 0;
    int64_t first_row = -1;  // as BlockRef::first_row
  };

  // `source` must outlive the framer. Starts after the header. Throws Error (kSource) where the source has become
  // shorter than its header.
  BlockFramer(Source& source, const Header& header, FramerOptions options);
  // Starts with a later block.
  BlockFramer(Source& source, const Header& header, FramerOptions options, Start start);

  // Starts with a later block. Takes over `input`, with the bytes that it holds.
  BlockFramer(Source& source, const Header& header, FramerOptions options, Start start, ReadAhead input);

  // Fills `unit` with the next blocks in file order; its memory is reused. False at the end of the file, and after
  // damage unless recovering. The first units are smaller, so that a reader of few rows reads little. Units after
  // damage are smaller as well: their bytes are copied once more, and damage may come every few bytes. The caller adds
  // the path to a BadBlock. Throws Error (kSource) where reading fails.
  bool next(Unit& unit);

  // File offset where the next unit starts.
  [[nodiscard]] uint64_t position() const { return input_.position(); }
  // The marker of the blocks: that of the header, or of another file that was joined to this one.
  [[nodiscard]] const SyncMarker& sync() const { return sync_; }
  // Reads on to a later stop, after next() has returned false at the present one.
  void go_on_to(uint64_t stop_offset);
  // About how many bytes the next unit will have.
  [[nodiscard]] size_t next_bytes() const {
    return static_cast<size_t>(
        std::min<uint64_t>(std::max<uint64_t>(unit_bytes_, need_bytes_), input_.remaining_bytes()));
  }

 private:
  // Result of looking at the bytes from cursor_ on.
  enum class Step : uint8_t {
    kBlock,     // a whole block with the right marker; cursor_ is now behind it
    kNeedMore,  // need_bytes_ bytes from cursor_ on are needed; the file has them
    kEnd,       // the file ends here
    kDamage,    // described by damage_, is_header_, claimed_end_ and proven_end_
  };
  Step frame_block(Unit& unit);
  Step frame_bad_head(const BlockHead& head, ByteSpan held);
  bool has_other_marker(uint64_t block_end);
  Step need_more(uint64_t bytes);
  Step damaged(ErrorVariant variant, const std::string& what);
  Step oversized(uint64_t data_bytes, uint64_t block_end);
  Step invalid_marker(uint64_t block_end);

  void get_more(Unit& unit);
  bool borrow(Unit& unit);
  void own(Unit& unit);
  void drop_framed(Unit& unit);
  void fill(Unit& unit);
  // Puts the damage into the unit. When recovering, moves to the place where reading goes on.
  void report_damage(Unit& unit);
  // If nothing but zero bytes is left of the file, as far as they are counted, says so in the damage.
  void recognise_padding(BadBlock& damage);
  // The place where reading goes on; nothing if there is none. Appends to `message` how it was found.
  std::optional<uint64_t> find_resumption(std::string& message);
  // File offset of the block at cursor_.
  [[nodiscard]] uint64_t offset() const { return unit_offset_ + cursor_; }

  Source& source_;
  SyncMarker sync_;
  const std::string codec_;
  FramerOptions options_;
  ReadAhead input_;    // its position is the end of the unit that is being filled
  size_t unit_bytes_;  // size of the next unit
  // If a block is larger, its marker is checked before the block is read, so that a forged size costs no memory. It
  // takes a request more. 0 after damage: no size is trusted any more.
  uint64_t trusted_block_bytes_ = 64 << 20;
  JoinedFiles joined_files_;
  uint64_t padding_bytes_left_ = kMostPaddingBytes;  // zero bytes that may still be counted
  int64_t block_index_;
  int64_t next_row_;  // BlockRef::first_row of the next block; -1 after damage
  bool is_finished_ = false;

  // The unit that is being filled:
  uint64_t unit_offset_ = 0;  // file offset of its first byte
  size_t cursor_ = 0;         // start of the next block, within its bytes
  uint64_t need_bytes_ = 0;
  LentBytes lent_;  // by the source, from unit_offset_ on: perhaps more than the unit takes
  BadBlock damage_;
  bool is_header_ = false;               // the damage is the header of another file
  std::optional<uint64_t> claimed_end_;  // file offset: end of the damaged block, if its size is right
  std::optional<uint64_t> proven_end_;   // the same, where the marker proves the size
};

}  // namespace jetliner
