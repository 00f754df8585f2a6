#include "schema/logical.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>

namespace jetliner {

namespace {

struct Rule {
  std::string_view name;
  AvroType base;
  LogicalType logical;
  uint64_t fixed_size;  // fixed: the required size in bytes; 0: any size
};

constexpr std::array<Rule, 34> kRules = {{
    {"date", AvroType::kInt, LogicalType::kDate, 0},
    {"time-millis", AvroType::kInt, LogicalType::kTimeMillis, 0},
    {"time-micros", AvroType::kLong, LogicalType::kTimeMicros, 0},
    {"timestamp-millis", AvroType::kLong, LogicalType::kTimestampMillis, 0},
    {"timestamp-micros", AvroType::kLong, LogicalType::kTimestampMicros, 0},
    {"timestamp-nanos", AvroType::kLong, LogicalType::kTimestampNanos, 0},
    {"local-timestamp-millis", AvroType::kLong, LogicalType::kLocalTimestampMillis, 0},
    {"local-timestamp-micros", AvroType::kLong, LogicalType::kLocalTimestampMicros, 0},
    {"local-timestamp-nanos", AvroType::kLong, LogicalType::kLocalTimestampNanos, 0},
    {"decimal", AvroType::kBytes, LogicalType::kDecimal, 0},
    {"decimal", AvroType::kFixed, LogicalType::kDecimal, 0},
    {"big-decimal", AvroType::kBytes, LogicalType::kBigDecimal, 0},
    {"uuid", AvroType::kString, LogicalType::kUuid, 0},
    {"uuid", AvroType::kFixed, LogicalType::kUuid, 16},
    {"duration", AvroType::kFixed, LogicalType::kDuration, 12},
    // Not in Avro's specification. Iceberg's map whose keys are no strings:
    {"map", AvroType::kArray, LogicalType::kMap, 0},
    // Those of the crate arrow-avro:
    {"arrow.int8", AvroType::kInt, LogicalType::kArrowInt8, 0},
    {"arrow.int16", AvroType::kInt, LogicalType::kArrowInt16, 0},
    {"arrow.uint8", AvroType::kInt, LogicalType::kArrowUInt8, 0},
    {"arrow.uint16", AvroType::kInt, LogicalType::kArrowUInt16, 0},
    {"arrow.uint32", AvroType::kLong, LogicalType::kArrowUInt32, 0},
    {"arrow.uint64", AvroType::kLong, LogicalType::kArrowUInt64, 0},
    {"arrow.uint64", AvroType::kFixed, LogicalType::kArrowUInt64, 8},
    {"arrow.float16", AvroType::kFloat, LogicalType::kArrowFloat16, 0},
    {"arrow.float16", AvroType::kFixed, LogicalType::kArrowFloat16, 2},
    {"arrow.time32-second", AvroType::kInt, LogicalType::kArrowTime32Second, 0},
    {"arrow.time64-nanosecond", AvroType::kLong, LogicalType::kArrowTime64Nanos, 0},
    {"arrow.duration-seconds", AvroType::kLong, LogicalType::kArrowDurationSeconds, 0},
    {"arrow.duration-millis", AvroType::kLong, LogicalType::kArrowDurationMillis, 0},
    {"arrow.duration-micros", AvroType::kLong, LogicalType::kArrowDurationMicros, 0},
    {"arrow.duration-nanos", AvroType::kLong, LogicalType::kArrowDurationNanos, 0},
    {"arrow.timestamp-second", AvroType::kLong, LogicalType::kArrowTimestampSecond, 0},
    {"arrow.local-timestamp-second", AvroType::kLong, LogicalType::kArrowLocalTimestampSecond, 0},
    {"arrow.date64", AvroType::kLong, LogicalType::kArrowDate64, 0},
}};

// Decimal digits that `size` bytes of two's complement hold: floor(log10(2^(8 * size - 1) - 1)). The -1 is left out: it
// makes no difference, for no power of two but 1 is a power of ten.
int64_t max_fixed_precision(uint64_t size) {
  if (size == 0) return 0;
  return static_cast<int64_t>(std::floor(static_cast<double>(8 * size - 1) * std::log10(2.0)));
}

// A number of digits: an integer, or as Hive writes it, a plain integer in quotes ("5"; not "05", "+5" or "5.0").
std::optional<int64_t> digits(const JsonValue& json) {
  if (json.kind != JsonKind::kString) return json_integer(json);
  const std::string_view text = json.text;
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  int64_t number = 0;
  const std::errc error = std::from_chars(text.data(), text.data() + text.size(), number).ec;
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

// Iceberg's timestamps without a zone: the logical type of an instant, and "adjust-to-utc": false. Any other value is
// as none.
bool is_local(const JsonValue& object) {
  const JsonValue* const adjust = object.find(JsonKey::kAdjustToUtc);
  return adjust != nullptr && adjust->kind == JsonKind::kBoolean && json_token(*adjust) == "false";
}

// The logical type for a timestamp without a zone; other logical types are returned as they are.
LogicalType local_twin(LogicalType logical) {
  switch (logical) {
    case LogicalType::kTimestampMillis:
      return LogicalType::kLocalTimestampMillis;
    case LogicalType::kTimestampMicros:
      return LogicalType::kLocalTimestampMicros;
    case LogicalType::kTimestampNanos:
      return LogicalType::kLocalTimestampNanos;
    default:
      return logical;
  }
}

void annotate_decimal(const JsonValue& object, SchemaNode& node) {
  const JsonValue* const precision_json = object.find(JsonKey::kPrecision);
  const JsonValue* const scale_json = object.find(JsonKey::kScale);
  if (precision_json == nullptr) return;
  const std::optional<int64_t> precision = digits(*precision_json);
  const std::optional<int64_t> scale = scale_json == nullptr ? 0 : digits(*scale_json);
  if (!precision || *precision < 1 || *precision > std::numeric_limits<int32_t>::max()) return;
  if (!scale || *scale < 0 || *scale > *precision) return;
  if (node.type == AvroType::kFixed && *precision > max_fixed_precision(node.size)) return;
  node.logical = LogicalType::kDecimal;
  node.precision = static_cast<int32_t>(*precision);
  node.scale = static_cast<int32_t>(*scale);
}

}  // namespace

void annotate(const JsonValue& object, SchemaNode& node) {
  const JsonValue* const name = object.find(JsonKey::kLogicalType);
  if (name == nullptr || name->kind != JsonKind::kString) return;
  for (const Rule& rule : kRules) {
    if (rule.name != name->text || rule.base != node.type) continue;
    if (rule.fixed_size != 0 && rule.fixed_size != node.size) continue;
    if (rule.logical == LogicalType::kDecimal) {
      annotate_decimal(object, node);
    } else {
      node.logical = is_local(object) ? local_twin(rule.logical) : rule.logical;
    }
    return;
  }
}

std::string_view logical_name(LogicalType logical) {
  for (const Rule& rule : kRules) {
    if (rule.logical == logical) return rule.name;
  }
  return "";
}

}  // namespace jetliner
