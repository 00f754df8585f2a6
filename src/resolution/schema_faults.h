// Faults of schemas. The parser takes a schema that has them, since some files do. Other programs may refuse a new file
// with such a schema.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "schema/schema.h"

namespace jetliner {

// Lines of one list, at most. Paths may be long, and a schema may have very many faults.
inline constexpr size_t kMostFaults = 100;

// A line for each name of a type, field or symbol that is not valid in Avro. The empty name of a type is left out:
// Polars' own writer gives it. Aliases may be any text: they stand for names in other schemas.
std::vector<std::string> bad_names(const Schema& schema);

// A line for each default that is not of its field's type, and for each enum whose default is not one of its symbols.
std::vector<std::string> bad_defaults(const Schema& schema);

}  // namespace jetliner
