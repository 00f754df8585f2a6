/// @file
/// How to read. The defaults suit most files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "jetliner/type_options.h"

namespace jetliner {

/// All columns of the files.
struct AllColumns {
  bool operator==(const AllColumns&) const = default;  ///< compares all members
};

/// Top-level columns by name. Batches have them in schema order. Unknown names are ignored.
struct ColumnNames {
  std::vector<std::string> names = {};                  ///< of top-level columns, in any order
  bool operator==(const ColumnNames&) const = default;  ///< compares all members
};

/// Columns and parts of columns. A path is names joined by dots. It leads through records, and through arrays and maps
/// to their items: "address.city", "orders.sku". Batches have the columns in schema order. Unknown paths are ignored.
struct ColumnPaths {
  std::vector<std::string> paths = {};                  ///< in any order
  bool operator==(const ColumnPaths&) const = default;  ///< compares all members
};

/// No column of the files, but as many rows. Batches have the row index and the path column, if these are asked for.
/// Rows are counted by the headers of blocks: data are neither decompressed nor decoded, so damage in them is not
/// noticed. The files need not have the same schema.
struct RowsOnly {
  bool operator==(const RowsOnly&) const = default;  ///< compares all members
};

/// What to read of the files.
using Selection = std::variant<AllColumns, ColumnNames, ColumnPaths, RowsOnly>;

/// A part of a file, half open. A block belongs to the part in which the sync marker before it begins; the first block
/// has the marker of the header before it. So parts that cover a file have each of its rows once.
struct ByteRange {
  uint64_t begin = 0;                                 ///< bytes from the start of the file
  uint64_t end = UINT64_MAX;                          ///< likewise; may be beyond the end of the file
  bool operator==(const ByteRange&) const = default;  ///< compares all members
};

/// Options of Reader, count_rows() and Inspector. Values that are not allowed are an Error (kConfiguration), and
/// ErrorPlace::option names the member.
///
///     jetliner::ReadOptions options{.batch_size = 50'000, .columns = jetliner::ColumnNames{{"order_id", "total"}}};
struct ReadOptions {
  // Each member has an initializer: gcc warns about others if a caller leaves them out.
  size_t batch_size = 100'000;  ///< most rows in a batch, > 0
  /// Input read ahead of decoding, at most. Neighbouring blocks are joined up to 1 MiB and count as one block.
  size_t buffer_blocks = 4;                            ///< > 0
  size_t buffer_bytes = 64ULL << 20;                   ///< > 0; a larger block passes alone
  std::optional<size_t> read_chunk_bytes = {};         ///< bytes of a request, > 0; absent: the source chooses
  std::optional<size_t> max_block_bytes = 512U << 20;  ///< most bytes of a decompressed block; absent: no limit
  /// Most rows, over all files, of a schema whose values take no bytes (null, records without fields). Their number is
  /// whatever the file claims.
  uint64_t max_empty_rows = 1 << 24;
  std::optional<ByteRange> range = {};  ///< of a single file; absent: all of it
  bool ignore_errors = false;           ///< skip damaged blocks and report them
  Selection columns = AllColumns{};     ///< what to read
  /// The Avro schema to read by, as JSON text (Avro 1.12, "Schema Resolution"). The columns are its own, and files may
  /// have other schemas. Absent: all files are read by the schema of the first one.
  std::optional<std::string> reader_schema = {};
  TypeOptions types = {};                          ///< the form of enums, maps and unusual values
  std::optional<uint64_t> n_rows = {};             ///< most rows over all files; absent: all
  std::optional<std::string> row_index_name = {};  ///< adds a first column, UInt32
  uint32_t row_index_offset = 0;                   ///< number of the first row
  std::optional<std::string> path_column = {};     ///< adds a last column, String: the path of the file of the row
  size_t n_threads = 0;                            ///< worker threads; 0: the cores that this process may use
};

}  // namespace jetliner
