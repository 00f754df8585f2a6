// Runs a plan over the plain data of blocks and appends rows to columns.
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

// Items of arrays and maps may take no bytes (nulls, records without fields), so that their number is not bounded by
// the data. A block may have so many of them, which is as much for any number of threads; wide ones count for more, one
// for every 16 bytes of their columns.
constexpr uint64_t max_empty_items(size_t block_bytes) {
  constexpr uint64_t kFirstItems = 1 << 16;
  constexpr uint64_t kPerByte = 64;
  constexpr uint64_t kMost = 1 << 22;
  return block_bytes < kMost / kPerByte ? kFirstItems + block_bytes * kPerByte : kMost + kFirstItems;
}

class Decoder {
 public:
  // Both outlive the decoder.
  Decoder(const Plan& plan, ColumnSet& columns);

  struct Result {
    size_t rows = 0;                 // appended; whole ones only
    const uint8_t* next = nullptr;   // where the row after them starts
    Status status = Status::kOk;     // why fewer rows than asked for were appended
    uint32_t op = 0;                 // the operation that failed
    const uint8_t* where = nullptr;  // near to what was wrong
  };

  // To be called when another block's data, of so many bytes, begins.
  void start_block(size_t bytes);

  // Where to note the start of each row that is decoded from now on, by its number among the columns' rows, the first
  // that fails included. For a plan that notes_row_starts; before decode(), which needs room for its rows.
  void note_row_starts(const uint8_t** row_starts) { row_starts_ = row_starts; }

  // Appends `n` rows from [p, end) to the columns, which have room for them (ColumnSet::reserve). kSlackBytes after
  // `end` are readable. After a failure the columns hold the rows before the bad one, and nothing of it; but where the
  // columns cannot grow (kMemory), which may be due to all of the rows together, none of the `n`.
  Result decode(const uint8_t* p, const uint8_t* end, size_t n);

 private:
  // A list whose items are being read; what to go on with after it.
  struct OpenList {
    const Op* op = nullptr;
    const Op* body = nullptr;
    size_t row = 0;
    size_t last = 0;
    const uint8_t* block_end = nullptr;  // of the present block of items, where its size in bytes was given
  };

  // The interpreter, compiled for several kinds of processors; the choice is made once.
  using Run = const uint8_t* (*)(Decoder& self, const uint8_t* p, size_t row, size_t n);
  static Run best_run();
  static const uint8_t* run_portable(Decoder& self, const uint8_t* p, size_t row, size_t n);
  static const uint8_t* run_bmi2(Decoder& self, const uint8_t* p, size_t row, size_t n);
  template <typename Bits>
  const uint8_t* interpret(const uint8_t* p, size_t row, size_t n);

  // Each reads or writes one thing; nullptr, or false, after fail() or where the caller is to fail.
  const uint8_t* block_head(OpenList* list, const uint8_t* p, uint64_t* count);
  const uint8_t* long_block_head(OpenList* list, const uint8_t* p, uint64_t* count);
  static int branch(const Op* op, const uint8_t** p);
  template <bool kUtf8>
  bool write_view(ColumnData& column, uint32_t index, size_t row, const uint8_t* p, size_t n);
  void write_other_branches(const UnionTable& table, const UnionTable::Branch& taken, size_t row);
  const uint8_t* read_decimal(const Op* op, const uint8_t* p, size_t n, size_t row);
  const uint8_t* read_decimal_text(const Op* op, const uint8_t* p, size_t n, size_t row);
  const uint8_t* read_big_decimal(const Op* op, const uint8_t* p, size_t n, size_t row);
  const uint8_t* read_uuid(const Op* op, const uint8_t* p, size_t row);
  const uint8_t* read_duration_micros(const Op* op, const uint8_t* p, size_t row);
  const uint8_t* read_replaced_string(const Op* op, const uint8_t* p, size_t n, size_t row);
  const uint8_t* read_json(const Op* op, const uint8_t* p, size_t row);
  const uint8_t* skip_node(const Op* op, const uint8_t* p);
  // resolve_ops.cc:
  const uint8_t* write_default(const Op* op, const uint8_t* p, size_t row);
  const uint8_t* read_resolved_json(const Op* op, const uint8_t* p, size_t row);
  void write_text(uint32_t column, size_t row);

  const uint8_t* fail(Status status, const Op* op, const uint8_t* p);
  const uint8_t* give_up(size_t row, const OpenList* innermost);

  const Plan& plan_;
  ColumnSet& columns_;
  const Op* ops_;
  ColumnData* data_;
  Run run_ = best_run();
  const uint8_t* end_ = nullptr;
  const uint8_t** row_starts_ = nullptr;
  std::vector<OpenList> lists_;
  std::vector<std::unique_ptr<Decoder>> defaults_;  // for each of Plan::defaults, once it was needed
  uint64_t empty_items_left_ = 0;                   // that this block may have
  size_t json_bytes_left_ = 0;                      // that the values of this block may take
  std::string text_;                                // scratch
  std::vector<uint8_t> transcoded_;                 // scratch

  // After a failure.
  Status status_ = Status::kOk;
  const Op* failed_op_ = nullptr;
  const uint8_t* where_ = nullptr;
  size_t failed_row_ = 0;
};

}  // namespace jetliner
