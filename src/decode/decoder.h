// The decoder: runs a plan over the plain data of blocks and appends rows to columns.
//
// The problem. Every value of every row passes here, a few nanoseconds each. Data has no structure of its own: the
// schema tells what comes next. Asking the schema for each value would cost more than decoding it.
//
// The idea. All decisions about types are made once for a file: the compiler (plan/) turns the schema and the wanted
// columns into a flat list of operations. The interpreter runs this list for every row, with one `switch` per value. An
// operation reads bytes and stores a value at values[row] of its column. Nothing is called and nothing is allocated for
// an ordinary value; long or rare work is in functions of its own (rare_ops.cc, arrow_logical.cc, resolve_ops.cc).
//
// Lists are not a recursion. The items of a list are rows of a scope of their own (column/column_set.h). A list
// operation pushes an entry on a stack and sets the row, the last row and the first operation to those of the items;
// the end of the items pops it. So `row` always counts in the scope of the innermost open list.
//
// Bounds. Scalars are read without a check and may pass the end of the data, into the slack (base/bytes.h). The
// compiler places a check before a run of them could pass the slack; lengths and the ends of rows and items are checked
// as well. So a wrong value near the end may in truth be bytes from behind the end: a failure is then reported as kEnd
// (cut_or).
//
// Invariants:
// - A row is complete or absent. After a failure the columns are cut back to the rows before it.
// - Columns of a scope have the same number of rows, because a null struct writes null to all its fields.
// - Validity bits are 1 and boolean bits are 0 where nothing was written. So a value that is present writes no validity
// bit.
// - A count, length or size from the data is compared with the bytes that are left before memory is taken for it. Items
//   that take no bytes have a limit for each block (max_empty_items), and so does JSON text (max_json_bytes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "column/column_set.h"
#include "decode/status.h"
#include "plan/plan.h"

namespace jetliner {

// Most items without bytes in a block. Items of arrays and maps may take no bytes (nulls, records without fields), so
// the size of the data does not limit their number. Wide items count more: once for every 16 bytes of their columns.
// The limit is for each block, so that it does not depend on the number of threads.
constexpr uint64_t max_empty_items(size_t block_bytes) {
  constexpr uint64_t kFirstItems = 1 << 16;
  constexpr uint64_t kPerByte = 64;
  constexpr uint64_t kMost = 1 << 22;
  return block_bytes < kMost / kPerByte ? kFirstItems + block_bytes * kPerByte : kMost + kFirstItems;
}

class Decoder {
 public:
  // Both must outlive the decoder.
  Decoder(const Plan& plan, ColumnSet& columns);

  struct Result {
    size_t rows = 0;                // rows appended; all are whole
    const uint8_t* next = nullptr;  // for kOk: the byte after them
    Status status = Status::kOk;    // else the reason why rows are missing
    // After a failure:
    uint32_t op = 0;                 // the operation that failed
    const uint8_t* where = nullptr;  // near the wrong bytes
  };

  // Call it before the first rows of each block. `bytes`: size of the block's plain data. Resets the limits of a block.
  void start_block(size_t bytes);

  // An array in which decode() notes where each row starts, by the row's index in the columns. It has room for all
  // rows, and the row that fails is noted as well. For plans with notes_row_starts.
  void note_row_starts(const uint8_t** row_starts) { row_starts_ = row_starts; }

  // Appends `n` rows from [p, end) to the columns, which have room for them (ColumnSet::reserve). kSlackBytes after
  // `end` are readable. After a failure the columns hold the rows before the bad one. Exception: where there is no
  // memory (kMemory) none of the `n` rows is kept, since all of them together may have needed too much.
  Result decode(const uint8_t* p, const uint8_t* end, size_t n);

 private:
  // A list whose items are being read, and the state of the interpreter to return to after it.
  struct OpenList {
    const Op* op = nullptr;    // of the list
    const Op* body = nullptr;  // the enclosing row or item: its first operation, its row, and the row to end at
    size_t row = 0;
    size_t last = 0;
    const uint8_t* block_end = nullptr;  // end of the current block of items by its size in bytes, if it has one
  };

  // The interpreter is compiled for several processors, and once more for plans that read invalid values as null. What
  // such a plan needs would take registers from the hot operations of others. The choice is made once.
  using Run = const uint8_t* (*)(Decoder& self, const uint8_t* p, size_t row, size_t n);
  static Run best_run(const Plan& plan);
  static const uint8_t* run_portable(Decoder& self, const uint8_t* p, size_t row, size_t n);
  static const uint8_t* run_nulling_invalid(Decoder& self, const uint8_t* p, size_t row, size_t n);
  static const uint8_t* run_bmi2(Decoder& self, const uint8_t* p, size_t row, size_t n);
  template <typename Bits, bool kNullsInvalid>
  const uint8_t* interpret(const uint8_t* p, size_t row, size_t n);

  // These return the byte after what they read, or nullptr after fail(). Two differ: branch() returns -1 for an invalid
  // branch, and write_view() false for invalid UTF-8; the caller fails then.
  const uint8_t* block_head(OpenList* list, const uint8_t* p, uint64_t* count);
  const uint8_t* long_block_head(OpenList* list, const uint8_t* p, uint64_t* count);
  static int branch(const Op* op, const uint8_t** p);
  template <bool kUtf8>
  bool write_view(ColumnData& column, uint32_t index, size_t row, const uint8_t* p, size_t n);
  void write_other_branches(const UnionTable& table, const UnionTable::Branch& taken, size_t row);
  void write_text(uint32_t column, size_t row);
  // rare_ops.cc:
  const uint8_t* read_decimal(const Op* op, const uint8_t* p, size_t n, size_t row);
  const uint8_t* read_decimal_text(const Op* op, const uint8_t* p, size_t n, size_t row);
  const uint8_t* read_big_decimal(const Op* op, const uint8_t* p, size_t n, size_t row);
  const uint8_t* read_uuid(const Op* op, const uint8_t* p, size_t row);
  const uint8_t* read_duration_micros(const Op* op, const uint8_t* p, size_t row);
  const uint8_t* read_replaced_string(const Op* op, const uint8_t* p, size_t n, size_t row);
  const uint8_t* invalid(Status status, const Op* op, const uint8_t* p, const uint8_t* next, size_t row);
  const uint8_t* invalid_scalar(Status status, const Op* op, const uint8_t* p, size_t row);
  const uint8_t* read_json(const Op* op, const uint8_t* p, size_t row);
  const uint8_t* skip_node(const Op* op, const uint8_t* p);
  // arrow_logical.cc:
  const uint8_t* read_arrow(const Op* op, const uint8_t* p, size_t row);
  void store_arrow(const Op* op, int64_t number, size_t row);
  // resolve_ops.cc:
  const uint8_t* write_default(const Op* op, const uint8_t* p, size_t row);
  const uint8_t* read_resolved_json(const Op* op, const uint8_t* p, size_t row);

  const uint8_t* fail(Status status, const Op* op, const uint8_t* p);
  const uint8_t* give_up(size_t row, size_t lists);
  void leave_lists();

  const Plan& plan_;
  ColumnSet& columns_;
  const Op* ops_;
  ColumnData* data_;
  Run run_;
  const uint8_t* end_ = nullptr;
  const uint8_t** row_starts_ = nullptr;
  std::vector<OpenList> lists_;                     // the stack of open lists; the first entry stands for no list
  std::vector<std::unique_ptr<Decoder>> defaults_;  // decoders of Plan::defaults, made when they are needed
  uint64_t empty_items_left_ = 0;                   // limits of this block
  size_t json_bytes_left_ = 0;
  std::string text_;                 // scratch
  std::vector<uint8_t> transcoded_;  // scratch

  // After a failure.
  Status status_ = Status::kOk;
  const Op* failed_op_ = nullptr;
  const uint8_t* where_ = nullptr;
  size_t failed_row_ = 0;
  size_t failed_lists_ = 0;  // open ones
};

}  // namespace jetliner
