// The table of Avro types and the Arrow types that their values become.
#pragma once

#include "jetliner/type_options.h"
#include "schema/schema.h"
#include "types/data_type.h"

namespace jetliner {

// The Arrow type of a schema node. Unions have none of their own: see union_column() in arrow_columns.cc for unions
// with one branch beside null, and add_fields() for records within themselves.
DataType data_type(const SchemaNode& node, const TypeOptions& options);

}  // namespace jetliner
