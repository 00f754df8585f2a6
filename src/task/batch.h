// The contents of a Batch.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "arrow/export.h"
#include "jetliner/reader.h"

namespace jetliner {

struct Batch::Impl {
  std::shared_ptr<const BatchSchema> schema;
  std::vector<Slice> slices;
  size_t rows = 0;
};

// A batch without rows.
inline Batch empty_batch_of(std::shared_ptr<const BatchSchema> schema) {
  auto batch = std::make_shared<Batch::Impl>();
  batch->schema = std::move(schema);
  return Batch(std::move(batch));
}

}  // namespace jetliner
