// Operations that are rare, or that take long by themselves. The interpreter calls them, so that its loop stays small.
#include <algorithm>
#include <cstring>

#include "base/decimal_text.h"
#include "base/utf8.h"
#include "decode/decimal.h"
#include "decode/decoder.h"
#include "decode/scan.h"
#include "decode/view.h"
#include "decode/walk.h"

namespace jetliner {
namespace {

constexpr int64_t kDaysPerMonth = 30;
constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr int64_t kMicrosPerMilli = 1'000;
constexpr size_t kDurationBytes = 12;

}  // namespace

// The value in [p, next) is one that its column has no place for. Scalars are read without a check: if this one passes
// the end of the data, it is cut, not wrong.
const uint8_t* Decoder::invalid(Status status, const Op* op, const uint8_t* p, const uint8_t* next, size_t row) {
  if (!op->nulls_invalid || next > end_) return fail(status, op, p);
  columns_.write_null(op->column, op->column + 1, row);
  return next;
}

// The same for the varint at `p`, which the interpreter has read: a time of day, or the index of a symbol.
const uint8_t* Decoder::invalid_scalar(Status status, const Op* op, const uint8_t* p, size_t row) {
  uint64_t ignored = 0;
  return invalid(status, op, p, scan_varint(p, &ignored), row);
}

const uint8_t* Decoder::read_decimal(const Op* op, const uint8_t* p, size_t n, size_t row) {
  Int128 value = 0;
  if (!decimal_to_int128({p, n}, &value)) return invalid(Status::kDecimalPrecision, op, p, p + n, row);
  const auto bound = static_cast<Int128>(pow10_u128(static_cast<int>(op->a)));
  if (value >= bound || value <= -bound) return invalid(Status::kDecimalPrecision, op, p, p + n, row);
  store(data_[op->column], row, value);
  return p + n;
}

const uint8_t* Decoder::read_decimal_text(const Op* op, const uint8_t* p, size_t n, size_t row) {
  text_.clear();
  const Status status = append_decimal(text_, {p, n}, op->a);
  if (status != Status::kOk) return invalid(status, op, p, p + n, row);
  write_text(op->column, row);
  return p + n;
}

const uint8_t* Decoder::read_big_decimal(const Op* op, const uint8_t* p, size_t n, size_t row) {
  ByteSpan unscaled;
  int64_t scale = 0;
  Status status = split_big_decimal({p, n}, &unscaled, &scale);
  text_.clear();
  if (status == Status::kOk) status = append_decimal(text_, unscaled, scale);
  if (status != Status::kOk) return invalid(status, op, p, p + n, row);
  write_text(op->column, row);
  return p + n;
}

const uint8_t* Decoder::read_uuid(const Op* op, const uint8_t* p, size_t row) {
  text_.clear();
  append_uuid(text_, p);
  write_text(op->column, row);
  return p + 16;
}

const uint8_t* Decoder::read_duration_micros(const Op* op, const uint8_t* p, size_t row) {
  const DurationParts parts = read_duration(p);
  const int64_t days = static_cast<int64_t>(parts.months) * kDaysPerMonth + parts.days;
  int64_t micros = 0;
  // A duration has up to 1.3e11 days. 64 bits of microseconds hold 1.07e8 days.
  if (__builtin_mul_overflow(days, kMicrosPerDay, &micros) ||
      __builtin_add_overflow(micros, parts.milliseconds * kMicrosPerMilli, &micros)) {
    return invalid(Status::kDuration, op, p, p + kDurationBytes, row);
  }
  store(data_[op->column], row, micros);
  return p + kDurationBytes;
}

// Runs after write_view() found invalid UTF-8. First removes the bytes that it copied to the heap.
const uint8_t* Decoder::read_replaced_string(const Op* op, const uint8_t* p, size_t n, size_t row) {
  if (n > kMaxInlineBytes) data_[op->column].heap -= n;
  text_.clear();
  append_replaced_utf8(text_, p, n);
  if (text_.size() > kMaxViewBytes) return fail(Status::kStringTooLong, op, p);
  write_text(op->column, row);
  return p + n;
}

const uint8_t* Decoder::read_json(const Op* op, const uint8_t* p, size_t row) {
  Walk walk(plan_.schema_of(*op), end_, &empty_items_left_, json_bytes_left_, json_options(*op));
  text_.clear();
  const uint8_t* const next = walk.json(op->a, p, &text_);
  if (next == nullptr) return fail(walk.status, op, p);
  json_bytes_left_ -= std::min(json_bytes_left_, text_.size());
  write_text(op->column, row);
  return next;
}

const uint8_t* Decoder::skip_node(const Op* op, const uint8_t* p) {
  Walk walk(*plan_.schema, end_, &empty_items_left_, 0);
  const uint8_t* const next = walk.skip(op->a, p);
  return next == nullptr ? fail(walk.status, op, p) : next;
}

}  // namespace jetliner
