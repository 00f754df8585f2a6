// Rows are written one after the other, and in a row one operation after the other: that is the order of Avro's
// encoding. So each value is written once, at its place, and blocks can end after any row.
//
// `p` is the place of the next byte. Before each operation there is room for its branch and any scalar. What takes more
// (text, fixed, items) makes room itself.
#include "encode/encoder.h"

#include <cstring>

#include "encode/numbers.h"
#include "encode/put.h"

namespace jetliner {
namespace {

// Of an operation: a branch, a length, and a scalar.
constexpr size_t kOpRoom = 3 * kMostScalarBytes;

}  // namespace

void throw_value_error(const EncodeOp& op, ErrorVariant variant, const std::string& message) {
  throw Error(ErrorKind::kEncode, variant, message, {.context = op.field});
}

size_t Encoder::encode(const InputBatch& batch, size_t begin, size_t end, size_t most_bytes, uint64_t first_row,
                       PlainRows& rows) {
  columns_ = batch.columns().data();
  if (batch.id() != batch_id_) {
    batch_id_ = batch.id();
    for (std::vector<int32_t>& symbols : symbols_of_) symbols.clear();
  }
  out_ = &rows.bytes;
  size_t i = begin;
  try {
    const EncodeOp* const first = plan_.ops.data();
    const EncodeOp* const last = first + plan_.ops.size();
    uint8_t* p = out_->room(kOpRoom);
    limit_ = p + (out_->capacity() - out_->size());
    while (i < end) {
      p = run(first, last, i, p);
      ++i;
      const auto size = static_cast<size_t>(p - out_->data());
      rows.ends.push_back(size);
      if (size >= most_bytes) break;
    }
    out_->add_size(static_cast<size_t>(p - out_->data()) - out_->size());
  } catch (Error& error) {
    error.place().row_index = static_cast<int64_t>(first_row + i);
    throw;
  }
  return i;
}

uint8_t* Encoder::room(size_t bytes, uint8_t* p) {
  if (bytes <= static_cast<size_t>(limit_ - p)) return p;
  const auto used = static_cast<size_t>(p - out_->data());
  out_->add_size(used - out_->size());
  uint8_t* const grown = out_->room(bytes);
  limit_ = grown + (out_->capacity() - out_->size());
  return grown;
}

uint8_t* Encoder::run(const EncodeOp* op, const EncodeOp* last, size_t i, uint8_t* p) {
  for (; op != last; ++op) {
    if (static_cast<size_t>(limit_ - p) < kOpRoom) p = room(kOpRoom, p);
    const InputColumn& column = columns_[op->column];
    if (!column.is_valid(i)) {
      p = put_null(*op, p);
      continue;
    }
    if (op->value_branch != kNoBranch) p = put_long(p, op->value_branch);
    switch (op->code) {
      case EncodeCode::kBoolean:
        *p++ = column.boolean(i) ? 1 : 0;
        break;
      case EncodeCode::kVarintInt32:
        p = put_long(p, column.value<int32_t>(i));
        break;
      case EncodeCode::kVarintInt64:
        p = put_long(p, column.value<int64_t>(i));
        break;
      case EncodeCode::kFloat32:
        p = put_little_endian(p, column.value<uint32_t>(i));
        break;
      case EncodeCode::kFloat64:
        p = put_little_endian(p, column.value<uint64_t>(i));
        break;
      case EncodeCode::kBytesViews:
        p = put_text(column.view(i), p);
        break;
      case EncodeCode::kBytesOffsets32:
        p = put_text(column.between<int32_t>(i), p);
        break;
      case EncodeCode::kBytesOffsets64:
        p = put_text(column.between<int64_t>(i), p);
        break;
      case EncodeCode::kRecord:
        p = run(op->below.data(), op->below.data() + op->below.size(), i, p);
        break;
      case EncodeCode::kArray:
        p = put_array(*op, column, i, p);
        break;
      default:
        p = rare(*op, column, i, p);
        break;
    }
  }
  return p;
}

uint8_t* Encoder::put_null(const EncodeOp& op, uint8_t* p) {
  if (op.null_branch == kNoBranch) {
    throw_value_error(op, ErrorVariant::kNullValue, "null, where the schema admits none");
  }
  return put_long(p, op.null_branch);
}

uint8_t* Encoder::put_text(ByteSpan text, uint8_t* p) {
  p = room(text.size() + kOpRoom, p);
  p = put_long(p, static_cast<int64_t>(text.size()));
  if (!text.empty()) std::memcpy(p, text.data(), text.size());
  return p + text.size();
}

// Items in one block: their number, the items, and 0. There is no block where there are none.
uint8_t* Encoder::put_array(const EncodeOp& op, const InputColumn& column, size_t i, uint8_t* p) {
  const ItemRange items = items_of(*op.type, column, i);
  if (items.end > items.begin) p = put_long(p, static_cast<int64_t>(items.end - items.begin));
  const EncodeOp* const item = op.below.data();
  for (size_t place = items.begin; place < items.end; ++place) p = run(item, item + 1, place, p);
  p = room(1, p);
  *p = 0;
  return p + 1;
}

}  // namespace jetliner
