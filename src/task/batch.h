// What a Batch holds.
#pragma once

#include <memory>
#include <vector>

#include "arrow/export.h"
#include "jetliner/reader.h"

namespace jetliner {

struct Batch::Impl {
  std::shared_ptr<const BatchSchema> schema;
  std::vector<Slice> slices;
  size_t rows = 0;
};

}  // namespace jetliner
