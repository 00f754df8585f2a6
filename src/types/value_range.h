// The numbers of an int or long that the column of its logical type has a place for.
#pragma once

#include <cstdint>
#include <limits>

#include "schema/schema.h"

namespace jetliner {

struct ValueRange {
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
  [[nodiscard]] constexpr bool contains(int64_t number) const { return number >= min && number <= max; }
};

template <typename T>
constexpr ValueRange range_of() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

constexpr bool is_time_of_day(LogicalType logical) {
  return logical == LogicalType::kTimeMillis || logical == LogicalType::kTimeMicros ||
         logical == LogicalType::kArrowTime32Second || logical == LogicalType::kArrowTime64Nanos;
}

constexpr ValueRange value_range(LogicalType logical) {
  constexpr int64_t kSecondsPerDay = 86'400;
  constexpr ValueRange kAll{};
  switch (logical) {
    case LogicalType::kArrowTime32Second:
      return {0, kSecondsPerDay - 1};
    case LogicalType::kTimeMillis:
      return {0, kSecondsPerDay * 1'000 - 1};
    case LogicalType::kTimeMicros:
      return {0, kSecondsPerDay * 1'000'000 - 1};
    case LogicalType::kArrowTime64Nanos:
      return {0, kSecondsPerDay * 1'000'000'000 - 1};
    case LogicalType::kArrowInt8:
      return range_of<int8_t>();
    case LogicalType::kArrowInt16:
      return range_of<int16_t>();
    case LogicalType::kArrowUInt8:
      return range_of<uint8_t>();
    case LogicalType::kArrowUInt16:
      return range_of<uint16_t>();
    case LogicalType::kArrowUInt32:
      return range_of<uint32_t>();
    case LogicalType::kArrowUInt64:
      return {0, kAll.max};
    case LogicalType::kArrowDurationSeconds:
    case LogicalType::kArrowTimestampSecond:
    case LogicalType::kArrowLocalTimestampSecond:
      return {kAll.min / 1'000, kAll.max / 1'000};  // the column has milliseconds
    default:
      return kAll;
  }
}

}  // namespace jetliner
