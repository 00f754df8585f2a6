// Finds where rows start and end, by the schema alone: the field of a row in which the data end too early, and the row
// after a bad one. The decoder does not know this; so the rows are walked again.
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
  const uint8_t* next = nullptr;    // the byte after the row; nullptr where that is not known
};

// Walks the row that follows `rows` sound ones in [p, end). Compares every scalar with the end. The decoder compares
// several at once, and so may report the wrong one. `end` needs no slack behind it.
Located locate(const Schema& schema, const uint8_t* p, const uint8_t* end, size_t rows);

// True if [p, end) is exactly `rows` rows, as far as lengths, counts and branches tell. Values are not looked at.
bool are_whole_rows(const Schema& schema, const uint8_t* p, const uint8_t* end, uint64_t rows);

}  // namespace jetliner
