// Known logical types and the base types on which they are valid (Avro 1.12, "Logical Types").
#pragma once

#include <string_view>

#include "schema/json.h"
#include "schema/schema.h"

namespace jetliner {

// Reads "logicalType", "precision", "scale" and Iceberg's "adjust-to-utc" of a type's object into the node. As the
// specification demands, a logical type is ignored if it is unknown, malformed, or not valid on the base type.
void annotate(const JsonValue& object, SchemaNode& node);

// "timestamp-micros" and so on; "" for kNone.
std::string_view logical_name(LogicalType logical);

}  // namespace jetliner
