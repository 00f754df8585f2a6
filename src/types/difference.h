// Compares the columns of two files.
#pragma once

#include <string>

#include "types/arrow_type.h"

namespace jetliner {

// The first difference, as text for a message: "field 'a' is missing". Empty where there is none. The order of fields
// does not matter.
std::string difference(const ArrowType& expected, const ArrowType& actual);

}  // namespace jetliner
