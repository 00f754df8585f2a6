// The table of Avro types and the Arrow types that their values become.
#pragma once

#include "jetliner/type_options.h"
#include "schema/schema.h"
#include "types/data_type.h"

namespace jetliner {

// The Arrow type of a schema node. Two cases are decided in arrow_columns.cc, for they depend on more than the node: a
// union of null and one other type has that type, and a record within itself is text.
DataType data_type(const SchemaNode& node, const TypeOptions& options);

}  // namespace jetliner
