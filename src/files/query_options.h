// Options of a read for a query engine, beyond the public ReadOptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetliner {

struct QueryOptions {
  // The files may have different columns. A batch has the columns of all files, and nulls where a file lacks one. Types
  // become the wider one, or columns of their own (QueryReader::variants()). Columns that are called like the row index
  // or the path column are left out. Not with ReadOptions::reader_schema.
  bool merge_columns = false;
  // The columns that a filter looks at, by name. Each is one of ReadOptions::columns, the row index or the path column.
  // Of the other columns, only the chosen rows are built (QueryReader::keep()). Absent: all rows
  // are wanted.
  std::optional<std::vector<std::string>> filter_columns = {};
  // A batch ends before it has ReadOptions::batch_size rows if these take so much memory, about. An engine keeps
  // several batches at the same time.
  size_t batch_bytes = SIZE_MAX;
};

}  // namespace jetliner
