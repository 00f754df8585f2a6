#include "arrow/format.h"

namespace jetliner {
namespace {

char unit_letter(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kSecond:
      return 's';
    case TimeUnit::kMilli:
      return 'm';
    case TimeUnit::kMicro:
      return 'u';
    case TimeUnit::kNano:
      return 'n';
  }
  return 's';
}

}  // namespace

std::string format_string(const DataType& type) {
  switch (type.kind) {
    case ArrowKind::kNull:
      return "n";
    case ArrowKind::kBoolean:
      return "b";
    case ArrowKind::kInt8:
      return "c";
    case ArrowKind::kInt16:
      return "s";
    case ArrowKind::kInt32:
      return "i";
    case ArrowKind::kInt64:
      return "l";
    case ArrowKind::kUInt8:
      return "C";
    case ArrowKind::kUInt16:
      return "S";
    case ArrowKind::kUInt32:
    case ArrowKind::kDictionary:
      return "I";
    case ArrowKind::kUInt64:
      return "L";
    case ArrowKind::kFloat16:
      return "e";
    case ArrowKind::kFloat32:
      return "f";
    case ArrowKind::kFloat64:
      return "g";
    case ArrowKind::kDecimal128:
      return "d:" + std::to_string(type.precision) + "," + std::to_string(type.scale);
    case ArrowKind::kDate32:
      return "tdD";
    case ArrowKind::kTime64:
      return std::string("tt") + unit_letter(type.unit);
    case ArrowKind::kTimestamp:
      return std::string("ts") + unit_letter(type.unit) + (type.is_utc ? ":UTC" : ":");
    case ArrowKind::kDuration:
      return std::string("tD") + unit_letter(type.unit);
    case ArrowKind::kBinaryView:
      return "vz";
    case ArrowKind::kStringView:
      return "vu";
    case ArrowKind::kLargeList:
      return "+L";
    case ArrowKind::kMap:
      return "+m";
    case ArrowKind::kStruct:
      return "+s";
  }
  return "n";
}

}  // namespace jetliner
