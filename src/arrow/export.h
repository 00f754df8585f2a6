// Exports chunks of columns through the Arrow C interfaces. Exported arrays share the chunk's memory: nothing is
// copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "column/chunk.h"
#include "jetliner/arrow_abi.h"
#include "types/arrow_type.h"

namespace jetliner {

// Rows of a chunk, exported as one struct array.
struct Slice {
  std::shared_ptr<const Chunk> chunk;
  size_t offset_rows = 0;
  size_t rows = 0;
  uint64_t first_row_index = 0;  // number of the first row, for the row index column
  // Set where the rows' numbers have gaps: the number of each row of the chunk.
  std::shared_ptr<const std::vector<uint64_t>> row_numbers = {};
  std::shared_ptr<const std::string> path = {};  // value of the path column, where there is one

  [[nodiscard]] uint64_t row_number(size_t row) const {
    return row_numbers == nullptr ? first_row_index + row : (*row_numbers)[offset_rows + row];
  }
};

// The columns of a batch, in this order: row index (optional), columns of the chunks, path of the file (optional).
struct BatchSchema {
  std::shared_ptr<const ArrowType> columns;
  std::string row_index_name;
  std::string path_name;
  bool has_row_index = false;
  bool has_path = false;

  [[nodiscard]] size_t num_columns() const {
    return columns->children.size() + (has_row_index ? 1 : 0) + (has_path ? 1 : 0);
  }
};

// Fills `out` with the schema of a struct of the batch's columns.
void export_schema(const BatchSchema& schema, ArrowSchema* out);

// The same for one column.
void export_column_schema(const BatchSchema& schema, size_t index, ArrowSchema* out);

// True if the rows of `next` follow those of `slice` in the same chunk. Such slices can be exported together.
inline bool follows(const Slice& slice, const Slice& next) {
  return next.chunk == slice.chunk && next.offset_rows == slice.offset_rows + slice.rows;
}

// Fills `out` with one column of slices, at least one, of which each follows the one before. Its memory lives until
// `out` and everything that was moved out of it are released. It does not keep alive the memory of other columns, if
// both are of fixed width.
void export_column_array(const BatchSchema& schema, std::span<const Slice> slices, size_t index, ArrowArray* out);

// Fills `out` with a struct array of all columns. Memory as above.
void export_array(const BatchSchema& schema, std::span<const Slice> slices, ArrowArray* out);

// Fills `out` with a stream that has one array for each slice, or for several of which each follows the one before.
void export_stream(std::shared_ptr<const BatchSchema> schema, std::vector<Slice> slices, ArrowArrayStream* out);
// The same for one column.
void export_column_stream(std::shared_ptr<const BatchSchema> schema, std::vector<Slice> slices, size_t index,
                          ArrowArrayStream* out);

}  // namespace jetliner
