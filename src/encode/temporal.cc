// Temporal types: which columns a logical type takes, and the factor between their units.
#include <algorithm>
#include <iterator>

#include "encode/compile.h"

namespace jetliner {
namespace {

using Logical = LogicalType;
using Kind = InputKind;
using Unit = TimeUnit;

// Dates have days. They are written as they are, or as the milliseconds of their midnight.
constexpr TemporalForm kForms[] = {
    {Logical::kDate, Kind::kDate32, Unit::kSecond},
    {Logical::kArrowDate64, Kind::kTimestamp, Unit::kMilli},
    {Logical::kTimeMillis, Kind::kTime64, Unit::kMilli},
    {Logical::kTimeMicros, Kind::kTime64, Unit::kMicro},
    {Logical::kArrowTime32Second, Kind::kTime64, Unit::kSecond},
    {Logical::kArrowTime64Nanos, Kind::kTime64, Unit::kNano},
    {Logical::kTimestampMillis, Kind::kTimestamp, Unit::kMilli, true},
    {Logical::kTimestampMicros, Kind::kTimestamp, Unit::kMicro, true},
    {Logical::kTimestampNanos, Kind::kTimestamp, Unit::kNano, true},
    {Logical::kLocalTimestampMillis, Kind::kTimestamp, Unit::kMilli},
    {Logical::kLocalTimestampMicros, Kind::kTimestamp, Unit::kMicro},
    {Logical::kLocalTimestampNanos, Kind::kTimestamp, Unit::kNano},
    {Logical::kArrowTimestampSecond, Kind::kTimestamp, Unit::kSecond, true},
    {Logical::kArrowLocalTimestampSecond, Kind::kTimestamp, Unit::kSecond},
    {Logical::kArrowDurationSeconds, Kind::kDuration, Unit::kSecond},
    {Logical::kArrowDurationMillis, Kind::kDuration, Unit::kMilli},
    {Logical::kArrowDurationMicros, Kind::kDuration, Unit::kMicro},
    {Logical::kArrowDurationNanos, Kind::kDuration, Unit::kNano},
};

int64_t units_per_second(TimeUnit unit) {
  constexpr int64_t kUnits[] = {1, 1'000, 1'000'000, 1'000'000'000};
  return kUnits[static_cast<size_t>(unit)];
}

}  // namespace

const TemporalForm* temporal_form(LogicalType logical) {
  const auto* const form =
      std::find_if(std::begin(kForms), std::end(kForms), [&](const auto& entry) { return entry.logical == logical; });
  return form == std::end(kForms) ? nullptr : form;
}

void set_scale(EncodeOp& op, TimeUnit from, TimeUnit to) {
  const int64_t column = units_per_second(from);
  const int64_t schema = units_per_second(to);
  op.multiplier = std::max<int64_t>(schema / column, 1);
  op.divisor = std::max<int64_t>(column / schema, 1);
}

}  // namespace jetliner
