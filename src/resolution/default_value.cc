#include "resolution/default_value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/decimal_text.h"
#include "base/half.h"
#include "base/varint.h"
#include "jetliner/error.h"
#include "schema/logical.h"
#include "schema/path.h"
#include "types/data_type.h"
#include "types/value_range.h"

namespace jetliner {
namespace {

// JSON has no such numbers. Avro's Java library reads these strings instead; Python's json module writes the words
// without quotes.
template <typename T>
std::optional<T> special_number(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<T>::quiet_NaN();
  if (text == "Infinity" || text == "INF") return std::numeric_limits<T>::infinity();
  if (text == "-Infinity" || text == "-INF") return -std::numeric_limits<T>::infinity();
  return std::nullopt;
}

template <typename T>
std::optional<T> real_number(const JsonValue& json) {
  if (json.kind == JsonKind::kString) return special_number<T>(json.text);
  if (json.kind != JsonKind::kNumber) return std::nullopt;
  const std::string_view token = json_token(json);
  if (const std::optional<T> special = special_number<T>(token)) return special;
  T number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return number;
}

template <typename Bits>
void append_little_endian(std::vector<uint8_t>& out, Bits bits) {
  for (size_t i = 0; i < sizeof bits; ++i) out.push_back(static_cast<uint8_t>(bits >> (8 * i)));
}

// "Unicode code points 0-255 are mapped to unsigned 8-bit byte values 0-255." The text is valid UTF-8.
std::optional<std::vector<uint8_t>> bytes_of_code_points(std::string_view text) {
  std::vector<uint8_t> out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte < 0x80) {
      out.push_back(byte);
    } else if (byte == 0xc2 || byte == 0xc3) {
      out.push_back(static_cast<uint8_t>((byte & 3) << 6 | (static_cast<uint8_t>(text[++i]) & 0x3f)));
    } else {
      return std::nullopt;
    }
  }
  return out;
}

bool fits_precision(ByteSpan unscaled, int32_t precision) {
  if (precision > kMaxDecimal128Precision) return unscaled.size() <= kMaxDecimalBytes;  // becomes text
  Int128 value = 0;
  if (!decimal_to_int128(unscaled, &value)) return false;
  const auto bound = static_cast<Int128>(pow10_u128(precision));
  return value < bound && value > -bound;
}

}  // namespace

bool DefaultEncoder::append(NodeId id, const std::string& json, std::vector<uint8_t>& out) {
  return text(id, json, out, 1);
}

bool DefaultEncoder::text(NodeId id, const std::string& json, std::vector<uint8_t>& out, int depth) {
  try {
    const JsonTree tree(json, JsonContent::kAny);
    return value(id, tree.root(), out, depth);
  } catch (const Error& error) {
    problem_ = error.what();
    return false;
  }
}

bool DefaultEncoder::fail(const SchemaNode& node, const JsonValue& json, const std::string& why) {
  const bool is_container = json.kind == JsonKind::kArray || json.kind == JsonKind::kObject;
  const std::string shown(is_container                     ? kind_name(json.kind)
                          : json.kind == JsonKind::kString ? in_quotes(json.text)
                                                           : json_token(json));
  problem_ = shown + " is no value of type " + std::string(type_name(node.type));
  if (!node.name.empty()) problem_ += ' ' + in_quotes(node.name);
  if (!why.empty()) problem_ += ": " + why;
  return false;
}

bool DefaultEncoder::value(NodeId id, const JsonValue& json, std::vector<uint8_t>& out, int depth) {
  const SchemaNode& node = schema_.node(id);
  if (depth > kMaxSchemaDepth) return fail(node, json, "defaults nest too deeply, or are within themselves");
  if (++steps_ > kMaxDefaultSteps) return fail(node, json, "the schema's defaults stand for too many values");
  switch (node.type) {
    case AvroType::kNull:
      return json.kind == JsonKind::kNull || fail(node, json);
    case AvroType::kBoolean:
      if (json.kind != JsonKind::kBoolean) return fail(node, json);
      out.push_back(json_token(json) == "true" ? 1 : 0);
      return true;
    case AvroType::kInt:
    case AvroType::kLong:
      return integer(node, json, out);
    case AvroType::kFloat:
    case AvroType::kDouble:
      return real(node, json, out);
    case AvroType::kBytes:
    case AvroType::kFixed:
      return bytes(node, json, out);
    case AvroType::kString:
      if (json.kind != JsonKind::kString) return fail(node, json);
      append_long(out, static_cast<int64_t>(json.text.size()));
      out.insert(out.end(), json.text.begin(), json.text.end());
      return true;
    case AvroType::kEnum:
      return symbol(node, json, out);
    case AvroType::kArray:
    case AvroType::kMap:
      return items(node, json, out, depth);
    case AvroType::kRecord:
      return record(node, json, out, depth);
    case AvroType::kUnion:
      return branch(node, json, out, depth);
  }
  return false;
}

bool DefaultEncoder::integer(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out) {
  const std::optional<int64_t> number = json_integer(json);
  if (!number) return fail(node, json);
  if (node.type == AvroType::kInt && *number != static_cast<int32_t>(*number)) return fail(node, json);
  if (!value_range(node.logical).contains(*number)) {
    return fail(node, json,
                is_time_of_day(node.logical) ? "the time of day is outside 0 to 24 hours"
                                             : "it is outside the range of " + std::string(logical_name(node.logical)));
  }
  append_long(out, *number);
  return true;
}

bool DefaultEncoder::real(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out) {
  if (node.type == AvroType::kFloat) {
    const std::optional<float> number = real_number<float>(json);
    if (!number) return fail(node, json);
    uint16_t half = 0;
    if (node.logical == LogicalType::kArrowFloat16 && !float_to_half(*number, &half)) {
      return fail(node, json, "arrow.float16 has no such number");
    }
    append_little_endian(out, std::bit_cast<uint32_t>(*number));
  } else {
    const std::optional<double> number = real_number<double>(json);
    if (!number) return fail(node, json);
    append_little_endian(out, std::bit_cast<uint64_t>(*number));
  }
  return true;
}

bool DefaultEncoder::bytes(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out) {
  if (json.kind != JsonKind::kString) return fail(node, json);
  const std::optional<std::vector<uint8_t>> data = bytes_of_code_points(json.text);
  if (!data) return fail(node, json, "its characters stand for bytes and must be below U+0100");
  if (node.type == AvroType::kFixed && data->size() != node.size) {
    return fail(node, json, "it needs " + std::to_string(node.size) + " bytes");
  }
  if (node.logical == LogicalType::kDecimal && !fits_precision(*data, node.precision)) {
    return fail(node, json, "it has more digits than the decimal's precision");
  }
  if (node.type == AvroType::kBytes) append_long(out, static_cast<int64_t>(data->size()));
  out.insert(out.end(), data->begin(), data->end());
  return true;
}

bool DefaultEncoder::symbol(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out) {
  if (json.kind != JsonKind::kString) return fail(node, json);
  const auto found = std::find(node.symbols.begin(), node.symbols.end(), json.text);
  if (found == node.symbols.end()) return fail(node, json, "there is no such symbol");
  append_long(out, found - node.symbols.begin());
  return true;
}

bool DefaultEncoder::items(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out, int depth) {
  const bool is_map = node.type == AvroType::kMap;
  if (json.kind != (is_map ? JsonKind::kObject : JsonKind::kArray)) return fail(node, json);
  if (!json.children.empty()) append_long(out, static_cast<int64_t>(json.children.size()));
  for (const JsonValue& item : json.children) {
    if (is_map) {
      append_long(out, static_cast<int64_t>(item.name.size()));
      out.insert(out.end(), item.name.begin(), item.name.end());
    }
    if (!value(node.items, item, out, depth + 1)) return false;
  }
  append_long(out, 0);
  return true;
}

// A field that the object leaves out has its own default.
bool DefaultEncoder::record(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out, int depth) {
  if (json.kind != JsonKind::kObject) return fail(node, json);
  for (const SchemaField& field : node.fields) {
    // The last of equal names counts.
    const auto given = std::find_if(json.children.rbegin(), json.children.rend(),
                                    [&](const JsonValue& member) { return member.name == field.name; });
    if (given != json.children.rend()) {
      if (!value(field.type, *given, out, depth + 1)) return false;
    } else if (!field.default_json.has_value()) {
      return fail(node, json, "it has no field " + in_quotes(field.name));
    } else if (!text(field.type, *field.default_json, out, depth + 1)) {
      return false;
    }
  }
  return true;
}

// "Default values for union fields correspond to the first schema that matches in the union."
bool DefaultEncoder::branch(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out, int depth) {
  const size_t start = out.size();
  for (size_t i = 0; i < node.branches.size(); ++i) {
    append_long(out, static_cast<int64_t>(i));
    if (value(node.branches[i], json, out, depth + 1)) return true;
    out.resize(start);
  }
  if (node.branches.size() == 1) return false;
  // A common slip: null as text.
  const auto is_null = [&](NodeId id) { return schema_.node(id).type == AvroType::kNull; };
  const bool is_null_text = json.kind == JsonKind::kString && json.text == "null" &&
                            std::any_of(node.branches.begin(), node.branches.end(), is_null);
  return fail(node, json, is_null_text ? "write null without quotes" : "it fits none of the branches");
}

}  // namespace jetliner
