// Types that are neither nested nor unions: the one operation that reads them, or passes over them.
#pragma once

#include <cstdint>

#include "plan/op.h"
#include "schema/schema.h"
#include "types/arrow_type.h"

namespace jetliner {

// A leaf operation, before it is known whether null is possible.
struct Leaf {
  OpCode code;
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t run_bytes = 0;  // most bytes it takes without looking at the end of the data; 0: it looks
};

inline constexpr uint32_t kVarintRunBytes = 10;

// What reads a leaf into a column. kEnd for nodes that are not leaves.
Leaf read_leaf(const SchemaNode& node);

// What reads a leaf into a column that may be of a wider type (merge_columns()).
Leaf read_leaf_into(const SchemaNode& node, const ArrowType& column);

// What passes over a leaf. kEnd for nodes that are not leaves.
Leaf skip_leaf(const SchemaNode& node);

// What reads a leaf of the writer's type into a column of the reader's, which is the same or what it is promoted to
// (Avro 1.12, "Schema Resolution"). The column is that of the reader's logical type. Not for enums.
Leaf read_promoted_leaf(const SchemaNode& writer, const SchemaNode& reader);

// The operation for the union of null and a leaf.
inline OpCode nullable_twin(OpCode code) { return static_cast<OpCode>(static_cast<uint8_t>(code) + 1); }

}  // namespace jetliner
