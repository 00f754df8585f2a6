// Options of a read for a query engine, beyond the public ReadOptions.
#pragma once

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
};

}  // namespace jetliner
