// Runs an encode plan over rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_buffer.h"
#include "encode/bound_ops.h"
#include "encode/cells.h"
#include "encode/plan.h"
#include "input/input_columns.h"
#include "jetliner/error.h"

namespace jetliner {

// Rows in Avro's binary encoding.
struct PlainRows {
  ByteBuffer bytes;
  std::vector<size_t> ends;  // of each row, in bytes

  void clear() {
    bytes.clear();
    ends.clear();
  }
};

// For one thread at a time. Several may share a plan.
class Encoder {
 public:
  explicit Encoder(const EncodePlan& plan) : plan_(plan), symbols_of_(plan.num_slots) {}

  // Appends the rows of a batch from `begin` on, up to `end`, or to the first row by which `rows` has `most_bytes`.
  // Returns the row after the last one. `first_row`: the number of row 0 of the batch, for errors. Throws Error
  // (kEncode) for a value that does not fit; `rows` is of no use then.
  size_t encode(const InputBatch& batch, size_t begin, size_t end, size_t most_bytes, uint64_t first_row,
                PlainRows& rows);

 private:
  void bind(const InputBatch& batch);
  void fill_cells(size_t begin, size_t end);
  uint8_t* put_row(size_t i, uint8_t* p);
  uint8_t* put_cells(const RowPart& part, size_t i, uint8_t* p);
  // Runs the operations for each index in turn.
  uint8_t* run(BoundOps ops, size_t begin, size_t end, uint8_t* p);
  uint8_t* rare(const EncodeOp& op, const InputColumn& column, size_t i, uint8_t* p);
  uint8_t* put_null(const BoundOp& op, uint8_t* p);
  uint8_t* put_text(ByteSpan text, uint8_t* p);
  uint8_t* put_fixed(const EncodeOp& op, ByteSpan bytes, uint8_t* p);
  uint8_t* put_decimal(const EncodeOp& op, ByteSpan big_endian, uint8_t* p);
  uint8_t* put_items(const BoundOp& op, size_t i, uint8_t* p);
  uint8_t* put_union(const BoundOp& op, size_t i, uint8_t* p);
  uint8_t* put_symbol(const EncodeOp& op, const InputColumn& column, size_t i, uint8_t* p);
  // Makes room for `bytes` more at `p`, and returns where that is now.
  uint8_t* room(size_t bytes, uint8_t* p) { return bytes <= static_cast<size_t>(limit_ - p) ? p : grow(bytes, p); }
  uint8_t* grow(size_t bytes, uint8_t* p);

  const EncodePlan& plan_;
  // Of the batch at hand:
  uint64_t batch_id_ = 0;
  BoundPlan bound_;
  std::vector<RowPart> parts_;  // of a row
  size_t cell_rows_ = 0;        // rows that have cells at the same time
  size_t cells_begin_ = 0;      // the first one
  const InputColumn* columns_ = nullptr;
  // EncodeOp::slot: for each index of a dictionary, Avro's symbol.
  std::vector<std::vector<int32_t>> symbols_of_;
  // Where the bytes go:
  ByteBuffer* out_ = nullptr;
  const uint8_t* limit_ = nullptr;
};

// An error of a value. Its place lacks the row.
[[noreturn]] void throw_value_error(const EncodeOp& op, ErrorVariant variant, const std::string& message);

}  // namespace jetliner
