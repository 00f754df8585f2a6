// The logical types "arrow.*" of the crate arrow-avro that need a check or a conversion. The others (durations, date64)
// are longs. The interpreter calls read_arrow(), so that its loop stays small.
#include <bit>
#include <cstdint>

#include "base/half.h"
#include "decode/decoder.h"
#include "decode/scan.h"
#include "schema/schema.h"
#include "types/value_range.h"

namespace jetliner {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kMillisPerSecond = 1'000;

// The fault of a number outside value_range().
Status range_fault(LogicalType logical) {
  switch (logical) {
    case LogicalType::kArrowInt8:
      return Status::kInt8;
    case LogicalType::kArrowInt16:
      return Status::kInt16;
    case LogicalType::kArrowUInt8:
      return Status::kUInt8;
    case LogicalType::kArrowUInt16:
      return Status::kUInt16;
    case LogicalType::kArrowUInt32:
      return Status::kUInt32;
    case LogicalType::kArrowUInt64:
      return Status::kUInt64;
    case LogicalType::kArrowTime32Second:
    case LogicalType::kArrowTime64Nanos:
      return Status::kTimeOfDay;
    default:
      return Status::kSeconds;
  }
}

}  // namespace

const uint8_t* Decoder::read_arrow(const Op* op, const uint8_t* p, size_t row) {
  const auto logical = static_cast<LogicalType>(op->a);
  const auto avro = static_cast<AvroType>(op->b);
  const bool is_half = logical == LogicalType::kArrowFloat16;
  const uint8_t* next = nullptr;
  int64_t number = 0;
  if (avro == AvroType::kFixed) {
    next = p + (is_half ? 2 : 8);
  } else if (avro == AvroType::kFloat) {
    next = p + 4;
  } else {
    next = scan_long(p, &number);
    if (next == nullptr) return fail(Status::kVarintTooLong, op, p);
    const bool is_int = number == static_cast<int32_t>(number) && next - p <= std::ptrdiff_t{kMaxIntBytes};
    if (avro == AvroType::kInt && !is_int) return fail(Status::kIntTooLarge, op, p);
  }
  if (next > end_) return fail(Status::kEnd, op, p);

  if (is_half) {
    uint16_t half = 0;
    if (avro == AvroType::kFixed) {
      half = load_le16(p);
    } else {
      // Halves end at 65504. A float has these integers exactly.
      const float value = avro == AvroType::kFloat ? std::bit_cast<float>(load_le32(p)) : static_cast<float>(number);
      if (!float_to_half(value, &half)) return invalid(Status::kFloat16, op, p, next, row);
    }
    store(data_[op->column], row, half);
  } else if (avro == AvroType::kFixed) {
    store(data_[op->column], row, load_le64(p));  // arrow.uint64
  } else {
    if (!value_range(logical).contains(number)) return invalid(range_fault(logical), op, p, next, row);
    store_arrow(op, number, row);
  }
  return next;
}

// Stores a number that its column has a place for.
void Decoder::store_arrow(const Op* op, int64_t number, size_t row) {
  ColumnData& column = data_[op->column];
  switch (static_cast<LogicalType>(op->a)) {
    case LogicalType::kArrowInt8:
    case LogicalType::kArrowUInt8:
      store(column, row, static_cast<uint8_t>(number));
      break;
    case LogicalType::kArrowInt16:
    case LogicalType::kArrowUInt16:
      store(column, row, static_cast<uint16_t>(number));
      break;
    case LogicalType::kArrowUInt32:
      store(column, row, static_cast<uint32_t>(number));
      break;
    case LogicalType::kArrowTime32Second:
      store(column, row, number * kNanosPerSecond);
      break;
    case LogicalType::kArrowDurationSeconds:
    case LogicalType::kArrowTimestampSecond:
    case LogicalType::kArrowLocalTimestampSecond:
      store(column, row, number * kMillisPerSecond);
      break;
    default:
      store(column, row, number);
      break;
  }
}

}  // namespace jetliner
