// One unit of blocks: decompress -> decode -> hand over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "codec/codec.h"
#include "column/column_set.h"
#include "container/block_framer.h"
#include "decode/decoder.h"
#include "files/file_context.h"
#include "filter/candidates.h"
#include "filter/plain_pool.h"
#include "jetliner/options.h"
#include "task/piece.h"

namespace jetliner {

// A chunk is handed out when its columns take this much, in the middle of a block if need be: neither a huge block nor
// a few bytes that unfold to many rows make memory grow.
inline constexpr size_t kChunkBytes = 16 << 20;

// A chunk holds one row at least, and few bytes may unfold to many columns (lists of null structs). So much memory is
// given to it at most: the first for any block, the second for each byte of its plain data. Doubling of buffers counts.
inline constexpr size_t kMaxChunkBytes = 512 << 20;
inline constexpr size_t kMaxChunkBytesPerByte = 2;

// So many damages are handed out at once: a block may hold a great many small ones that are all damaged.
inline constexpr size_t kMaxPieceDamage = 4096;

// Candidates are handed out when the blocks that they come from take this much, decompressed: a unit of 1 MiB may
// unfold to a hundred times as much, and all of it waits for the choice of rows.
inline constexpr size_t kMaxHeldBytes = 4 << 20;

// So many rows are decoded at most between two looks at the memory that they take, and so many at first.
inline constexpr size_t kStepRows = 4096;
inline constexpr size_t kFirstStepRows = 16;

// What a task makes of a unit; see filter/candidates.h.
enum class Pass : uint8_t {
  kOnly,        // all columns of all rows
  kUnfiltered,  // the same, of a read with a filter: what is not whole and sound is left to the other passes
  kFirst,       // candidates
  kSecond,      // chosen rows
};

struct TaskOptions {
  size_t max_block_bytes = SIZE_MAX;  // decompressed
  bool ignore_errors = false;
  std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>();  // for the memory of the chunks
  Pass pass = Pass::kOnly;
  std::shared_ptr<PlainPool> plain_pool = {};  // of Pass::kFirst
};

TaskOptions task_options(const ReadOptions& options, std::shared_ptr<BlockPool> pool);

// Keeps codec, columns and scratch from unit to unit. For one thread at a time.
class BlockTask {
 public:
  explicit BlockTask(TaskOptions options) : options_(std::move(options)) {}

  // `first_block`: of the unit's blocks, the first to be read.
  void start(std::shared_ptr<const FileContext> file, Unit unit, size_t first_block = 0);
  // Of Pass::kSecond.
  void start(ChosenRows chosen);

  // The next rows of the unit, `most_rows` (> 0) at most, and its damage. False when there is nothing left.
  // Throws std::bad_alloc.
  bool next(size_t most_rows, Piece& piece);

  // Gives back the unit's memory for reuse.
  Unit take_unit() { return std::move(unit_); }

  // Of Pass::kUnfiltered, once there is nothing left: the block from which on the unit is to be read in two passes, as
  // it is damaged or does not fit into a chunk. So results do not depend on which units were read in one.
  [[nodiscard]] std::optional<size_t> block_left() const { return block_left_; }

  // Whether a block has more rows than two passes are for: claims them, and has the bytes that they take at least.
  [[nodiscard]] bool has_huge_block(const FileContext& file, const Unit& unit) const;

  // Nanoseconds that decoding took since start(), and rows.
  [[nodiscard]] uint64_t decode_ns() const { return decode_ns_; }
  [[nodiscard]] uint64_t decoded_rows() const { return decoded_rows_; }

 private:
  void start_unit(std::shared_ptr<const FileContext> file, const std::shared_ptr<const Plan>& plan,
                  const std::string& codec, size_t first_block);
  bool open_block(Piece& piece);
  [[nodiscard]] Unit& unit() { return unit_is_plain_ ? plain_->unit : unit_; }
  [[nodiscard]] bool holds_enough() const;
  Scratch& scratch();
  void note_rows(size_t first_row, const Decoder::Result& result);
  [[nodiscard]] std::shared_ptr<const Candidates> take_candidates();
  // Whether blocks that are not sound, or do not fit into a chunk, are left to other passes.
  [[nodiscard]] bool hands_out_whole_blocks() const {
    return options_.pass == Pass::kUnfiltered && file_->candidate_plan != nullptr && !has_huge_block_;
  }
  // Damage of candidates is to be put in order with what is found in the chosen ones of the rows before it.
  [[nodiscard]] bool ends_with_damage(const Piece& piece) const {
    return options_.pass == Pass::kFirst && !piece.damage.empty();
  }
  [[nodiscard]] bool is_timed() const { return options_.pass != Pass::kOnly; }
  void leave_block();
  void drop_open_block();
  void decode_some(Piece& piece);
  void stop_block(Piece& piece, BadBlock damage);
  void stop_damaged_block(Piece& piece, BadBlock damage);
  void make_room(size_t tried_rows);
  void refuse_rows(Piece& piece);
  void stop_at_bytes_left(Piece& piece);
  [[nodiscard]] size_t rows_to_reserve() const;
  [[nodiscard]] BadBlock damage_of_block(BadBlockKind kind, ErrorKind error_kind, ErrorVariant variant) const;
  [[nodiscard]] BadBlock damage_of_record(const Decoder::Result& result) const;
  [[nodiscard]] uint64_t file_position() const;
  [[nodiscard]] std::string skipped_rest(uint64_t from) const;

  const TaskOptions options_;
  std::shared_ptr<const FileContext> file_;
  std::string codec_name_;
  std::unique_ptr<Codec> codec_;
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<ColumnSet> columns_;
  std::optional<Decoder> decoder_;
  size_t max_chunk_rows_ = 0;
  size_t chunk_rows_ = 0;  // of the chunk at hand, at most

  Unit unit_;
  size_t next_block_ = 0;
  uint64_t rows_after_ = 0;  // that the blocks from next_block_ on claim
  bool in_block_ = false;
  bool stopped_ = false;        // strict reading has met damage
  bool chunk_is_full_ = false;  // the next rows do not fit into its memory
  size_t step_rows_ = kFirstStepRows;

  std::optional<size_t> block_left_;
  bool has_huge_block_ = false;  // in the unit: of more rows than two passes are for
  uint64_t decode_ns_ = 0;
  uint64_t decoded_rows_ = 0;

  // Of Pass::kFirst: the plain bytes, and what is known of the rows of the next piece.
  std::shared_ptr<PlainUnit> plain_;
  bool unit_is_plain_ = false;  // the unit is in plain_: it is not compressed
  size_t plain_blocks_ = 0;     // of plain_->blocks, how many are in use
  Candidates candidates_;

  // Of Pass::kSecond.
  std::vector<size_t> plain_bytes_;
  std::vector<RowOrigin> origins_;
  size_t block_origin_ = 0;  // of the first row of the block at hand
  size_t next_origin_ = 0;   // and of the next one
  std::vector<uint64_t> row_numbers_;

  // The block at hand.
  BlockRef block_;
  Scratch scratch_;
  const uint8_t* data_ = nullptr;  // plain
  const uint8_t* cursor_ = nullptr;
  const uint8_t* end_ = nullptr;
  int64_t rows_done_ = 0;
  size_t first_row_ = 0;         // of the block in the chunk, where it began in this one
  size_t plain_size_bytes_ = 0;  // of the whole block, also where only chosen rows of it are here
};

}  // namespace jetliner
