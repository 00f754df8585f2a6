// Longer than most files here on purpose: the interpreter's switch, and what it inlines for each value, stay in one
// place so that the compiler sees all of it and so does the reader of a profile.
#include "decode/decoder.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/decimal_text.h"
#include "base/utf8.h"
#include "decode/decimal.h"
#include "decode/scan.h"
#include "decode/walk.h"

namespace jetliner {
namespace {

// Arrow's view: 4 bytes length; then up to 12 bytes of data, or 4 bytes of prefix, buffer index and offset.
constexpr size_t kMaxInlineBytes = 12;
constexpr size_t kCopyStep = 16;
constexpr int64_t kMaxViewBytes = std::numeric_limits<int32_t>::max() - static_cast<int64_t>(kCopyStep);

constexpr int64_t kMillisPerDay = 86'400'000;
constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr int64_t kMicrosPerMilli = 1'000;
constexpr int64_t kNanosPerMicro = 1'000;
constexpr int64_t kNanosPerMilli = 1'000'000;
constexpr int64_t kDaysPerMonth = 30;

template <typename T>
inline void store(const ColumnData& column, size_t row, T value) {
  std::memcpy(column.values + row * sizeof(T), &value, sizeof(T));
}

inline void store_zero_16(const ColumnData& column, size_t row) { std::memset(column.values + row * 16, 0, 16); }

inline bool fits_int(uint64_t zigzag, const uint8_t* start, const uint8_t* next) {
  return zigzag <= UINT32_MAX && next - start <= static_cast<std::ptrdiff_t>(kMaxIntBytes);
}

// Copies n (> kMaxInlineBytes) bytes in whole steps: reads and writes up to kCopyStep - 1 bytes more. Returns whether
// all of the n are ASCII.
inline bool copy_checking_ascii(uint8_t* to, const uint8_t* from, size_t n) {
#if defined(__SSE2__)
  __m128i seen = _mm_setzero_si128();
  size_t i = 0;
  for (; i + kCopyStep <= n; i += kCopyStep) {
    const __m128i step = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), step);
    seen = _mm_or_si128(seen, step);
  }
  const __m128i rest = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), rest);
  const auto rest_bits = static_cast<uint32_t>(_mm_movemask_epi8(rest)) & ((1U << (n - i)) - 1);
  return (static_cast<uint32_t>(_mm_movemask_epi8(seen)) | rest_bits) == 0;
#else
  std::memcpy(to, from, n);
  return is_ascii(from, n);
#endif
}

// Writes the view of n (<= kMaxInlineBytes) bytes. Reads 16 bytes from p. Returns whether all of the n are ASCII.
inline bool write_inline_view(uint8_t* view, const uint8_t* p, size_t n) {
#if defined(__SSE2__)
  // 16 bytes of ones, then of zeros: loaded at 16 - n it is a mask of n bytes.
  alignas(64) static constexpr uint8_t kMask[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const __m128i mask = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kMask + 16 - n));
  const __m128i bytes = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), mask);
  const __m128i length = _mm_cvtsi32_si128(static_cast<int>(n));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(view), _mm_or_si128(_mm_slli_si128(bytes, 4), length));
  return _mm_movemask_epi8(bytes) == 0;
#else
  const auto length = static_cast<uint32_t>(n);
  std::memset(view, 0, 16);
  std::memcpy(view, &length, 4);
  std::memcpy(view + 4, p, n);
  return is_ascii(p, n);
#endif
}

// Scalars are read without a look at the end of the data. Where one begins in the data and goes on behind it, what
// was found wrong is about bytes that are not its own: then it is the end that is wrong.
Status cut_or(Status status, const uint8_t* p, const uint8_t* end) {
  switch (status) {
    case Status::kBoolean:
      return p < end ? status : Status::kEnd;
    case Status::kVarintTooLong:
    case Status::kIntTooLarge:
    case Status::kEnumIndex:
    case Status::kBranchIndex:
    case Status::kTimeOfDay:
      return is_cut_varint(p, end) ? Status::kEnd : status;
    case Status::kDuration:
      return end - p < 12 ? Status::kEnd : status;
    default:
      return status;
  }
}

// Finds the end of the n-th varint, eight bytes at a time.
const uint8_t* skip_varints(const uint8_t* p, const uint8_t* end, uint32_t n, Status* status) {
  while (p <= end) {
    uint64_t stops = ~load_le64(p) & kContinuationBits;
    if (stops == 0) [[unlikely]] {
      uint64_t ignored = 0;
      const uint8_t* const start = p;
      p = scan_long_varint(start, &ignored);
      if (p == nullptr) {
        *status = cut_or(Status::kVarintTooLong, start, end);
        return nullptr;
      }
      if (--n == 0) break;
      continue;
    }
    const auto found = static_cast<uint32_t>(std::popcount(stops));
    if (found < n) {
      // On to after the last whole varint of these bytes.
      p += 8 - (static_cast<unsigned>(std::countl_zero(stops)) >> 3);
      n -= found;
      continue;
    }
    while (--n > 0) stops &= stops - 1;
    p += (static_cast<unsigned>(std::countr_zero(stops)) >> 3) + 1;
    break;
  }
  if (p <= end) return p;
  *status = Status::kEnd;
  return nullptr;
}

}  // namespace

Decoder::Decoder(const Plan& plan, ColumnSet& columns)
    : plan_(plan), columns_(columns), ops_(plan.ops.data()), data_(columns.data()) {}

void Decoder::start_block(size_t bytes) { json_bytes_left_ = max_json_bytes(bytes); }

Decoder::Result Decoder::decode(const uint8_t* p, const uint8_t* end, size_t n) {
  end_ = end;
  status_ = Status::kOk;
  const size_t first = columns_.rows();
  const uint64_t empty_items = empty_items_;
  const size_t json_bytes_left = json_bytes_left_;
  const uint8_t* next = nullptr;
  try {
    next = run(ops_, p, first, n);
  } catch (const std::bad_alloc&) {
    (void)fail(Status::kMemory, ops_ + plan_.ops.size() - 1, p);
    failed_row_ = first;
    empty_items_ = empty_items;  // these rows may be tried again
    json_bytes_left_ = json_bytes_left;
  }
  if (next != nullptr) {
    columns_.scope(0).rows = first + n;
    return {.rows = n, .next = next};
  }
  columns_.truncate(failed_row_);
  return {.rows = failed_row_ - first,
          .status = status_,
          .op = static_cast<uint32_t>(failed_op_ - ops_),
          .where = std::min(where_, end)};
}

template <bool kUtf8>
inline bool Decoder::write_view(ColumnData& column, uint32_t index, size_t row, const uint8_t* p, size_t n) {
  uint8_t* const view = column.values + row * 16;
  if (n <= kMaxInlineBytes) {
    const bool ascii = write_inline_view(view, p, n);
    return !kUtf8 || ascii || valid_utf8_rest(p, n);
  }
  const size_t room = (n + kCopyStep) / kCopyStep * kCopyStep;
  if (static_cast<size_t>(column.heap_end - column.heap) < room) [[unlikely]]
    columns_.grow_heap(index, room);
  const bool ascii = copy_checking_ascii(column.heap, p, n);
  const auto length = static_cast<uint32_t>(n);
  const auto offset = static_cast<uint32_t>(column.heap - column.heap_begin);
  std::memcpy(view, &length, 4);
  std::memcpy(view + 4, p, 4);
  std::memcpy(view + 8, &column.heap_index, 4);
  std::memcpy(view + 12, &offset, 4);
  column.heap += n;
  return !kUtf8 || ascii || valid_utf8_rest(p, n);
}

inline bool Decoder::write_decimal(ColumnData& column, size_t row, ByteSpan bytes, uint32_t precision) {
  Int128 value = 0;
  if (!decimal_to_int128(bytes, &value)) return false;
  const auto bound = static_cast<Int128>(pow10_u128(static_cast<int>(precision)));
  store(column, row, value);
  return value < bound && value > -bound;
}

// Branch of a union of null and something else: 0 for null, 1 for the value, -1 where there is no such branch.
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

// The nullable twin reads the branch, deals with null (`on_null` writes the value's place), and falls through to the
// plain operation for a value.
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
// What is passed over has no column.
#define WRITE_NULL(zero)                    \
  {                                         \
    ColumnData& column = data_[op->column]; \
    clear_bit(column.validity, row);        \
    zero;                                   \
  }
#define FAIL(status)           \
  {                            \
    (void)fail(status, op, p); \
    failed_row_ = row;         \
    return nullptr;            \
  }
#define SCAN(scanner, type, name)                \
  type name = 0;                                 \
  const uint8_t* const next = scanner(p, &name); \
  if (next == nullptr) [[unlikely]]              \
  FAIL(Status::kVarintTooLong)

// Length of what follows, checked against the end of the data: what was read before it without looking is covered as
// well.
#define SCAN_LENGTH(name)                                \
  int64_t name = 0;                                      \
  {                                                      \
    const uint8_t* const after = scan_long(p, &name);    \
    if (after == nullptr) [[unlikely]]                   \
      FAIL(Status::kVarintTooLong)                       \
    if (name < 0 || name > end - after) [[unlikely]]     \
      FAIL(after > end ? Status::kEnd : Status::kLength) \
    p = after;                                           \
  }
#define NEED(bytes)                                       \
  if (static_cast<int64_t>(bytes) > end - p) [[unlikely]] \
  FAIL(Status::kEnd)

// The interpreter: rows [row, row + n) by the operations from `body` to its kEnd. One switch per value, no decisions
// about types left. Returns the byte after the last row, or nullptr after fail(); failed_row_ is then the row of the
// outermost run.
const uint8_t* Decoder::run(const Op* body, const uint8_t* p, size_t row, size_t n) {
  const uint8_t* const end = end_;
  const Op* const ops = ops_;
  for (const size_t last = row + n; row < last; ++row) {
    for (const Op* op = body;; ++op) {
      switch (op->code) {
        JETLINER_CASE(Boolean, WRITE_NULL({})) : {
          const uint8_t byte = *p;
          if (byte > 1) [[unlikely]]
            FAIL(Status::kBoolean)
          data_[op->column].values[row >> 3] |= static_cast<uint8_t>(byte << (row & 7));
          ++p;
          break;
        }
        JETLINER_CASE(Int, WRITE_NULL(store<uint32_t>(column, row, 0))) : {
          SCAN(scan_varint, uint64_t, raw)
          if (!fits_int(raw, p, next)) [[unlikely]]
            FAIL(Status::kIntTooLarge)
          store(data_[op->column], row, static_cast<int32_t>(zigzag_decode(raw)));
          p = next;
          break;
        }
        JETLINER_CASE(Long, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
          SCAN(scan_long, int64_t, value)
          store(data_[op->column], row, value);
          p = next;
          break;
        }
        JETLINER_CASE(Float, WRITE_NULL(store<uint32_t>(column, row, 0))) : {
          store(data_[op->column], row, load_le32(p));
          p += 4;
          break;
        }
        JETLINER_CASE(Double, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
          store(data_[op->column], row, load_le64(p));
          p += 8;
          break;
        }
        JETLINER_CASE(String, WRITE_NULL(store_zero_16(column, row))) : {
          SCAN_LENGTH(length)
          if (length > kMaxViewBytes) [[unlikely]]
            FAIL(Status::kStringTooLong)
          if (!write_view<true>(data_[op->column], op->column, row, p, static_cast<size_t>(length))) [[unlikely]] {
            FAIL(Status::kUtf8)
          }
          p += length;
          break;
        }
        JETLINER_CASE(Bytes, WRITE_NULL(store_zero_16(column, row))) : {
          SCAN_LENGTH(length)
          if (length > kMaxViewBytes) [[unlikely]]
            FAIL(Status::kStringTooLong)
          write_view<false>(data_[op->column], op->column, row, p, static_cast<size_t>(length));
          p += length;
          break;
        }
        JETLINER_CASE(Fixed, WRITE_NULL(store_zero_16(column, row))) : {
          NEED(op->a)
          if (op->a > kMaxViewBytes) [[unlikely]]
            FAIL(Status::kStringTooLong)
          write_view<false>(data_[op->column], op->column, row, p, op->a);
          p += op->a;
          break;
        }
        JETLINER_CASE(Enum, WRITE_NULL(store<uint32_t>(column, row, 0))) : {
          SCAN(scan_varint, uint64_t, raw)
          const int64_t index = zigzag_decode(raw);
          if (index < 0 || index >= op->a) [[unlikely]]
            FAIL(Status::kEnumIndex)
          store(data_[op->column], row, static_cast<uint32_t>(index));
          p = next;
          break;
        }
        JETLINER_CASE(TimeMillis, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
          SCAN(scan_long, int64_t, millis)
          if (millis < 0 || millis >= kMillisPerDay) [[unlikely]]
            FAIL(Status::kTimeOfDay)
          store(data_[op->column], row, millis * kNanosPerMilli);
          p = next;
          break;
        }
        JETLINER_CASE(TimeMicros, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
          SCAN(scan_long, int64_t, micros)
          if (micros < 0 || micros >= kMicrosPerDay) [[unlikely]]
            FAIL(Status::kTimeOfDay)
          store(data_[op->column], row, micros * kNanosPerMicro);
          p = next;
          break;
        }
        JETLINER_CASE(DecimalBytes, WRITE_NULL(store_zero_16(column, row))) : {
          SCAN_LENGTH(length)
          if (!write_decimal(data_[op->column], row, {p, static_cast<size_t>(length)}, op->a)) [[unlikely]] {
            FAIL(Status::kDecimalPrecision)
          }
          p += length;
          break;
        }
        JETLINER_CASE(DecimalFixed, WRITE_NULL(store_zero_16(column, row))) : {
          NEED(op->b)
          if (!write_decimal(data_[op->column], row, {p, op->b}, op->a)) [[unlikely]]
            FAIL(Status::kDecimalPrecision)
          p += op->b;
          break;
        }
        JETLINER_CASE(TextBytes, WRITE_NULL(store_zero_16(column, row))) : {
          SCAN_LENGTH(length)
          text_.clear();
          const Status status = append_decimal(text_, {p, static_cast<size_t>(length)}, op->a);
          if (status != Status::kOk) [[unlikely]]
            FAIL(status)
          write_text(op->column, row);
          p += length;
          break;
        }
        JETLINER_CASE(TextFixed, WRITE_NULL(store_zero_16(column, row))) : {
          NEED(op->b)
          text_.clear();
          const Status status = append_decimal(text_, {p, op->b}, op->a);
          if (status != Status::kOk) [[unlikely]]
            FAIL(status)
          write_text(op->column, row);
          p += op->b;
          break;
        }
        JETLINER_CASE(BigDecimal, WRITE_NULL(store_zero_16(column, row))) : {
          SCAN_LENGTH(length)
          ByteSpan unscaled;
          int64_t scale = 0;
          Status status = split_big_decimal({p, static_cast<size_t>(length)}, &unscaled, &scale);
          text_.clear();
          if (status == Status::kOk) status = append_decimal(text_, unscaled, scale);
          if (status != Status::kOk) [[unlikely]]
            FAIL(status)
          write_text(op->column, row);
          p += length;
          break;
        }
        JETLINER_CASE(Uuid, WRITE_NULL(store_zero_16(column, row))) : {
          text_.clear();
          append_uuid(text_, p);
          write_text(op->column, row);
          p += 16;
          break;
        }
        JETLINER_CASE(Duration, WRITE_NULL(store<uint64_t>(column, row, 0))) : {
          const DurationParts parts = read_duration(p);
          const int64_t days = static_cast<int64_t>(parts.months) * kDaysPerMonth + parts.days;
          int64_t micros = 0;
          // The largest is 1.3e11 days, of which 64 bits of microseconds hold 1.07e8.
          if (__builtin_mul_overflow(days, kMicrosPerDay, &micros) ||
              __builtin_add_overflow(micros, parts.milliseconds * kMicrosPerMilli, &micros)) [[unlikely]] {
            FAIL(Status::kDuration)
          }
          store(data_[op->column], row, micros);
          p += 12;
          break;
        }
        JETLINER_CASE(SkipVarints, {}) : {
          Status status = Status::kOk;
          const uint8_t* const next = skip_varints(p, end, op->a, &status);
          if (next == nullptr) [[unlikely]]
            FAIL(status)
          p = next;
          break;
        }
        JETLINER_CASE(SkipFixed, {}) : {
          NEED(op->a)
          p += op->a;
          break;
        }
        JETLINER_CASE(SkipBytes, {}) : {
          SCAN_LENGTH(length)
          p += length;
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
          const int64_t index = zigzag_decode(raw);
          if (index < 0 || static_cast<size_t>(index) >= table.branches.size()) [[unlikely]]
            FAIL(Status::kBranchIndex)
          const UnionTable::Branch& taken = table.branches[static_cast<size_t>(index)];
          if (taken.is_null) {
            columns_.write_null(table.first_column, table.last_column, row);
          } else if (table.first_column != table.last_column) {
            for (const UnionTable::Branch& other : table.branches) {
              if (&other != &taken) columns_.write_null(other.first_column, other.last_column, row);
            }
          }
          p = next;
          op = ops + taken.body - 1;
          break;
        }
        case OpCode::kJump:
          op = ops + op->jump - 1;
          break;
        case OpCode::kList:
        case OpCode::kMap: {
          p = read_list(op, p, row);
          if (p == nullptr) [[unlikely]] {
            failed_row_ = row;
            return nullptr;
          }
          op = ops + op->jump - 1;
          break;
        }
        case OpCode::kSkipList: {
          p = skip_list(op, p);
          if (p == nullptr) [[unlikely]] {
            failed_row_ = row;
            return nullptr;
          }
          op = ops + op->jump - 1;
          break;
        }
        case OpCode::kJson: {
          NEED(0)
          Walk walk(*plan_.schema, end, &empty_items_, json_bytes_left_);
          text_.clear();
          const uint8_t* const next = walk.json(op->a, p, &text_);
          if (next == nullptr) [[unlikely]]
            FAIL(walk.status)
          json_bytes_left_ -= std::min(json_bytes_left_, text_.size());
          write_text(op->column, row);
          p = next;
          break;
        }
        case OpCode::kSkipNode: {
          NEED(0)
          Walk walk(*plan_.schema, end, &empty_items_, 0);
          const uint8_t* const next = walk.skip(op->a, p);
          if (next == nullptr) [[unlikely]]
            FAIL(walk.status)
          p = next;
          break;
        }
        case OpCode::kCheck:
          NEED(0) break;
        case OpCode::kEnd:
          NEED(0) goto next_row;
      }
    }
  next_row:;
  }
  return p;
}

#undef JETLINER_CASE
#undef WRITE_NULL
#undef FAIL
#undef SCAN
#undef SCAN_LENGTH
#undef NEED

// text_ into a view column; it is our own and valid UTF-8.
void Decoder::write_text(uint32_t column, size_t row) {
  const size_t n = text_.size();
  text_.append(kCopyStep, '\0');  // write_view reads in whole steps
  write_view<false>(data_[column], column, row, reinterpret_cast<const uint8_t*>(text_.data()), n);
}

const uint8_t* Decoder::fail(Status status, const Op* op, const uint8_t* p) {
  status_ = cut_or(status, p, end_);
  failed_op_ = op;
  where_ = p;
  return nullptr;
}

// The head of a block of items (Avro 1.12, "Arrays"): a count, and where that is negative the size in bytes of the
// items. The end of the items is 0 as a count. *block_end is nullptr where no size is given.
const uint8_t* Decoder::block_head(const Op* op, const uint8_t* p, uint64_t* count, const uint8_t** block_end) {
  int64_t n = 0;
  *block_end = nullptr;
  const uint8_t* next = scan_long(p, &n);
  if (next == nullptr) return fail(Status::kVarintTooLong, op, p);
  if (next > end_) return fail(Status::kEnd, op, p);
  *count = static_cast<uint64_t>(n);
  if (n < 0) {
    int64_t bytes = 0;
    *count = -static_cast<uint64_t>(n);
    const uint8_t* const size = next;
    next = scan_long(size, &bytes);
    if (next == nullptr) return fail(Status::kVarintTooLong, op, size);
    if (next > end_) return fail(Status::kEnd, op, p);
    if (bytes < 0 || bytes > end_ - next) return fail(Status::kLength, op, p);
    *block_end = next + bytes;
  }
  const auto left = static_cast<uint64_t>(end_ - next);
  if (op->b > 0) {
    if (*count > left / op->b) return fail(Status::kCount, op, p);
    return next;
  }
  const uint64_t each =
      op->code == OpCode::kSkipList ? 1 : 1 + columns_.row_bytes(columns_.specs()[op->column].item_scope) / 16;
  if (*count > (kMaxEmptyItems - empty_items_) / each) return fail(Status::kEmptyItems, op, p);
  empty_items_ += *count * each;
  return next;
}

const uint8_t* Decoder::read_list(const Op* op, const uint8_t* p, size_t row) {
  const ScopeId id = columns_.specs()[op->column].item_scope;
  Scope& items = columns_.scope(id);
  for (;;) {
    uint64_t count = 0;
    const uint8_t* block_end = nullptr;
    p = block_head(op, p, &count, &block_end);
    if (p == nullptr) return nullptr;
    if (count == 0) break;
    if (count > items.capacity - items.rows) columns_.grow(id, count);
    p = run(op + 1, p, items.rows, count);
    if (p == nullptr) return nullptr;
    if (block_end != nullptr && p != block_end) return fail(Status::kBlockBytes, op, p);
    items.rows += count;
  }
  const auto offset = static_cast<int64_t>(items.rows);
  std::memcpy(data_[op->column].values + (row + 1) * 8, &offset, 8);
  return p;
}

const uint8_t* Decoder::skip_list(const Op* op, const uint8_t* p) {
  for (;;) {
    uint64_t count = 0;
    const uint8_t* block_end = nullptr;
    p = block_head(op, p, &count, &block_end);
    if (p == nullptr || count == 0) return p;
    p = block_end != nullptr ? block_end : run(op + 1, p, 0, count);
    if (p == nullptr) return nullptr;
  }
}

}  // namespace jetliner
