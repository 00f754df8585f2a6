// Chunks of columns through the Arrow C interfaces, by sharing: nothing is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "column/chunk.h"
#include "jetliner/arrow_abi.h"
#include "types/arrow_type.h"

namespace jetliner {

// Part of a chunk, to be handed out as one struct array.
struct Slice {
  std::shared_ptr<const Chunk> chunk;
  size_t offset_rows = 0;
  size_t rows = 0;
  uint64_t first_row_index = 0;  // of the row index column, where there is one
  // The same for each row of the chunk, where they do not follow one another.
  std::shared_ptr<const std::vector<uint64_t>> row_numbers = {};
  std::shared_ptr<const std::string> path = {};  // of the path column, where there is one
};

// The columns of a batch: those of the chunks, and around them the row index and the path, if asked for.
struct BatchSchema {
  std::shared_ptr<const ArrowType> columns;
  std::string row_index_name;  // empty: none
  std::string path_name;       // empty: none
  bool has_row_index = false;
  bool has_path = false;

  // In this order: row index, columns of the chunks, path.
  [[nodiscard]] size_t num_columns() const {
    return columns->children.size() + (has_row_index ? 1 : 0) + (has_path ? 1 : 0);
  }
};

// Fills `out` with the schema of a struct of the batch's columns.
void export_schema(const BatchSchema& schema, ArrowSchema* out);

// The same of one of its columns.
void export_column_schema(const BatchSchema& schema, size_t index, ArrowSchema* out);

// Fills `out` with one of the columns. Its memory lives until `out`, and all that was moved out of it, is released;
// that of the other columns need not.
void export_column_array(const BatchSchema& schema, const Slice& slice, size_t index, ArrowArray* out);

// Fills `out` with one struct array. Its memory lives until `out`, and all that was moved out of it, is released.
void export_array(const BatchSchema& schema, const Slice& slice, ArrowArray* out);

// Fills `out` with a stream of one array for each slice; no slice gives a stream without arrays.
void export_stream(std::shared_ptr<const BatchSchema> schema, std::vector<Slice> slices, ArrowArrayStream* out);
// The same of one of the columns.
void export_column_stream(std::shared_ptr<const BatchSchema> schema, std::vector<Slice> slices, size_t index,
                          ArrowArrayStream* out);

}  // namespace jetliner
