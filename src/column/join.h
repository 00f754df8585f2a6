// Makes one chunk of many small ones. A chunk takes memory beside its rows: 4 KiB at least, and more in whoever
// imports it, for each column. So the rows of small files would take many times their size.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "column/block_pool.h"
#include "column/chunk.h"

namespace jetliner {

struct ChunkRows {
  const Chunk* chunk = nullptr;
  size_t first = 0;
  size_t rows = 0;
};

// The bytes that a copy of all rows of a chunk would take, about.
size_t data_bytes(const Chunk& chunk);

// Copies rows into one chunk, in their order. There is at least one part, all have the same Chunk::columns, and they
// are small: together their text takes less than kMaxHeapBytes. Throws std::bad_alloc.
std::shared_ptr<const Chunk> join(std::span<const ChunkRows> parts, const std::shared_ptr<BlockPool>& pool);

}  // namespace jetliner
