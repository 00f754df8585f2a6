// Leaves are types that are neither nested nor unions. One operation reads or skips a value of them.
#pragma once

#include <cstdint>

#include "plan/op.h"
#include "schema/schema.h"
#include "types/arrow_type.h"

namespace jetliner {

// An operation without its column, for values that are not nullable.
struct Leaf {
  OpCode code;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t run_bytes = 0;  // most bytes it takes without a bounds check; 0: it checks itself
};

inline constexpr uint32_t kVarintRunBytes = 10;

// Reads a leaf into a column. kEnd for nodes that are not leaves.
Leaf read_leaf(const SchemaNode& node);

// Reads a leaf into a column that may have a wider type (merge_columns()).
Leaf read_leaf_into(const SchemaNode& node, const ArrowType& column);

// Skips a leaf. kEnd for nodes that are not leaves.
Leaf skip_leaf(const SchemaNode& node);

// Reads a leaf of the writer's type into a column of the reader's type and logical type. The reader's type is the same,
// or the writer's is promoted to it (Avro 1.12, "Schema Resolution"). Not for enums.
Leaf read_promoted_leaf(const SchemaNode& writer, const SchemaNode& reader);

// The operation for a union of null and a leaf.
inline OpCode nullable_twin(OpCode code) { return static_cast<OpCode>(static_cast<uint8_t>(code) + 1); }

}  // namespace jetliner
