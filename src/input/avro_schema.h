// The Avro schema of Arrow data.
#pragma once

#include <string>

#include "input/input_type.h"
#include "jetliner/write_options.h"

namespace jetliner {

// JSON text of a record with one field for each column. Every field, item and value is a union of null and its type.
// Throws Error (kSchema): kUnsupportedType for a type without a form in Avro and for a struct without columns at top
// level; kInvalidName.
std::string avro_schema(const InputType& columns, const SchemaOptions& options);

}  // namespace jetliner
