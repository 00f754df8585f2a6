// Scalars: numbers, temporal types, text, bytes, fixed, decimals and enums.
#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "encode/compile.h"
#include "schema/path.h"

namespace jetliner {
namespace {

struct Bounds {
  int64_t least;
  int64_t most;
};

template <typename T>
constexpr Bounds bounds_of() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

// Values that the schema's type takes.
Bounds integer_bounds(const SchemaNode& node) {
  switch (node.logical) {
    case LogicalType::kArrowInt8:
      return bounds_of<int8_t>();
    case LogicalType::kArrowInt16:
      return bounds_of<int16_t>();
    case LogicalType::kArrowUInt8:
      return bounds_of<uint8_t>();
    case LogicalType::kArrowUInt16:
      return bounds_of<uint16_t>();
    case LogicalType::kArrowUInt32:
      return bounds_of<uint32_t>();
    case LogicalType::kArrowUInt64:
      return {0, std::numeric_limits<int64_t>::max()};
    default:
      return node.type == AvroType::kInt ? bounds_of<int32_t>() : bounds_of<int64_t>();
  }
}

bool is_text(InputKind kind) { return kind == InputKind::kText; }

EncodeCode bytes_code(const InputType& type) {
  switch (type.extent) {
    case Extent::kViews:
      return EncodeCode::kBytesViews;
    case Extent::kOffsets32:
      return EncodeCode::kBytesOffsets32;
    case Extent::kOffsets64:
      return EncodeCode::kBytesOffsets64;
    case Extent::kFixedWidth:
      break;
  }
  return EncodeCode::kBytesFixed;
}

std::string zone_hint(const InputType& type, bool wants_zone) {
  if (type.kind != InputKind::kTimestamp) return "";
  return wants_zone ? "say in which time zone it is, by dt.replace_time_zone(\"UTC\"), or write local-timestamp-*"
                    : "write timestamp-*, or drop the time zone by dt.replace_time_zone(None)";
}

}  // namespace

bool is_integer(InputKind kind) {
  return (kind >= InputKind::kInt8 && kind <= InputKind::kUInt64) || kind == InputKind::kInt128;
}

bool is_real(InputKind kind) { return kind >= InputKind::kFloat16 && kind <= InputKind::kFloat64; }

EncodeOp EncodeCompiler::integer(const SchemaNode& node, const InputType& type, const std::string& field) {
  const Bounds bounds = integer_bounds(node);
  EncodeOp op{.code = EncodeCode::kVarint, .least = bounds.least, .most = bounds.most};
  if (const TemporalForm* const form = temporal_form(node.logical)) {
    if (form->logical == LogicalType::kDate && type.kind == InputKind::kDate32)
      return {.code = EncodeCode::kVarintInt32};
    InputKind kind = type.kind;
    if (kind == InputKind::kTime32) kind = InputKind::kTime64;
    const bool is_date64 = kind == InputKind::kDate64 && form->logical == LogicalType::kArrowDate64;
    if (is_date64) kind = InputKind::kTimestamp;
    if (kind != form->kind) mismatch(node, type, field);
    if (kind == InputKind::kTimestamp && type.has_zone != form->has_zone) {
      mismatch(node, type, field, zone_hint(type, form->has_zone));
    }
    set_scale(op, type.unit, form->unit);
  } else if (!is_integer(type.kind)) {
    mismatch(node, type, field);
  }
  if (node.logical == LogicalType::kArrowUInt64) {
    op.way_out = "; a schema of fixed(8) with logicalType arrow.uint64 takes all of UInt64";
  } else if (node.logical == LogicalType::kTimeMicros || node.logical == LogicalType::kTimeMillis) {
    op.way_out = "; truncate the column, or write long with logicalType arrow.time64-nanosecond";
  } else if (temporal_form(node.logical) != nullptr) {
    op.way_out = "; truncate the column, or write a finer logical type";
  }
  const bool is_as_it_is = op.multiplier == 1 && op.divisor == 1;
  const bool is_narrow = type.kind == InputKind::kInt32 || type.kind == InputKind::kTime32;
  const bool is_wide = type.kind == InputKind::kInt64 || temporal_form(node.logical) != nullptr;
  const Bounds all = is_narrow ? bounds_of<int32_t>() : bounds_of<int64_t>();
  const bool takes_all = bounds.least <= all.least && bounds.most >= all.most;
  if (is_as_it_is && takes_all && is_narrow) op.code = EncodeCode::kVarintInt32;
  if (is_as_it_is && takes_all && !is_narrow && is_wide) op.code = EncodeCode::kVarintInt64;
  return op;
}

EncodeOp EncodeCompiler::real(const SchemaNode& node, const InputType& type, const std::string& field) {
  if (!is_integer(type.kind) && !is_real(type.kind)) mismatch(node, type, field);
  if (node.logical == LogicalType::kArrowFloat16) return {.code = EncodeCode::kHalfFloat};
  if (node.type == AvroType::kFloat) {
    return {.code = type.kind == InputKind::kFloat32 ? EncodeCode::kFloat32 : EncodeCode::kFloat};
  }
  return {.code = type.kind == InputKind::kFloat64 ? EncodeCode::kFloat64 : EncodeCode::kDouble};
}

EncodeOp EncodeCompiler::bytes(const SchemaNode& node, const InputType& type, const std::string& field) {
  if (node.logical == LogicalType::kDecimal) return decimal(node, type, field);
  if (node.logical == LogicalType::kBigDecimal) {
    if (is_text(type.kind)) return {.code = EncodeCode::kBigDecimal};
    mismatch(node, type, field);
  }
  if (is_text(type.kind)) return {.code = bytes_code(type)};
  if (type.kind == InputKind::kBinary) {
    return {.code = node.type == AvroType::kString ? EncodeCode::kTextOfBytes : bytes_code(type)};
  }
  if (type.kind == InputKind::kDictionary && is_text(type.children[0].kind)) return {.code = EncodeCode::kSymbolText};
  mismatch(node, type, field);
}

EncodeOp EncodeCompiler::fixed(const SchemaNode& node, const InputType& type, const std::string& field) {
  switch (node.logical) {
    case LogicalType::kDecimal:
      return decimal(node, type, field);
    case LogicalType::kDuration: {
      if (type.kind != InputKind::kDuration) mismatch(node, type, field);
      EncodeOp op{.code = EncodeCode::kDuration};
      set_scale(op, type.unit, TimeUnit::kMilli);
      return op;
    }
    case LogicalType::kArrowUInt64:
      if (is_integer(type.kind)) return {.code = EncodeCode::kFixedInteger};
      break;
    case LogicalType::kArrowFloat16:
      if (is_real(type.kind)) return {.code = EncodeCode::kFixedHalf};
      break;
    case LogicalType::kUuid:
      if (is_text(type.kind)) return {.code = EncodeCode::kFixedUuid, .width = node.size};
      break;
    default:
      break;
  }
  if (!is_text(type.kind) && type.kind != InputKind::kBinary) mismatch(node, type, field);
  return {.code = EncodeCode::kFixed, .width = node.size};
}

EncodeOp EncodeCompiler::decimal(const SchemaNode& node, const InputType& type, const std::string& field) {
  EncodeOp op{.is_fixed = node.type == AvroType::kFixed, .width = node.size, .precision = node.precision};
  if (is_text(type.kind)) {
    op.code = EncodeCode::kDecimalText;
    op.scale = node.scale;
    return op;
  }
  if (type.kind != InputKind::kDecimal128 && !is_integer(type.kind)) mismatch(node, type, field);
  op.code = EncodeCode::kDecimal;
  op.scale = node.scale - type.scale;
  // No power of ten beyond has 128 bits. Larger scales come with precisions that are text.
  if (op.scale > kMaxDecimal128Precision || op.scale < -kMaxDecimal128Precision) {
    mismatch(node, type, field, "give text");
  }
  return op;
}

EncodeOp EncodeCompiler::symbol(const SchemaNode& node, const InputType& type, const std::string& field) {
  if (is_text(type.kind)) return {.code = EncodeCode::kEnumText, .a = symbol_table(node)};
  if (type.kind == InputKind::kDictionary && is_text(type.children[0].kind)) {
    return {.code = EncodeCode::kEnumSymbol, .a = symbol_table(node), .slot = plan_.num_slots++};
  }
  mismatch(node, type, field);
}

uint32_t EncodeCompiler::symbol_table(const SchemaNode& node) {
  plan_.symbols.emplace_back(node.symbols);
  return static_cast<uint32_t>(plan_.symbols.size() - 1);
}

SymbolTable::SymbolTable(const std::vector<std::string>& symbols) : names_(symbols), order_(symbols.size()) {
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) { return names_[a] < names_[b]; });
}

int32_t SymbolTable::find(std::string_view text) const {
  const auto place = std::lower_bound(order_.begin(), order_.end(), text,
                                      [&](uint32_t i, std::string_view wanted) { return names_[i] < wanted; });
  return place == order_.end() || names_[*place] != text ? -1 : static_cast<int32_t>(*place);
}

std::string SymbolTable::listed() const {
  constexpr size_t kMostListed = 8;
  if (names_.empty()) return "none";
  std::string text;
  for (size_t i = 0; i < std::min(names_.size(), kMostListed); ++i) {
    text += (i > 0 ? ", " : "") + in_quotes(names_[i]);
  }
  return names_.size() > kMostListed ? text + ", ..." : text;
}

}  // namespace jetliner
