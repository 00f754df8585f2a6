// What is wrong with a schema by which files are written. Files of others may have such schemas, so the parser takes
// them. But other programs may refuse new files that have them.
#pragma once

#include <string>
#include <vector>

#include "schema/schema.h"

namespace jetliner {

// Throws Error (kSchema, kInvalidName) if names of types, fields or symbols are not valid in Avro. It lists all of
// them; its context is the place of the first one. An empty name of a type is none: Polars' own writer gives it.
// Aliases may be any text: they stand for names in other schemas.
void check_names(const Schema& schema);

// A line for each default that is not of its field's type, and for each enum whose default is not one of its symbols.
std::vector<std::string> bad_defaults(const Schema& schema);

}  // namespace jetliner
