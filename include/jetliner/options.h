// How to read; the defaults are those of the Python package.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetliner {

struct ReadOptions {
  size_t batch_size = 100'000;  // most rows in a batch, > 0
  // At most so much input is read ahead of decoding; neighbouring blocks are coalesced up to 1 MiB and count as one.
  size_t buffer_blocks = 4;                            // > 0
  size_t buffer_bytes = 64ULL << 20;                   // > 0; one larger block passes alone
  std::optional<size_t> read_chunk_bytes;              // > 0; absent: the source's preference
  std::optional<size_t> max_block_bytes = 512U << 20;  // bound of a block's decompressed size; absent: none
  // Most rows, over all files, of a schema whose values take no bytes (null, records without fields): their number is
  // whatever the file claims.
  uint64_t max_empty_rows = 1 << 24;
  bool ignore_errors = false;  // skip damaged blocks and report them
  // Columns to read, by name; the output is in schema order. Names that do not exist are ignored. Absent: all.
  std::optional<std::vector<std::string>> columns;
  // The same, with parts of columns: names joined by dots that lead through records, and through arrays and maps to
  // what is in them ("address.city", "orders.sku"). In place of `columns`.
  std::optional<std::vector<std::string>> column_paths;
  // JSON text of the Avro schema to read by, whatever the files were written with: their values become its values
  // (Avro 1.12, "Schema Resolution"), and the columns are its own. Absent: all files are read by the first one's.
  std::optional<std::string> reader_schema;
  std::optional<uint64_t> n_rows;             // most rows over all files; absent: all
  std::optional<std::string> row_index_name;  // first column, UInt32
  uint32_t row_index_offset = 0;
  std::optional<std::string> path_column;  // last column, String
  size_t n_threads = 0;                    // worker threads; 0: the cores that this process may use
};

}  // namespace jetliner
