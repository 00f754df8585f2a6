#include "decode/walk.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/base64.h"
#include "base/half.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "decode/decimal.h"
#include "decode/items_head.h"
#include "decode/scan.h"

namespace jetliner {
namespace {

// The shortest text that gives the same number when it is read. JSON has neither NaN nor infinities.
template <typename T>
void append_json_number(std::string& out, T number) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(number)) {
      out += "null";
      return;
    }
  }
  std::array<char, 32> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), result.ptr);
}

void append_json_duration(std::string& out, const uint8_t* bytes) {
  const DurationParts parts = read_duration(bytes);
  out += "{\"months\":";
  append_json_number(out, parts.months);
  out += ",\"days\":";
  append_json_number(out, parts.days);
  out += ",\"milliseconds\":";
  append_json_number(out, parts.milliseconds);
  out += '}';
}

}  // namespace

const uint8_t* Walk::length(const uint8_t* p, size_t* n) {
  int64_t value = 0;
  p = scan_long_before(p, end, &value, &status);
  if (p == nullptr) return nullptr;
  if (value < 0 || value > end - p) return fail(Status::kLength);
  *n = static_cast<size_t>(value);
  return p;
}

const uint8_t* Walk::string(const uint8_t* p, std::string* out) {
  size_t n = 0;
  p = length(p, &n);
  if (p == nullptr) return nullptr;
  if (out != nullptr) {
    if (valid_utf8_slack(p, n)) {
      append_json_string(*out, as_text({p, n}));
    } else if (options.replaces_utf8) {
      std::string text;
      append_replaced_utf8(text, p, n);
      append_json_string(*out, text);
    } else {
      return fail(Status::kUtf8);
    }
  }
  return p + n;
}

// A value of type `bytes` or `fixed`, of `n` bytes. The caller has checked that they are there.
const uint8_t* Walk::bytes(const SchemaNode& node, const uint8_t* p, size_t n, std::string* out) {
  if (out == nullptr) return p + n;
  const ByteSpan data{p, n};
  const size_t before = out->size();
  Status problem = Status::kOk;
  switch (node.logical) {
    case LogicalType::kDuration:
      append_json_duration(*out, p);
      return p + n;
    case LogicalType::kArrowUInt64:
      append_json_number(*out, load_le64(p));
      return p + n;
    case LogicalType::kArrowFloat16:
      append_json_number(*out, half_to_float(load_le16(p)));
      return p + n;
    case LogicalType::kDecimal:
      *out += '"';
      problem = append_decimal(*out, data, node.scale);
      break;
    case LogicalType::kBigDecimal: {
      ByteSpan unscaled;
      int64_t scale = 0;
      *out += '"';
      problem = split_big_decimal(data, &unscaled, &scale);
      if (problem == Status::kOk) problem = append_decimal(*out, unscaled, scale);
      break;
    }
    case LogicalType::kUuid:
      *out += '"';
      append_uuid(*out, p);
      break;
    default:
      *out += '"';
      append_base64(*out, data);
      break;
  }
  if (problem != Status::kOk) {
    out->resize(before);
    return invalid(problem, p + n, out);
  }
  *out += '"';
  return p + n;
}

const uint8_t* Walk::items(const SchemaNode& node, const uint8_t* p, std::string* out, int depth) {
  const bool is_map = node.type == AvroType::kMap;
  if (out != nullptr) *out += is_map ? '{' : '[';
  bool first = true;
  for (;;) {
    const ItemsHead head = read_items_head(p, end);
    if (!head.is_ok()) return fail(head.status);
    p = head.items;
    if (head.count == 0) break;
    if (out == nullptr && head.items_end != nullptr) {
      p = head.items_end;
      continue;
    }
    for (uint64_t count = head.count; count > 0; --count) {
      const uint8_t* const start = p;
      if (out != nullptr && !first) *out += ',';
      first = false;
      if (is_map) {
        p = string(p, out);
        if (p == nullptr) return nullptr;
        if (out != nullptr) *out += ':';
      }
      p = value(node.items, p, out, depth + 1);
      if (p == nullptr) return nullptr;
      if (p == start) {
        if (*empty_items_left == 0) return fail(Status::kEmptyItems);
        --*empty_items_left;
      }
      if (out != nullptr && out->size() > most_json_bytes) return fail(Status::kJsonTooLong);
    }
    if (head.items_end != nullptr && p != head.items_end) return fail(Status::kBlockBytes);
  }
  if (out != nullptr) *out += is_map ? '}' : ']';
  return p;
}

const uint8_t* Walk::record(const SchemaNode& node, const uint8_t* p, std::string* out, int depth) {
  if (out != nullptr) *out += '{';
  bool first = true;
  for (const SchemaField& field : node.fields) {
    if (out != nullptr) {
      if (!first) *out += ',';
      first = false;
      append_json_string(*out, field.name);
      *out += ':';
    }
    p = value(field.type, p, out, depth + 1);
    if (p == nullptr) return nullptr;
    if (out != nullptr && out->size() > most_json_bytes) return fail(Status::kJsonTooLong);
  }
  if (out != nullptr) *out += '}';
  return p;
}

const uint8_t* Walk::value(NodeId id, const uint8_t* p, std::string* out, int depth) {
  if (depth > kMaxDataDepth) return fail(Status::kDepth);
  const SchemaNode& node = schema.node(id);
  switch (node.type) {
    case AvroType::kNull:
      if (out != nullptr) *out += "null";
      return p;
    case AvroType::kBoolean:
      if (p >= end) return fail(Status::kEnd);
      if (*p > 1) return fail(Status::kBoolean);
      if (out != nullptr) *out += *p != 0 ? "true" : "false";
      return p + 1;
    case AvroType::kInt:
    case AvroType::kLong: {
      int64_t number = 0;
      p = scan_long_before(p, end, &number, &status);
      if (p == nullptr) return nullptr;
      if (node.type == AvroType::kInt && number != static_cast<int32_t>(number)) {
        return fail(Status::kIntTooLarge);
      }
      if (out != nullptr) append_json_number(*out, number);
      return p;
    }
    case AvroType::kFloat:
      if (end - p < 4) return fail(Status::kEnd);
      if (out != nullptr) append_json_number(*out, std::bit_cast<float>(load_le32(p)));
      return p + 4;
    case AvroType::kDouble:
      if (end - p < 8) return fail(Status::kEnd);
      if (out != nullptr) append_json_number(*out, std::bit_cast<double>(load_le64(p)));
      return p + 8;
    case AvroType::kBytes: {
      size_t n = 0;
      p = length(p, &n);
      return p == nullptr ? nullptr : bytes(node, p, n, out);
    }
    case AvroType::kFixed:
      if (static_cast<uint64_t>(end - p) < node.size) return fail(Status::kEnd);
      return bytes(node, p, node.size, out);
    case AvroType::kString:
      return string(p, out);
    case AvroType::kEnum: {
      int64_t index = 0;
      p = scan_long_before(p, end, &index, &status);
      if (p == nullptr) return nullptr;
      if (index < 0 || static_cast<size_t>(index) >= node.symbols.size()) {
        return fail(Status::kEnumIndex);
      }
      if (out != nullptr) append_json_string(*out, node.symbols[static_cast<size_t>(index)]);
      return p;
    }
    case AvroType::kUnion: {
      int64_t index = 0;
      p = scan_long_before(p, end, &index, &status);
      if (p == nullptr) return nullptr;
      if (index < 0 || static_cast<size_t>(index) >= node.branches.size()) return fail(Status::kBranchIndex);
      return value(node.branches[static_cast<size_t>(index)], p, out, depth + 1);
    }
    case AvroType::kArray:
    case AvroType::kMap:
      return items(node, p, out, depth);
    case AvroType::kRecord:
      return record(node, p, out, depth);
  }
  return p;
}

}  // namespace jetliner
