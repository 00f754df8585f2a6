// How to read; the defaults are those of the Python package.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetliner {

// What an enum becomes in Arrow; the importer's types are Polars'.
enum class EnumAs : uint8_t {
  kEnum,         // dictionary with the schema's symbols: Enum
  kCategorical,  // dictionary without a fixed set: Categorical
  kString,       // string views: String
};

// What a map becomes.
enum class MapAs : uint8_t {
  kList,  // list of structs {key, value}, in the order of the data
  kMap,   // Arrow's Map. Of a key that occurs again in a value the first place and the last value count.
};

// What becomes of bytes in strings that are not UTF-8.
enum class Utf8 : uint8_t {
  kStrict,   // damage
  kReplace,  // U+FFFD, one for each maximal part of a character (Unicode 15, section 3.9)
};

// Avro's types in Arrow, where there is a choice.
struct TypeOptions {
  EnumAs enum_as = EnumAs::kEnum;
  MapAs map_as = MapAs::kList;
  Utf8 utf8 = Utf8::kStrict;

  bool operator==(const TypeOptions&) const = default;
};

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
  // No columns of the files, but as many rows: batches have the row index and the path, where these are asked for. Rows
  // are counted by the headers of blocks, which are neither decompressed nor decoded, so that damage within them is not
  // noticed. Files need not have the same schema. `columns` and `column_paths` are ignored.
  bool rows_only = false;
  // JSON text of the Avro schema to read by, whatever the files were written with: their values become its values
  // (Avro 1.12, "Schema Resolution"), and the columns are its own. Absent: all files are read by the first one's.
  std::optional<std::string> reader_schema;
  TypeOptions types;
  // The files may have different columns. A batch has all of them, and null where a file lacks one; types become the
  // wider one, or columns of their own (Reader::variants()). Those that are called like the row index or the path
  // column are left out. Not with `reader_schema`.
  bool merge_columns = false;
  // For a read of which only some rows are wanted: the columns that tell which, by name, row index and path among them.
  // They are a part of `columns`. Reader::poll() then hands out candidates (Poll::kCandidates), and of the other
  // columns only the rows are built that Reader::keep() chooses. Absent: all rows are wanted.
  std::optional<std::vector<std::string>> filter_columns;
  std::optional<uint64_t> n_rows;             // most rows over all files; absent: all
  std::optional<std::string> row_index_name;  // first column, UInt32
  uint32_t row_index_offset = 0;
  std::optional<std::string> path_column;  // last column, String
  size_t n_threads = 0;                    // worker threads; 0: the cores that this process may use
};

}  // namespace jetliner
