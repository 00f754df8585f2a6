// Format strings of the Arrow C data interface.
#pragma once

#include <string>

#include "types/data_type.h"

namespace jetliner {

// The format string of a type. That of a dictionary is the one of its indices.
std::string format_string(const DataType& type);

}  // namespace jetliner
