// A file whose header has been read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "container/header.h"
#include "plan/plan.h"
#include "types/arrow_type.h"

namespace jetliner {

// Immutable. Shared by all that read the file.
struct FileContext {
  size_t index = 0;  // among the files of the read
  std::shared_ptr<const std::string> path;
  uint64_t size_bytes = 0;
  uint64_t bytes_before = 0;  // of the files before it
  Header header;
  std::shared_ptr<const Plan> plan;
  // For the first of two passes: the columns that a filter looks at, with the starts of rows. nullptr: one pass only.
  std::shared_ptr<const Plan> candidate_plan;
};

}  // namespace jetliner
