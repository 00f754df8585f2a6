#include "plan/leaf.h"

namespace jetliner {

Leaf read_leaf(const SchemaNode& node) {
  const auto size = static_cast<uint32_t>(node.size);
  const auto precision = static_cast<uint32_t>(node.precision);
  const auto scale = static_cast<uint32_t>(node.scale);
  switch (node.logical) {
    case LogicalType::kTimeMillis:
      return {OpCode::kTimeMillis, 0, 0, kVarintRunBytes};
    case LogicalType::kTimeMicros:
      return {OpCode::kTimeMicros, 0, 0, kVarintRunBytes};
    case LogicalType::kDecimal:
      if (node.precision > kMaxDecimal128Precision) {
        return node.type == AvroType::kFixed ? Leaf{OpCode::kTextFixed, scale, size} : Leaf{OpCode::kTextBytes, scale};
      }
      return node.type == AvroType::kFixed ? Leaf{OpCode::kDecimalFixed, precision, size}
                                           : Leaf{OpCode::kDecimalBytes, precision};
    case LogicalType::kBigDecimal:
      return {OpCode::kBigDecimal};
    case LogicalType::kUuid:
      if (node.type == AvroType::kFixed) return {OpCode::kUuid, 0, 0, 16};
      break;
    case LogicalType::kDuration:
      return {OpCode::kDuration, 0, 0, 12};
    case LogicalType::kArrowInt8:
    case LogicalType::kArrowInt16:
    case LogicalType::kArrowUInt8:
    case LogicalType::kArrowUInt16:
    case LogicalType::kArrowUInt32:
    case LogicalType::kArrowUInt64:
    case LogicalType::kArrowFloat16:
    case LogicalType::kArrowTime32Second:
    case LogicalType::kArrowTime64Nanos:
    case LogicalType::kArrowDurationSeconds:
    case LogicalType::kArrowTimestampSecond:
    case LogicalType::kArrowLocalTimestampSecond:
      return {OpCode::kArrow, static_cast<uint32_t>(node.logical), static_cast<uint32_t>(node.type), kVarintRunBytes};
    default:
      break;
  }
  switch (node.type) {
    case AvroType::kBoolean:
      return {OpCode::kBoolean, 0, 0, 1};
    case AvroType::kInt:
      return {OpCode::kInt, 0, 0, kVarintRunBytes};
    case AvroType::kLong:
      return {OpCode::kLong, 0, 0, kVarintRunBytes};
    case AvroType::kFloat:
      return {OpCode::kFloat, 0, 0, 4};
    case AvroType::kDouble:
      return {OpCode::kDouble, 0, 0, 8};
    case AvroType::kBytes:
      return {OpCode::kBytes};
    case AvroType::kString:
      return {OpCode::kString};
    case AvroType::kFixed:
      return {OpCode::kFixed, size};
    case AvroType::kEnum:
      return {OpCode::kEnum, static_cast<uint32_t>(node.symbols.size()), 0, kVarintRunBytes};
    default:
      return {OpCode::kEnd};
  }
}

Leaf read_leaf_into(const SchemaNode& node, const ArrowType& column) {
  const Leaf leaf = read_leaf(node);
  const bool to_long = column.kind() == ArrowKind::kInt64;
  const bool to_double = column.kind() == ArrowKind::kFloat64;
  if (leaf.code == OpCode::kInt && to_long) return {OpCode::kIntToLong, 0, 0, kVarintRunBytes};
  if (leaf.code == OpCode::kInt && to_double) return {OpCode::kIntToDouble, 0, 0, kVarintRunBytes};
  if (leaf.code == OpCode::kLong && to_double) return {OpCode::kLongToDouble, 0, 0, kVarintRunBytes};
  if (leaf.code == OpCode::kFloat && to_double) return {OpCode::kFloatToDouble, 0, 0, 4};
  return leaf;
}

Leaf skip_leaf(const SchemaNode& node) {
  switch (node.type) {
    case AvroType::kBoolean:
      return {OpCode::kSkipFixed, 1};
    case AvroType::kFloat:
      return {OpCode::kSkipFixed, 4};
    case AvroType::kDouble:
      return {OpCode::kSkipFixed, 8};
    case AvroType::kFixed:
      return {OpCode::kSkipFixed, static_cast<uint32_t>(node.size)};
    case AvroType::kInt:
    case AvroType::kLong:
    case AvroType::kEnum:
      return {OpCode::kSkipVarints, 1};
    case AvroType::kBytes:
    case AvroType::kString:
      return {OpCode::kSkipBytes};
    default:
      return {OpCode::kEnd};
  }
}

Leaf read_promoted_leaf(const SchemaNode& writer, const SchemaNode& reader) {
  Leaf leaf = read_leaf(reader);
  if (leaf.code == OpCode::kArrow) leaf.b = static_cast<uint32_t>(writer.type);
  if (leaf.code == OpCode::kArrow || writer.type == reader.type) return leaf;
  switch (reader.type) {
    case AvroType::kLong:
      // kTimeMicros accepts only times within a day, and an int has the same encoding as a long.
      if (reader.logical == LogicalType::kTimeMicros) return leaf;
      return {OpCode::kIntToLong, 0, 0, kVarintRunBytes};
    case AvroType::kFloat:
      return {writer.type == AvroType::kInt ? OpCode::kIntToFloat : OpCode::kLongToFloat, 0, 0, kVarintRunBytes};
    case AvroType::kDouble:
      if (writer.type == AvroType::kFloat) return {OpCode::kFloatToDouble, 0, 0, 4};
      return {writer.type == AvroType::kInt ? OpCode::kIntToDouble : OpCode::kLongToDouble, 0, 0, kVarintRunBytes};
    default:
      return leaf;  // string and bytes are encoded alike
  }
}

}  // namespace jetliner
