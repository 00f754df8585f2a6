#include "input/input_type.h"

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "jetliner/error.h"

namespace jetliner {
namespace {

struct PlainFormat {
  std::string_view format;
  InputKind kind;
  Extent extent = Extent::kOffsets32;
  TimeUnit unit = TimeUnit::kSecond;
};

constexpr PlainFormat kPlainFormats[] = {
    {"n", InputKind::kNull},
    {"b", InputKind::kBoolean},
    {"c", InputKind::kInt8},
    {"s", InputKind::kInt16},
    {"i", InputKind::kInt32},
    {"l", InputKind::kInt64},
    {"C", InputKind::kUInt8},
    {"S", InputKind::kUInt16},
    {"I", InputKind::kUInt32},
    {"L", InputKind::kUInt64},
    {"_pli128", InputKind::kInt128},
    {"e", InputKind::kFloat16},
    {"f", InputKind::kFloat32},
    {"g", InputKind::kFloat64},
    {"tdD", InputKind::kDate32},
    {"tdm", InputKind::kDate64, Extent::kOffsets32, TimeUnit::kMilli},
    {"tts", InputKind::kTime32, Extent::kOffsets32, TimeUnit::kSecond},
    {"ttm", InputKind::kTime32, Extent::kOffsets32, TimeUnit::kMilli},
    {"ttu", InputKind::kTime64, Extent::kOffsets32, TimeUnit::kMicro},
    {"ttn", InputKind::kTime64, Extent::kOffsets32, TimeUnit::kNano},
    {"tDs", InputKind::kDuration, Extent::kOffsets32, TimeUnit::kSecond},
    {"tDm", InputKind::kDuration, Extent::kOffsets32, TimeUnit::kMilli},
    {"tDu", InputKind::kDuration, Extent::kOffsets32, TimeUnit::kMicro},
    {"tDn", InputKind::kDuration, Extent::kOffsets32, TimeUnit::kNano},
    {"u", InputKind::kText, Extent::kOffsets32},
    {"U", InputKind::kText, Extent::kOffsets64},
    {"vu", InputKind::kText, Extent::kViews},
    {"z", InputKind::kBinary, Extent::kOffsets32},
    {"Z", InputKind::kBinary, Extent::kOffsets64},
    {"vz", InputKind::kBinary, Extent::kViews},
    {"+l", InputKind::kList, Extent::kOffsets32},
    {"+L", InputKind::kList, Extent::kOffsets64},
    {"+m", InputKind::kMap, Extent::kOffsets32},
    {"+s", InputKind::kStruct},
};

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::kSchema, ErrorVariant::kUnsupportedType, message);
}

// The number at the start of `text`, which is cut off.
std::optional<int32_t> take_number(std::string_view& text) {
  int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "d:10,2", or "d:10,2,128" with the bits of a value.
void set_decimal(std::string_view rest, InputType& type) {
  const std::optional<int32_t> precision = take_number(rest);
  if (!precision || !take(rest, ",")) return;
  const std::optional<int32_t> scale = take_number(rest);
  if (!scale || !(rest.empty() || rest == ",128")) return;
  if (*precision < 1 || *precision > kMaxDecimal128Precision) return;
  type.kind = InputKind::kDecimal128;
  type.precision = *precision;
  type.scale = *scale;
}

// "tsu:Europe/Berlin"
void set_timestamp(std::string_view rest, InputType& type) {
  constexpr std::string_view kUnits = "smun";
  if (rest.size() < 2 || rest[1] != ':') return;
  const size_t unit = kUnits.find(rest[0]);
  if (unit == std::string_view::npos) return;
  type.kind = InputKind::kTimestamp;
  type.unit = static_cast<TimeUnit>(unit);
  type.has_zone = rest.size() > 2;
}

void set_fixed_width(std::string_view rest, InputKind kind, InputType& type) {
  const std::optional<int32_t> width = take_number(rest);
  if (!width || *width < 0 || !rest.empty()) return;
  type.kind = kind;
  type.extent = Extent::kFixedWidth;
  type.width = static_cast<size_t>(*width);
}

void set_format(std::string_view format, InputType& type) {
  type.format = format;
  for (const PlainFormat& plain : kPlainFormats) {
    if (plain.format != format) continue;
    type.kind = plain.kind;
    type.extent = plain.extent;
    type.unit = plain.unit;
    return;
  }
  if (take(format, "d:")) return set_decimal(format, type);
  if (take(format, "ts")) return set_timestamp(format, type);
  if (take(format, "w:")) return set_fixed_width(format, InputKind::kBinary, type);
  if (take(format, "+w:")) return set_fixed_width(format, InputKind::kList, type);
}

// Arrow's metadata: the number of pairs; then for each, length and text of key and value. Numbers have 32 bits.
std::optional<std::string_view> metadata_value(const char* metadata, std::string_view key) {
  if (metadata == nullptr) return std::nullopt;
  const auto take_int = [&metadata] {
    int32_t number = 0;
    std::memcpy(&number, metadata, sizeof number);
    metadata += sizeof number;
    return number;
  };
  const auto take_text = [&] {
    const int32_t size = take_int();
    const std::string_view text(metadata, static_cast<size_t>(size));
    metadata += size;
    return text;
  };
  for (int32_t pairs = take_int(); pairs > 0; --pairs) {
    const std::string_view name = take_text();
    const std::string_view value = take_text();
    if (name == key) return value;
  }
  return std::nullopt;
}

// Polars' list of an Enum's symbols: for each, its length in bytes, ";" and its text.
bool set_symbols(std::string_view listed, InputType& type) {
  while (!listed.empty()) {
    const std::optional<int32_t> size = take_number(listed);
    if (!size || *size < 0 || !take(listed, ";") || static_cast<size_t>(*size) > listed.size()) return false;
    type.symbols.emplace_back(listed.substr(0, static_cast<size_t>(*size)));
    listed.remove_prefix(static_cast<size_t>(*size));
  }
  return true;
}

InputType parse(const ArrowSchema& schema, int depth, uint32_t& next_column) {
  if (depth > kMaxInputDepth) fail("types nest in more than " + std::to_string(kMaxInputDepth) + " levels");
  InputType type;
  type.column = next_column++;
  if (schema.name != nullptr) type.name = schema.name;
  type.nullable = (schema.flags & ARROW_FLAG_NULLABLE) != 0;
  set_format(schema.format, type);
  if (schema.dictionary != nullptr) {
    type.index_kind = type.kind;
    type.kind = InputKind::kDictionary;
    type.children.push_back(parse(*schema.dictionary, depth + 1, next_column));
    if (const auto listed = metadata_value(schema.metadata, "_PL_ENUM_VALUES2")) {
      type.is_enum = set_symbols(*listed, type);
    }
    return type;
  }
  for (int64_t i = 0; i < schema.n_children; ++i) {
    type.children.push_back(parse(*schema.children[i], depth + 1, next_column));
  }
  const bool is_map = type.kind == InputKind::kMap;
  if ((is_map || type.kind == InputKind::kList) && type.children.size() != 1) fail("a list without an item type");
  if (is_map && (type.children[0].kind != InputKind::kStruct || type.children[0].children.size() != 2)) {
    fail("a map whose entries are no structs of key and value");
  }
  return type;
}

std::string unit_text(TimeUnit unit) {
  constexpr std::string_view kNames[] = {"s", "ms", "us", "ns"};
  return std::string(kNames[static_cast<size_t>(unit)]);
}

}  // namespace

InputType input_type(const ArrowSchema& schema) {
  uint32_t next_column = 0;
  InputType type = parse(schema, 0, next_column);
  if (type.kind != InputKind::kStruct) fail("the stream has no columns: its type is no struct");
  return type;
}

size_t num_columns(const InputType& type) {
  size_t count = 1;
  for (const InputType& child : type.children) count += num_columns(child);
  return count;
}

bool same_type(const InputType& a, const InputType& b) {
  if (a.kind != b.kind || a.extent != b.extent || a.unit != b.unit || a.has_zone != b.has_zone) return false;
  if (a.precision != b.precision || a.scale != b.scale || a.width != b.width || a.index_kind != b.index_kind) {
    return false;
  }
  if (a.children.size() != b.children.size() || a.is_enum != b.is_enum || a.symbols != b.symbols) return false;
  if (a.kind == InputKind::kUnsupported && a.format != b.format) return false;
  for (size_t i = 0; i < a.children.size(); ++i) {
    if (a.kind == InputKind::kStruct && a.children[i].name != b.children[i].name) return false;
    if (!same_type(a.children[i], b.children[i])) return false;
  }
  return true;
}

std::string shown_type(const InputType& type) {
  switch (type.kind) {
    case InputKind::kNull:
      return "Null";
    case InputKind::kBoolean:
      return "Boolean";
    case InputKind::kInt8:
      return "Int8";
    case InputKind::kInt16:
      return "Int16";
    case InputKind::kInt32:
      return "Int32";
    case InputKind::kInt64:
      return "Int64";
    case InputKind::kUInt8:
      return "UInt8";
    case InputKind::kUInt16:
      return "UInt16";
    case InputKind::kUInt32:
      return "UInt32";
    case InputKind::kUInt64:
      return "UInt64";
    case InputKind::kInt128:
      return "Int128";
    case InputKind::kFloat16:
      return "Float16";
    case InputKind::kFloat32:
      return "Float32";
    case InputKind::kFloat64:
      return "Float64";
    case InputKind::kDecimal128:
      return "Decimal(" + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ")";
    case InputKind::kDate32:
    case InputKind::kDate64:
      return "Date";
    case InputKind::kTime32:
    case InputKind::kTime64:
      return "Time";
    case InputKind::kTimestamp:
      return "Datetime(" + unit_text(type.unit) + (type.has_zone ? ", with a time zone)" : ")");
    case InputKind::kDuration:
      return "Duration(" + unit_text(type.unit) + ")";
    case InputKind::kText:
      return "String";
    case InputKind::kBinary:
      return "Binary";
    case InputKind::kList:
      return (type.extent == Extent::kFixedWidth ? "Array(" : "List(") + shown_type(type.children[0]) + ")";
    case InputKind::kMap:
      return "Map";
    case InputKind::kStruct:
      return "Struct";
    case InputKind::kDictionary:
      return type.is_enum ? "Enum" : "Categorical";
    case InputKind::kUnsupported:
      return type.format == "_plu128" ? "UInt128" : "Arrow type '" + type.format + "'";
  }
  return "";
}

}  // namespace jetliner
