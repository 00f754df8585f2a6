// Logical types (Avro 1.12, "Logical Types"): which are known, and on which base types they are valid.
#pragma once

#include <string_view>

#include "schema/json.h"
#include "schema/schema.h"

namespace jetliner {

// Reads "logicalType", "precision" and "scale" of a type's object and annotates the node with them. A logical type that
// is unknown, malformed, or on a base type that it does not fit leaves the node as it is, as the specification asks
// for: data are then read as the base type.
void annotate(const JsonValue& object, SchemaNode& node);

// "timestamp-micros" and so on; "" for kNone.
std::string_view logical_name(LogicalType logical);

}  // namespace jetliner
