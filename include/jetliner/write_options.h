/// @file
/// How to write. The defaults suit most files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jetliner {

/// Names that are not valid in Avro: other than [A-Za-z_][A-Za-z0-9_]*.
enum class InvalidNames : uint8_t {
  kError,    ///< Error (kSchema), variant kInvalidName, which lists all of them
  kReplace,  ///< other characters become '_', and names are made unique
  kKeep,     ///< written as they are. Parsers that check names refuse the file.
};

/// The Avro schema of a type in Arrow, where the caller gives none.
struct SchemaOptions {
  std::string name = "Row";                           ///< of the top-level record
  std::string name_space = {};                        ///< "": none
  InvalidNames invalid_names = InvalidNames::kError;  ///< names of columns that Avro does not admit
};

/// Options of Writer. Values that are not allowed are an Error (kConfiguration), and ErrorPlace::option names the
/// member.
///
///     jetliner::WriteOptions options{.codec = "zstandard", .compression_level = 3};
struct WriteOptions {
  // Each member has an initializer: gcc warns about others if a caller leaves them out.
  /// The Avro schema to write, as JSON text. Absent: made from the type of the data, by `derived`. The writer
  /// takes names and defaults that other programs may refuse: see schema_faults().
  std::optional<std::string> schema = {};
  SchemaOptions derived = {};                 ///< without `schema`: how it is made
  std::string codec = "snappy";               ///< null, deflate, snappy, zstandard, bzip2 or xz
  std::optional<int> compression_level = {};  ///< absent: the usual one of the codec
  /// Most plain bytes of a block, > 0. A block ends before the row that would pass it. A larger row is a block of its
  /// own.
  size_t block_bytes = 64'000;
  std::optional<std::array<uint8_t, 16>> sync_marker = {};  ///< absent: random
  /// Further entries of the header. Keys must not begin with "avro.".
  std::vector<std::pair<std::string, std::string>> metadata = {};
  /// The sink has a file already: no header is written. `schema`, `codec` and `sync_marker` are those of the file.
  bool is_continuation = false;
  std::optional<uint64_t> max_rows_per_file = {};   ///< > 0; a block ends there
  std::optional<uint64_t> max_bytes_per_file = {};  ///< > 0; exceeded by one block at most
  size_t n_threads = 0;                             ///< worker threads; 0: the cores that this process may use
};

}  // namespace jetliner
