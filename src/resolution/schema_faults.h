// What is wrong with a schema by which files are written. Files of others may have such schemas, so the parser takes
// them. But other programs may refuse new files that have them.
#pragma once

#include <string>
#include <vector>

#include "schema/schema.h"

namespace jetliner {

// A line for each name of a type, field or symbol that is not valid in Avro. The empty name of a type is left out:
// Polars' own writer gives it. Aliases may be any text: they stand for names in other schemas.
std::vector<std::string> bad_names(const Schema& schema);

// A line for each default that is not of its field's type, and for each enum whose default is not one of its symbols.
std::vector<std::string> bad_defaults(const Schema& schema);

}  // namespace jetliner
