// Where in a row the data went wrong, found by walking the row once more: the hot path does not keep track of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "schema/schema.h"

namespace jetliner {

struct Located {
  const uint8_t* row = nullptr;     // where the row starts
  std::optional<std::string> path;  // of the value within which the data ends, such as "address.lines[]"; if it does
};

// Looks at the row that follows `rows` sound ones in [p, end). Every scalar is compared with the end by itself, where
// the decoder does so for several together and may blame the wrong one.
Located locate(const Schema& schema, const uint8_t* p, const uint8_t* end, size_t rows);

}  // namespace jetliner
