// Finished columns. They do not change any more. Batches that are cut from a chunk share it.
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
  std::vector<HeapBuffer> heaps;    // of views
  std::vector<int64_t> heap_bytes;  // size of each heap buffer: the last buffer of an Arrow array of views
};

struct Chunk {
  std::shared_ptr<const ArrowType> columns;  // the type of the chunk: a struct
  std::vector<FinishedColumn> data;          // by ArrowType::column
  size_t rows = 0;
  // The arenas hold all buffers. They are separate because a consumer may keep only columns of fixed width: these do
  // not keep the other memory alive, which is most of it.
  std::shared_ptr<const Arena> fixed;  // values and validity at top level
  Arena varying;                       // heaps of views, and items of lists

  [[nodiscard]] size_t allocated_bytes() const {
    return varying.allocated_bytes() + (fixed == nullptr ? 0 : fixed->allocated_bytes());
  }
  // Bytes of the memory blocks that hold it.
  [[nodiscard]] size_t reserved_bytes() const {
    return varying.reserved_bytes() + (fixed == nullptr ? 0 : fixed->reserved_bytes());
  }
};

}  // namespace jetliner
