// Finished columns: immutable, shared by the batches that are cut from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "column/arena.h"
#include "types/arrow_type.h"

namespace jetliner {

struct HeapBuffer {
  const uint8_t* data = nullptr;
  size_t bytes = 0;
};

struct FinishedColumn {
  const uint8_t* values = nullptr;
  const uint8_t* validity = nullptr;  // nullptr where no row is null
  size_t rows = 0;
  size_t null_count = 0;
  std::vector<HeapBuffer> heaps;    // views
  std::vector<int64_t> heap_bytes;  // Arrow's last buffer of a view array: the size of each heap buffer
};

struct Chunk {
  std::shared_ptr<const ArrowType> columns;  // the struct of which this is one array
  std::vector<FinishedColumn> data;          // by ArrowType::column
  size_t rows = 0;
  // All buffers are in these. Whoever keeps some of the columns may let go of the others, and most memory is in what
  // varies: so what has a fixed width, at top level, can be kept without it.
  std::shared_ptr<const Arena> fixed;
  Arena varying;  // heaps of views, and the items of lists

  [[nodiscard]] size_t allocated_bytes() const {
    return varying.allocated_bytes() + (fixed == nullptr ? 0 : fixed->allocated_bytes());
  }
};

}  // namespace jetliner
