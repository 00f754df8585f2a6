/// @file
/// The parts of a container file besides its rows: header and blocks.
///
///     jetliner::Inspector inspector("orders.avro");
///     std::cout << inspector.file().codec << '\n' << inspector.file().schema_json << '\n';
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jetliner/error.h"
#include "jetliner/export.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

/// The header of a file.
struct FileInfo {
  /// File metadata in file order, with Avro's own entries ("avro.schema", "avro.codec"). Keys and values are bytes and
  /// need not be text.
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string codec;                      ///< "null" where the file names none
  std::string schema_json;                ///< as written
  std::array<uint8_t, 16> sync_marker{};  ///< ends the header and each block
  uint64_t header_bytes = 0;              ///< size of the header: the first block starts there
  uint64_t size_bytes = 0;                ///< of the file
};

/// One block of a file.
struct BlockInfo {
  int64_t index = 0;              ///< from 0; empty blocks get an index, but are left out
  uint64_t file_offset = 0;       ///< bytes; start of the block
  uint64_t rows = 0;              ///< as the block claims
  uint64_t compressed_bytes = 0;  ///< of the data, without count, size and marker
  /// Absent where the data does not decompress and errors are ignored.
  std::optional<uint64_t> uncompressed_bytes;
};

/// Header and blocks of one file. For one thread at a time.
class JETLINER_API Inspector {
 public:
  /// Opens the file and reads its header. Uses the options read_chunk_bytes, max_block_bytes and ignore_errors. Throws
  /// Error as Reader does, also where the schema is not valid.
  explicit Inspector(const std::string& path, const ReadOptions& options = {}, const SourceOpener& opener = open_file);
  Inspector(Inspector&&) noexcept;             ///< the other one may only be destroyed or assigned to
  Inspector& operator=(Inspector&&) noexcept;  ///< likewise
  ~Inspector();

  [[nodiscard]] const FileInfo& file() const;  ///< lives as long as the inspector

  /// The next blocks, about 1 MiB of the file. Each is decompressed, since a file does not say how large its data is
  /// then. False at the end. Throws Error where a block is damaged. With ignore_errors damaged bytes are left out.
  bool next(std::vector<BlockInfo>& blocks);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jetliner
