// The interpreter. decoder.h explains it. This file is long on purpose: the switch and the code that it inlines stand
// together, for the compiler and for the reader of a profile.
//
// Two files include it. The interpreter for invalid values (nulling_decoder.cc) is apart from the usual ones
// (decoder.cc): in one file, GCC 12 inlines less into each, and spills registers in the hot cases.
#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/utf8.h"
#include "decode/decoder.h"
#include "decode/items_head.h"
#include "decode/scan.h"
#include "decode/view.h"

namespace jetliner {
namespace {

constexpr int64_t kMillisPerDay = 86'400'000;
constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr int64_t kNanosPerMicro = 1'000;
constexpr int64_t kNanosPerMilli = 1'000'000;

inline void store_zero_16(const ColumnData& column, size_t row) { std::memset(column.values + row * 16, 0, 16); }

inline bool fits_int(uint64_t zigzag, const uint8_t* start, const uint8_t* next) {
  return zigzag <= UINT32_MAX && next - start <= static_cast<std::ptrdiff_t>(kMaxIntBytes);
}

// The status to report for a scalar at `p`. Scalars are read without a bounds check. If the scalar passes the end of
// the data, it was found wrong because of bytes that do not belong to it. Then the fault is the end of the data.
Status cut_or(Status status, const uint8_t* p, const uint8_t* end) {
  switch (status) {
    case Status::kBoolean:
      return p < end ? status : Status::kEnd;
    case Status::kVarintTooLong:
      return is_cut_varint(p, end) ? Status::kEnd : varint_fault(p);
    case Status::kIntTooLarge:
    case Status::kEnumIndex:
    case Status::kUnknownSymbol:
    case Status::kBranchIndex:
    case Status::kTimeOfDay:
      return is_cut_varint(p, end) ? Status::kEnd : status;
    case Status::kDuration:
      return end - p < 12 ? Status::kEnd : status;
    default:
      return status;
  }
}

// Returns the byte after a varint. On failure nullptr and *status.
template <typename Bits>
inline const uint8_t* skip_varint(const uint8_t* p, const uint8_t* end, Status* status) {
  uint64_t ignored = 0;
  const uint8_t* const next = scan_varint<Bits>(p, &ignored);
  if (next == nullptr) [[unlikely]] {
    *status = cut_or(Status::kVarintTooLong, p, end);
    return nullptr;
  }
  return next;
}

// Returns the byte after the n-th varint. Looks at a window of bytes at a time.
template <typename Bits>
inline const uint8_t* skip_varints(const uint8_t* p, const uint8_t* end, uint32_t n, Status* status) {
  while (n > 1 && p <= end) {
    const uint64_t stops = stop_bits(p);
    const auto found = static_cast<uint32_t>(std::popcount(stops));
    // Long varints are skipped one by one, since they may be too long.
    if (has_long_varint(stops) || found == 0) [[unlikely]] {
      p = skip_varint<Bits>(p, end, status);
      if (p == nullptr) return nullptr;
      --n;
      continue;
    }
    const uint32_t passed = std::min(found, n);
    p += Bits::nth_bit(stops, passed) + 1;
    n -= passed;
  }
  if (n == 1 && p <= end) p = skip_varint<Bits>(p, end, status);
  if (p == nullptr || p <= end) return p;
  *status = Status::kEnd;
  return nullptr;
}

}  // namespace

template <bool kUtf8>
[[gnu::always_inline]] inline bool Decoder::write_view(ColumnData& column, uint32_t index, size_t row, const uint8_t* p,
                                                       size_t n) {
  uint8_t* const view = column.values + row * kViewBytes;
  if (n <= kMaxInlineBytes) {
    const bool ascii = write_inline_view(view, p, n);
    return !kUtf8 || ascii || valid_utf8_rest(p, n);
  }
  if (static_cast<size_t>(column.heap_end - column.heap) < heap_bytes(n)) [[unlikely]]
    columns_.grow_heap(index, heap_bytes(n));
  const bool ascii = copy_checking_ascii(column.heap, p, n);
  write_heap_view(view, p, n, column.heap_index, static_cast<size_t>(column.heap - column.heap_begin));
  column.heap += n;
  return !kUtf8 || ascii || valid_utf8_rest(p, n);
}

// The branch of a union of null and another type: 0 for null, 1 for a value, -1 for an invalid branch.
inline int Decoder::branch(const Op* op, const uint8_t** p) {
  const uint8_t null_byte = branch_byte(op->null_branch);
  const uint8_t byte = **p;
  if ((byte | 2) == 2) [[likely]] {
    ++*p;
    return byte != null_byte;
  }
  uint64_t index = 0;  // zig-zag
  const uint8_t* const next = scan_varint(*p, &index);
  if (next == nullptr || (index | 2) != 2) return -1;
  *p = next;
  return index != null_byte;
}

// Macros of the interpreter. They use its variables: `op`, `p`, `end`, `row`, `list` and `data`.

// The cases of an operation and of its nullable twin. The twin reads the branch. For null it runs `on_null`; for a
// value it falls through to the plain operation.
#define JETLINER_CASE(name, on_null)    \
  case OpCode::kNullable##name: {       \
    const int present = branch(op, &p); \
    if (present <= 0) {                 \
      if (present < 0) [[unlikely]] {   \
        FAIL(Status::kBranchIndex);     \
      }                                 \
      on_null;                          \
      break;                            \
    }                                   \
  }                                     \
    [[fallthrough]];                    \
  case OpCode::k##name
// For `on_null`: the row becomes null. `zero` writes its place in the values, as Arrow's consumers may look at it.
#define WRITE_NULL(zero)                   \
  {                                        \
    ColumnData& column = data[op->column]; \
    clear_bit(column.validity, row);       \
    zero;                                  \
  }
// Ends the interpreter after fail(). Passes a number, not the pointer `list`: with the pointer, GCC 12 spills registers
// in the hot cases (7 % more instructions for a wide row).
#define GIVE_UP return give_up(row, static_cast<size_t>(list - lists_.data()))
#define FAIL(status)           \
  {                            \
    (void)fail(status, op, p); \
    GIVE_UP;                   \
  }
// The scalar at `p` is one that its column has no place for.
#define INVALID(status)                        \
  {                                            \
    if constexpr (kNullsInvalid) {             \
      CALL(invalid_scalar(status, op, p, row)) \
      break;                                   \
    } else {                                   \
      FAIL(status)                             \
    }                                          \
  }
// Declares `name`, the number at `p`, and `next`, the byte after it. `p` stays, for messages.
#define SCAN(scanner, type, name)                      \
  type name = 0;                                       \
  const uint8_t* const next = scanner<Bits>(p, &name); \
  if (next == nullptr) [[unlikely]]                    \
  FAIL(Status::kVarintTooLong)
// The same for an int; `name` is a long.
#define SCAN_INT(name)                      \
  SCAN(scan_varint, uint64_t, raw)          \
  if (!fits_int(raw, p, next)) [[unlikely]] \
    FAIL(Status::kIntTooLarge)              \
  const int64_t name = zigzag_decode(raw);
// Declares `name`, the length of what follows, and moves `p` past it. Compares it with the end of the data. That covers
// the scalars before it as well, which were read without a check.
#define SCAN_LENGTH(name)                                                                  \
  size_t name = 0;                                                                         \
  {                                                                                        \
    uint64_t raw = 0;                                                                      \
    const uint8_t* const after = scan_varint<Bits>(p, &raw);                               \
    if (after == nullptr) [[unlikely]]                                                     \
      FAIL(Status::kVarintTooLong)                                                         \
    /* Undoes the zig-zag of numbers >= 0. The sign bit makes negative ones very large. */ \
    name = std::rotr(raw, 1);                                                              \
    if (after > end || name > static_cast<size_t>(end - after)) [[unlikely]]               \
      FAIL(after > end ? Status::kEnd : Status::kLength)                                   \
    p = after;                                                                             \
  }
#define NEED(bytes)                                       \
  if (static_cast<int64_t>(bytes) > end - p) [[unlikely]] \
  FAIL(Status::kEnd)
// Passes over the fixed bytes that follow a skipped value.
#define SKIP_MORE \
  {               \
    NEED(op->b)   \
    p += op->b;   \
  }
// Rare or long work stands in functions, so that it takes no registers here.
#define CALL(function)             \
  {                                \
    p = function;                  \
    if (p == nullptr) [[unlikely]] \
      GIVE_UP;                     \
  }

// Decodes rows [row, row + n), n > 0. Returns the byte after the last row, or nullptr after fail() and give_up().
template <typename Bits, bool kNullsInvalid>
[[gnu::always_inline]] inline const uint8_t* Decoder::interpret(const uint8_t* p, size_t row, size_t n) {
  const uint8_t* const end = end_;
  const Op* const ops = ops_;
  ColumnData* const data = data_;
  OpenList* list = lists_.data();
  const Op* body = ops;  // the first operation of a row, or of an item
  const Op* op = body;
  for (size_t last = row + n;; ++op) {
    switch (op->code) {
      JETLINER_CASE(Boolean, WRITE_NULL({})) : {
        const uint8_t byte = *p;
        if (byte > 1) [[unlikely]]
          FAIL(Status::kBoolean)
        data[op->column].values[row >> 3] |= static_cast<uint8_t>(byte << (row & 7));
        ++p;
        break;
      }
      JETLINER_CASE(Int, WRITE_NULL(store<uint32_t>(column, row, 0))) : {
        SCAN(scan_varint, uint64_t, raw)
        if (!fits_int(raw, p, next)) [[unlikely]]
          FAIL(Status::kIntTooLarge)
        store(data[op->column], row, static_cast<int32_t>(zigzag_decode(raw)));
        p = next;
        break;
      }
      JETLINER_CASE(Long, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
        SCAN(scan_long, int64_t, value)
        store(data[op->column], row, value);
        p = next;
        break;
      }
      JETLINER_CASE(Float, WRITE_NULL(store<uint32_t>(column, row, 0))) : {
        store(data[op->column], row, load_le32(p));
        p += 4;
        break;
      }
      JETLINER_CASE(Double, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
        store(data[op->column], row, load_le64(p));
        p += 8;
        break;
      }
      JETLINER_CASE(String, WRITE_NULL(store_zero_16(column, row))) : {
        SCAN_LENGTH(length)
        if (length > kMaxViewBytes) [[unlikely]]
          FAIL(Status::kStringTooLong)
        if (!write_view<true>(data[op->column], op->column, row, p, length)) [[unlikely]] {
          FAIL(Status::kUtf8)
        }
        p += length;
        break;
      }
      JETLINER_CASE(ReplacedString, WRITE_NULL(store_zero_16(column, row))) : {
        SCAN_LENGTH(length)
        if (length > kMaxViewBytes) [[unlikely]]
          FAIL(Status::kStringTooLong)
        if (!write_view<true>(data[op->column], op->column, row, p, length)) [[unlikely]] {
          CALL(read_replaced_string(op, p, length, row))
          break;
        }
        p += length;
        break;
      }
      JETLINER_CASE(Bytes, WRITE_NULL(store_zero_16(column, row))) : {
        SCAN_LENGTH(length)
        if (length > kMaxViewBytes) [[unlikely]]
          FAIL(Status::kStringTooLong)
        write_view<false>(data[op->column], op->column, row, p, length);
        p += length;
        break;
      }
      JETLINER_CASE(Fixed, WRITE_NULL(store_zero_16(column, row))) : {
        NEED(op->a)
        if (op->a > kMaxViewBytes) [[unlikely]]
          FAIL(Status::kStringTooLong)
        write_view<false>(data[op->column], op->column, row, p, op->a);
        p += op->a;
        break;
      }
      JETLINER_CASE(Enum, WRITE_NULL(store<uint32_t>(column, row, 0))) : {
        SCAN(scan_varint, uint64_t, raw)
        const int64_t index = zigzag_decode(raw);
        if (index < 0 || index >= op->a) [[unlikely]]
          FAIL(Status::kEnumIndex)
        store(data[op->column], row, static_cast<uint32_t>(index));
        p = next;
        break;
      }
      JETLINER_CASE(EnumText, WRITE_NULL(store_zero_16(column, row))) : {
        SCAN(scan_varint, uint64_t, raw)
        const int64_t index = zigzag_decode(raw);
        if (index < 0 || index >= op->a) [[unlikely]]
          FAIL(Status::kEnumIndex)
        const SymbolView& view = plan_.symbol_views[op->b + static_cast<size_t>(index)];
        if (load_le32(view.data()) == kNoSymbolView) [[unlikely]]
          INVALID(Status::kUnknownSymbol)
        store(data[op->column], row, view);
        p = next;
        break;
      }
      JETLINER_CASE(TimeMillis, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
        SCAN(scan_long, int64_t, millis)
        if (millis < 0 || millis >= kMillisPerDay) [[unlikely]]
          INVALID(Status::kTimeOfDay)
        store(data[op->column], row, millis * kNanosPerMilli);
        p = next;
        break;
      }
      JETLINER_CASE(TimeMicros, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
        SCAN(scan_long, int64_t, micros)
        if (micros < 0 || micros >= kMicrosPerDay) [[unlikely]]
          INVALID(Status::kTimeOfDay)
        store(data[op->column], row, micros * kNanosPerMicro);
        p = next;
        break;
      }
      JETLINER_CASE(DecimalBytes, WRITE_NULL(store_zero_16(column, row))) : {
        SCAN_LENGTH(length)
        CALL(read_decimal(op, p, length, row))
        break;
      }
      JETLINER_CASE(DecimalFixed, WRITE_NULL(store_zero_16(column, row))) : {
        NEED(op->b)
        CALL(read_decimal(op, p, op->b, row))
        break;
      }
      JETLINER_CASE(TextBytes, WRITE_NULL(store_zero_16(column, row))) : {
        SCAN_LENGTH(length)
        CALL(read_decimal_text(op, p, length, row))
        break;
      }
      JETLINER_CASE(TextFixed, WRITE_NULL(store_zero_16(column, row))) : {
        NEED(op->b)
        CALL(read_decimal_text(op, p, op->b, row))
        break;
      }
      JETLINER_CASE(BigDecimal, WRITE_NULL(store_zero_16(column, row))) : {
        SCAN_LENGTH(length)
        CALL(read_big_decimal(op, p, length, row))
        break;
      }
      JETLINER_CASE(Uuid, WRITE_NULL(store_zero_16(column, row))) : {
        CALL(read_uuid(op, p, row))
        break;
      }
      JETLINER_CASE(Duration, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
        CALL(read_duration_micros(op, p, row))
        break;
      }
      JETLINER_CASE(Arrow, columns_.write_null(op->column, op->column + 1, row)) : {
        CALL(read_arrow(op, p, row))
        break;
      }
      JETLINER_CASE(SkipVarints, SKIP_MORE) : {
        Status status = Status::kOk;
        const uint8_t* const next = skip_varints<Bits>(p, end, op->a, &status);
        if (next == nullptr) [[unlikely]]
          FAIL(status)
        p = next;
        SKIP_MORE
        break;
      }
      JETLINER_CASE(SkipFixed, SKIP_MORE) : {
        NEED(op->a)
        p += op->a;
        SKIP_MORE
        break;
      }
      JETLINER_CASE(SkipBytes, SKIP_MORE) : {
        SCAN_LENGTH(length)
        p += length;
        SKIP_MORE
        break;
      }
      JETLINER_CASE(IntToLong, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
        SCAN_INT(value)
        store(data[op->column], row, value);
        p = next;
        break;
      }
      JETLINER_CASE(IntToFloat, WRITE_NULL(store<uint32_t>(column, row, 0))) : {
        SCAN_INT(value)
        store(data[op->column], row, static_cast<float>(value));
        p = next;
        break;
      }
      JETLINER_CASE(IntToDouble, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
        SCAN_INT(value)
        store(data[op->column], row, static_cast<double>(value));
        p = next;
        break;
      }
      JETLINER_CASE(LongToFloat, WRITE_NULL(store<uint32_t>(column, row, 0))) : {
        SCAN(scan_long, int64_t, value)
        store(data[op->column], row, static_cast<float>(value));
        p = next;
        break;
      }
      JETLINER_CASE(LongToDouble, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
        SCAN(scan_long, int64_t, value)
        store(data[op->column], row, static_cast<double>(value));
        p = next;
        break;
      }
      JETLINER_CASE(FloatToDouble, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
        store(data[op->column], row, static_cast<double>(std::bit_cast<float>(load_le32(p))));
        p += 4;
        break;
      }
      JETLINER_CASE(EnumMap, WRITE_NULL(store<uint32_t>(column, row, 0))) : {
        SCAN(scan_varint, uint64_t, raw)
        const int64_t index = zigzag_decode(raw);
        if (index < 0 || index >= op->a) [[unlikely]]
          FAIL(Status::kEnumIndex)
        const int32_t symbol = plan_.symbols[op->b + static_cast<size_t>(index)];
        if (symbol == kNoSymbol) [[unlikely]]
          INVALID(Status::kUnknownSymbol)
        store(data[op->column], row, symbol);
        p = next;
        break;
      }
      case OpCode::kNullable: {
        const int present = branch(op, &p);
        if (present < 0) [[unlikely]]
          FAIL(Status::kBranchIndex)
        if (present == 0) {
          columns_.write_null(op->column, op->a, row);
          op = ops + op->jump - 1;
        }
        break;
      }
      case OpCode::kBranch: {
        SCAN(scan_varint, uint64_t, raw)
        if (raw != 0 || op->a == 0) [[unlikely]]
          FAIL(Status::kBranchIndex)
        p = next;
        break;
      }
      case OpCode::kUnion: {
        SCAN(scan_varint, uint64_t, raw)
        const UnionTable& table = plan_.unions[op->a];
        const uint64_t index = std::rotr(raw, 1);
        if (index >= table.branches.size()) [[unlikely]]
          FAIL(Status::kBranchIndex)
        write_other_branches(table, table.branches[index], row);
        p = next;
        op = ops + table.branches[index].body - 1;
        break;
      }
      case OpCode::kJump:
        op = ops + op->jump - 1;
        break;
      case OpCode::kList:
      case OpCode::kMap:
        *++list = {.op = op, .body = body, .row = row, .last = last};
        goto next_items;
      case OpCode::kEndItem:
        NEED(0)
        if (++row < last) {
          op = body - 1;
          break;
        }
        columns_.scope(list->op->a).rows = last;
      next_items: {
        uint64_t count = 0;
        p = block_head(list, p, &count);
        if (p == nullptr) [[unlikely]]
          GIVE_UP;
        Scope& items = columns_.scope(list->op->a);
        if (count > 0) {
          if (count > items.capacity - items.rows) [[unlikely]]
            columns_.grow(list->op->a, count);
          row = items.rows;
          last = row + count;
          body = list->op + 1;
          op = body - 1;
          break;
        }
        row = list->row;
        last = list->last;
        body = list->body;
        store(data[list->op->column], row + 1, static_cast<int64_t>(items.rows));
        op = ops + list->op->jump - 1;
        --list;
        break;
      }
      case OpCode::kSkipList:
        *++list = {.op = op, .body = body, .row = row, .last = last};
        goto next_skipped_items;
      case OpCode::kEndSkippedItem:
        NEED(0)
        if (++row < last) {
          op = body - 1;
          break;
        }
      next_skipped_items: {
        uint64_t count = 0;
        do {
          p = block_head(list, p, &count);
          if (p == nullptr) [[unlikely]]
            GIVE_UP;
          if (list->block_end != nullptr)
            p = std::exchange(list->block_end, nullptr);
          else if (count > 0)
            break;
        } while (count > 0);
        if (count > 0) {
          row = 0;
          last = count;
          body = list->op + 1;
          op = body - 1;
          break;
        }
        row = list->row;
        last = list->last;
        body = list->body;
        op = ops + list->op->jump - 1;
        --list;
        break;
      }
      case OpCode::kUniqueKeys:
        columns_.make_keys_unique(op->column, op->a, row);
        break;
      case OpCode::kJson:
        NEED(0)
        CALL(read_json(op, p, row))
        break;
      case OpCode::kSkipNode:
        NEED(0)
        CALL(skip_node(op, p))
        break;
      case OpCode::kResolvedJson:
        NEED(0)
        CALL(read_resolved_json(op, p, row))
        break;
      case OpCode::kNull:
        columns_.write_null(op->column, op->a, row);
        break;
      case OpCode::kDefault:
        CALL(write_default(op, p, row))
        break;
      case OpCode::kFail:
        NEED(0)
        FAIL(Status::kUnresolvable)
      case OpCode::kCheck:
        NEED(0)
        break;
      case OpCode::kRowStart:
        row_starts_[row] = p;
        break;
      case OpCode::kEnd:
        NEED(0)
        if (++row == last) return p;
        op = body - 1;
        break;
      default:
        __builtin_unreachable();  // there are no other operations
    }
  }
}

#undef JETLINER_CASE
#undef WRITE_NULL
#undef GIVE_UP
#undef FAIL
#undef INVALID
#undef SCAN
#undef SCAN_INT
#undef SCAN_LENGTH
#undef NEED
#undef SKIP_MORE
#undef CALL

// After fail(), with `lists` open lists: notes where the interpreter was.
inline const uint8_t* Decoder::give_up(size_t row, size_t lists) {
  failed_row_ = row;
  failed_lists_ = lists;
  return nullptr;
}

// Reads the head of the next block of items (decode/items_head.h); a count of 0 ends the list. First checks that the
// block before it has ended where its size said. Sets list->block_end, which is nullptr for a block without a size.
inline const uint8_t* Decoder::block_head(OpenList* list, const uint8_t* p, uint64_t* count) {
  const Op* const op = list->op;
  if (list->block_end != nullptr) {
    if (p != list->block_end) [[unlikely]]
      return fail(Status::kBlockBytes, op, p);
    list->block_end = nullptr;
  }
  // The usual case: a count of one byte, no size, and items that take at least a byte.
  if (p < end_ && (*p & 0x81) == 0) [[likely]] {
    *count = *p >> 1;
    ++p;
    if (*count == 0) return p;
    if (op->b > 0) {
      if (*count * op->b > static_cast<uint64_t>(end_ - p)) [[unlikely]]
        return fail(Status::kCount, op, p);
      return p;
    }
    --p;
  }
  return long_block_head(list, p, count);
}

}  // namespace jetliner
