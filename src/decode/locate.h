// Finds the field of a row in which the data ends too early. The decoder does not know it; so the row is walked again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "schema/schema.h"

namespace jetliner {

struct Located {
  const uint8_t* row = nullptr;     // start of the row
  std::optional<std::string> path;  // of the value in which the data ends, such as "address.lines[]"; absent if none
};

// Walks the row that follows `rows` sound ones in [p, end). Compares every scalar with the end. The decoder compares
// several at once, and so may report the wrong one. `end` needs no slack behind it.
Located locate(const Schema& schema, const uint8_t* p, const uint8_t* end, size_t rows);

}  // namespace jetliner
