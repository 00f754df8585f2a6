// Rows are written one after the other, and in a row one operation after the other: that is the order of Avro's
// encoding. So each value is written once, at its place, and blocks can end after any row.
//
// `p` is the place of the next byte. Before each operation there is room for its branch and any scalar. What takes more
// (text, fixed, items) makes room itself.
#include "encode/encoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "encode/numbers.h"
#include "encode/put.h"

namespace jetliner {
namespace {

// Cells of the rows at hand, in all: they stay in the second cache. Each column's loop is then long enough for the
// processor to fetch what comes next in time.
constexpr size_t kCellsBytes = 128 << 10;

// Copies `n` bytes. Values are short: a few loads and stores that overlap are faster than a call.
inline void copy_short(uint8_t* to, const uint8_t* from, size_t n) {
  const auto copy_ends = [&]<typename Word>(Word) {
    Word head;
    Word tail;
    std::memcpy(&head, from, sizeof head);
    std::memcpy(&tail, from + n - sizeof tail, sizeof tail);
    std::memcpy(to, &head, sizeof head);
    std::memcpy(to + n - sizeof tail, &tail, sizeof tail);
  };
  using Words = std::array<uint64_t, 2>;
  if (n > 2 * sizeof(Words)) {
    std::memcpy(to, from, n);
  } else if (n >= sizeof(Words)) {
    copy_ends(Words{});
  } else if (n >= sizeof(uint64_t)) {
    copy_ends(uint64_t{});
  } else if (n >= sizeof(uint32_t)) {
    copy_ends(uint32_t{});
  } else if (n > 0) {
    to[0] = from[0];
    to[n / 2] = from[n / 2];
    to[n - 1] = from[n - 1];
  }
}

inline uint8_t* put_short(const ShortLong& number, uint8_t* p) {
  std::memcpy(p, number.bytes.data(), number.bytes.size());
  return p + number.size;
}

void check_not_null(const BoundOp& op, const InputColumn& column, ItemRange items, const char* message) {
  for (size_t i = items.begin; column.validity != nullptr && i < items.end; ++i) {
    if (!column.is_valid(i)) throw_value_error(*op.op, ErrorVariant::kNullValue, message);
  }
}

}  // namespace

void throw_value_error(const EncodeOp& op, ErrorVariant variant, const std::string& message) {
  throw Error(ErrorKind::kEncode, variant, message, {.context = op.field});
}

size_t Encoder::encode(const InputBatch& batch, size_t begin, size_t end, size_t most_bytes, uint64_t first_row,
                       PlainRows& rows) {
  if (batch.id() != batch_id_) bind(batch);
  out_ = &rows.bytes;
  size_t i = begin;
  try {
    uint8_t* p = out_->room(kOpRoom);
    limit_ = p + (out_->capacity() - out_->size());
    while (i < end) {
      if ((i - begin) % cell_rows_ == 0) fill_cells(i, std::min(i + cell_rows_, end));
      p = put_row(i, p);
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

void Encoder::bind(const InputBatch& batch) {
  batch_id_ = batch.id();
  columns_ = batch.columns().data();
  bound_.bind(plan_, batch);
  for (std::vector<int32_t>& symbols : symbols_of_) symbols.clear();
  parts_ = row_parts(bound_.rows());
  size_t width = 1;
  for (const RowPart& part : parts_) width += part.in_cells ? part.width() : 0;
  cell_rows_ = std::clamp<size_t>(kCellsBytes / (width * sizeof(Cell)), 16, 1024);
}

void Encoder::fill_cells(size_t begin, size_t end) {
  cells_begin_ = begin;
  for (RowPart& part : parts_) {
    if (part.in_cells) jetliner::fill_cells(part, begin, end);
  }
}

uint8_t* Encoder::put_row(size_t i, uint8_t* p) {
  for (const RowPart& part : parts_) p = part.in_cells ? put_cells(part, i, p) : run(part.ops, i, i + 1, p);
  return p;
}

uint8_t* Encoder::put_cells(const RowPart& part, size_t i, uint8_t* p) {
  const size_t width = part.width();
  const Cell* const cells = part.cells.data() + (i - cells_begin_) * width;
  p = room(width * sizeof(Cell), p);
  for (size_t column = 0; column < width; ++column) {
    const Cell cell = cells[column];
    std::memcpy(p, &cell, sizeof cell);
    if (cell.size() != kNoCell) {
      p += cell.size();
    } else {
      const BoundOp* const op = part.ops.begin + column;
      p = room((width - column) * sizeof(Cell), run({op, op + 1}, i, i + 1, p));
    }
  }
  return p;
}

uint8_t* Encoder::grow(size_t bytes, uint8_t* p) {
  const auto used = static_cast<size_t>(p - out_->data());
  out_->add_size(used - out_->size());
  uint8_t* const grown = out_->room(bytes);
  limit_ = grown + (out_->capacity() - out_->size());
  return grown;
}

uint8_t* Encoder::run(BoundOps ops, size_t begin, size_t end, uint8_t* p) {
  if (ops.begin == ops.end) return p;
  for (size_t i = begin; i < end; ++i) {
    p = room(ops.begin->room, p);
    for (const BoundOp* op = ops.begin; op != ops.end; ++op) {
      if (op->is_null(i)) {
        p = put_null(*op, p);
        continue;
      }
      p = put_short(op->branch, p);
      const auto put_bytes = [&](const uint8_t* from, size_t n) {
        fetch_ahead(from);
        p = room(n + op->room, p);
        p = put_long(p, static_cast<int64_t>(n));
        copy_short(p, from, n);
        p += n;
      };
      switch (op->code) {
        case EncodeCode::kNull:
          p = put_null(*op, p);
          break;
        case EncodeCode::kBoolean:
          *p++ = op->boolean(i) ? 1 : 0;
          break;
        case EncodeCode::kVarintInt32:
          p = put_long(p, op->value<int32_t>(i));
          break;
        case EncodeCode::kVarintInt64:
          p = put_long(p, op->value<int64_t>(i));
          break;
        case EncodeCode::kFloat32:
          p = put_little_endian(p, op->value<uint32_t>(i));
          break;
        case EncodeCode::kFloat64:
          p = put_little_endian(p, op->value<uint64_t>(i));
          break;
        case EncodeCode::kBytesViews: {
          const uint8_t* const view = op->values + kViewBytes * i;
          const ViewParts parts = read_view(view);
          fetch_ahead(view);
          if (parts.inline_bytes != nullptr) {
            *p = static_cast<uint8_t>(parts.length << 1);  // as a long
            std::memcpy(p + 1, parts.inline_bytes, kMaxInlineBytes);
            p += 1 + parts.length;
          } else {
            const auto* const text = static_cast<const uint8_t*>(op->heaps[parts.heap_index]) + parts.heap_offset;
            put_bytes(text, parts.length);
          }
          break;
        }
        case EncodeCode::kBytesOffsets32: {
          const ItemRange bytes = op->between<int32_t>(i);
          put_bytes(op->values + bytes.begin, bytes.end - bytes.begin);
          break;
        }
        case EncodeCode::kBytesOffsets64: {
          const ItemRange bytes = op->between<int64_t>(i);
          put_bytes(op->values + bytes.begin, bytes.end - bytes.begin);
          break;
        }
        case EncodeCode::kRecord:
          p = room(op->room, run(op->below, i, i + 1, p));
          break;
        case EncodeCode::kArray:
        case EncodeCode::kMap:
          p = room(op->room, put_items(*op, i, p));
          break;
        case EncodeCode::kUnion:
          p = room(op->room, put_union(*op, i, p));
          break;
        default:
          p = room(op->room, rare(*op->op, *op->column, i, p));
          break;
      }
    }
  }
  return p;
}

uint8_t* Encoder::put_null(const BoundOp& op, uint8_t* p) {
  if (op.null.size == 0) {
    throw_value_error(*op.op, ErrorVariant::kNullValue,
                      R"(null, where the schema admits none: make the type a union with null, ["null", T], )"
                      "or fill the nulls");
  }
  return put_short(op.null, p);
}

uint8_t* Encoder::put_text(ByteSpan text, uint8_t* p) {
  p = room(text.size() + kOpRoom, p);
  p = put_long(p, static_cast<int64_t>(text.size()));
  if (!text.empty()) std::memcpy(p, text.data(), text.size());
  return p + text.size();
}

// Items in one block: their number, the items, and 0. There is no block where there are none.
uint8_t* Encoder::put_items(const BoundOp& op, size_t i, uint8_t* p) {
  const ItemRange items = op.items(i);
  if (items.end > items.begin) p = put_long(p, static_cast<int64_t>(items.end - items.begin));
  if (op.code == EncodeCode::kMap) {
    const InputColumn& entries = columns_[op.op->type->children[0].column];
    const InputColumn& keys = columns_[op.op->below[0].column];
    check_not_null(op, entries, items, "an entry of a map is null");
    check_not_null(op, keys, items, "a key of a map is null, which Avro does not admit");
  }
  p = room(1, run(op.below, items.begin, items.end, p));
  *p = 0;
  return p + 1;
}

// The one field that is set tells the branch. Where none is, the value is null.
uint8_t* Encoder::put_union(const BoundOp& op, size_t i, uint8_t* p) {
  const BoundOp* set = nullptr;
  for (const BoundOp* branch = op.below.begin; branch != op.below.end; ++branch) {
    if (branch->code == EncodeCode::kNull || branch->is_null(i)) continue;
    if (set != nullptr) {
      throw_value_error(*op.op, ErrorVariant::kInvalidData,
                        "more than one field is set of a struct that stands for a union");
    }
    set = branch;
  }
  return set == nullptr ? put_null(op, p) : run({set, set + 1}, i, i + 1, p);
}

}  // namespace jetliner
