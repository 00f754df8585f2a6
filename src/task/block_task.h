// One unit of blocks: decompress, decode, hand over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "codec/codec.h"
#include "column/block_pool.h"
#include "column/column_set.h"
#include "container/block_framer.h"
#include "decode/decoder.h"
#include "files/file_context.h"
#include "jetliner/options.h"
#include "task/chunk_size.h"
#include "task/pass.h"
#include "task/piece.h"
#include "task/plain_block.h"

namespace jetliner {

// Damage in one piece, at most: a block may hold very many small blocks that are all damaged.
inline constexpr size_t kMaxPieceDamage = 4096;

// Reports of records with invalid values in one block, at most. One more report tells how many others there are. All
// records of a block may have such values.
inline constexpr uint64_t kMaxInvalidRecordReports = 100;

struct TaskOptions {
  size_t max_block_bytes = SIZE_MAX;  // of a decompressed block
  bool ignore_errors = false;
  std::shared_ptr<BlockPool> pool = std::make_shared<BlockPool>();  // for the memory of the chunks
};

inline TaskOptions task_options(const ReadOptions& options, std::shared_ptr<BlockPool> pool) {
  return {.max_block_bytes = options.max_block_bytes.value_or(SIZE_MAX),
          .ignore_errors = options.ignore_errors,
          .pool = std::move(pool)};
}

// Keeps codec, columns and scratch from unit to unit. For one thread at a time.
class BlockTask {
 public:
  // `pass` outlives the task.
  BlockTask(TaskOptions options, Pass& pass) : options_(std::move(options)), pass_(pass) {}

  // The unit outlives its decoding. Its list of blocks may grow (container/swallowed.h).
  struct Input {
    std::shared_ptr<const FileContext> file;
    std::shared_ptr<const Plan> plan;
    std::string codec;
    Unit* unit = nullptr;
    size_t first_block = 0;            // of the unit's blocks, the first to be read
    size_t max_chunk_rows = SIZE_MAX;  // most rows of a chunk
  };
  void start(Input input);

  // The next rows of the unit, at most `most_rows` (> 0), and its damage. Returns false when there is nothing left.
  // Throws std::bad_alloc.
  bool next(size_t most_rows, Piece& piece);

  // Whether the last piece ended within a block.
  [[nodiscard]] bool in_block() const { return in_block_; }
  // After the last piece: the first block that was left to another pass (Pass::leaves_unsound_blocks).
  [[nodiscard]] std::optional<size_t> block_left() const { return block_left_; }

 private:
  void use_plan(const std::shared_ptr<const Plan>& plan);
  [[nodiscard]] bool wants_more(const Piece& piece);
  bool open_block(Piece& piece);
  void decode_step(Piece& piece);
  void stop_bad_row(Piece& piece, const Decoder::Result& result);
  bool may_skip_row(Status status, const RecordPlace& place);
  void skip_row(Piece& piece, const Decoder::Result& result, const RecordPlace& place);
  void report_skipped_rows(Piece& piece);
  void end_block(Piece& piece);
  void hand_over(Piece& piece);
  void make_room(size_t tried_rows);
  void restart_block();
  void leave_block();
  void stop_block(Piece& piece, BadBlock damage);
  void stop_damaged_block(Piece& piece, BadBlock damage);

  const TaskOptions options_;
  Pass& pass_;
  std::shared_ptr<const FileContext> file_;
  Unit* unit_ = nullptr;
  std::string codec_name_;
  std::unique_ptr<Codec> codec_;
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<ColumnSet> columns_;
  std::optional<Decoder> decoder_;
  ChunkSize size_;

  size_t next_block_ = 0;
  uint64_t rows_after_ = 0;  // claimed by the blocks from next_block_ on, each at most one chunk
  PlainBlock block_;         // the block at hand, if in_block_
  bool in_block_ = false;
  bool is_stopped_ = false;     // nothing more of the unit is read
  bool chunk_is_full_ = false;  // the next rows do not fit into the memory of the chunk
  std::optional<size_t> block_left_;
};

}  // namespace jetliner
