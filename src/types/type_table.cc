#include "types/type_table.h"

#include <algorithm>
#include <iterator>

namespace jetliner {
namespace {

constexpr DataType of_kind(ArrowKind kind) { return {.kind = kind}; }
constexpr DataType time_of_day(TimeUnit unit) { return {.kind = ArrowKind::kTime64, .unit = unit}; }
constexpr DataType duration(TimeUnit unit) { return {.kind = ArrowKind::kDuration, .unit = unit}; }
constexpr DataType instant(TimeUnit unit) { return {.kind = ArrowKind::kTimestamp, .unit = unit, .is_utc = true}; }
constexpr DataType local_time(TimeUnit unit) { return {.kind = ArrowKind::kTimestamp, .unit = unit}; }

struct TypeRow {
  AvroType avro;
  LogicalType logical;
  DataType arrow;
};

using Avro = AvroType;
using Logical = LogicalType;
using Arrow = ArrowKind;
using Unit = TimeUnit;

// Every pair of base type and logical type that schema/logical.cc admits.
constexpr TypeRow kTypes[] = {
    {Avro::kNull, Logical::kNone, of_kind(Arrow::kNull)},
    {Avro::kBoolean, Logical::kNone, of_kind(Arrow::kBoolean)},
    {Avro::kInt, Logical::kNone, of_kind(Arrow::kInt32)},
    {Avro::kLong, Logical::kNone, of_kind(Arrow::kInt64)},
    {Avro::kFloat, Logical::kNone, of_kind(Arrow::kFloat32)},
    {Avro::kDouble, Logical::kNone, of_kind(Arrow::kFloat64)},
    {Avro::kBytes, Logical::kNone, of_kind(Arrow::kBinaryView)},
    {Avro::kString, Logical::kNone, of_kind(Arrow::kStringView)},
    {Avro::kRecord, Logical::kNone, of_kind(Arrow::kStruct)},
    {Avro::kEnum, Logical::kNone, of_kind(Arrow::kDictionary)},
    {Avro::kArray, Logical::kNone, of_kind(Arrow::kLargeList)},
    {Avro::kMap, Logical::kNone, of_kind(Arrow::kLargeList)},
    {Avro::kUnion, Logical::kNone, of_kind(Arrow::kStruct)},
    {Avro::kFixed, Logical::kNone, of_kind(Arrow::kBinaryView)},
    {Avro::kInt, Logical::kDate, of_kind(Arrow::kDate32)},
    // Polars holds nanoseconds: it need not convert.
    {Avro::kInt, Logical::kTimeMillis, time_of_day(Unit::kNano)},
    {Avro::kLong, Logical::kTimeMicros, time_of_day(Unit::kNano)},
    {Avro::kLong, Logical::kTimestampMillis, instant(Unit::kMilli)},
    {Avro::kLong, Logical::kTimestampMicros, instant(Unit::kMicro)},
    {Avro::kLong, Logical::kTimestampNanos, instant(Unit::kNano)},
    {Avro::kLong, Logical::kLocalTimestampMillis, local_time(Unit::kMilli)},
    {Avro::kLong, Logical::kLocalTimestampMicros, local_time(Unit::kMicro)},
    {Avro::kLong, Logical::kLocalTimestampNanos, local_time(Unit::kNano)},
    // With the precision and scale of the schema.
    {Avro::kBytes, Logical::kDecimal, of_kind(Arrow::kDecimal128)},
    {Avro::kFixed, Logical::kDecimal, of_kind(Arrow::kDecimal128)},
    // Each value has a scale of its own: text.
    {Avro::kBytes, Logical::kBigDecimal, of_kind(Arrow::kStringView)},
    {Avro::kString, Logical::kUuid, of_kind(Arrow::kStringView)},
    {Avro::kFixed, Logical::kUuid, of_kind(Arrow::kStringView)},
    {Avro::kFixed, Logical::kDuration, duration(Unit::kMicro)},
    // A map only where its items allow it: arrow_columns.cc.
    {Avro::kArray, Logical::kMap, of_kind(Arrow::kLargeList)},
    {Avro::kInt, Logical::kArrowInt8, of_kind(Arrow::kInt8)},
    {Avro::kInt, Logical::kArrowInt16, of_kind(Arrow::kInt16)},
    {Avro::kInt, Logical::kArrowUInt8, of_kind(Arrow::kUInt8)},
    {Avro::kInt, Logical::kArrowUInt16, of_kind(Arrow::kUInt16)},
    {Avro::kLong, Logical::kArrowUInt32, of_kind(Arrow::kUInt32)},
    {Avro::kLong, Logical::kArrowUInt64, of_kind(Arrow::kUInt64)},
    {Avro::kFixed, Logical::kArrowUInt64, of_kind(Arrow::kUInt64)},
    {Avro::kFloat, Logical::kArrowFloat16, of_kind(Arrow::kFloat16)},
    {Avro::kFixed, Logical::kArrowFloat16, of_kind(Arrow::kFloat16)},
    {Avro::kInt, Logical::kArrowTime32Second, time_of_day(Unit::kNano)},
    {Avro::kLong, Logical::kArrowTime64Nanos, time_of_day(Unit::kNano)},
    // Polars has no seconds: they become milliseconds.
    {Avro::kLong, Logical::kArrowDurationSeconds, duration(Unit::kMilli)},
    {Avro::kLong, Logical::kArrowDurationMillis, duration(Unit::kMilli)},
    {Avro::kLong, Logical::kArrowDurationMicros, duration(Unit::kMicro)},
    {Avro::kLong, Logical::kArrowDurationNanos, duration(Unit::kNano)},
    {Avro::kLong, Logical::kArrowTimestampSecond, instant(Unit::kMilli)},
    {Avro::kLong, Logical::kArrowLocalTimestampSecond, local_time(Unit::kMilli)},
    {Avro::kLong, Logical::kArrowDate64, local_time(Unit::kMilli)},
};

}  // namespace

DataType data_type(const SchemaNode& node, const TypeOptions& options) {
  DataType type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& row) {
                    return row.avro == node.type && row.logical == node.logical;
                  })->arrow;
  switch (type.kind) {
    case ArrowKind::kDecimal128:
      if (node.precision > kMaxDecimal128Precision) return of_kind(ArrowKind::kStringView);
      type.precision = node.precision;
      type.scale = node.scale;
      break;
    case ArrowKind::kDictionary:
      if (options.enum_as == EnumAs::kString) return of_kind(ArrowKind::kStringView);
      type.has_fixed_symbols = options.enum_as == EnumAs::kEnum;
      break;
    case ArrowKind::kLargeList:
      if (node.type == AvroType::kMap && options.map_as == MapAs::kMap) type.kind = ArrowKind::kMap;
      break;
    default:
      break;
  }
  return type;
}

}  // namespace jetliner
