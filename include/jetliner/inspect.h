// What is in a container file besides its rows: the header, and the blocks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jetliner/error.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

struct FileInfo {
  // File metadata in the order of the file, those of Avro itself ("avro.schema", "avro.codec") included. Values are
  // bytes, not necessarily text; keys need not be either.
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string codec;        // "null" where the file names none
  std::string schema_json;  // as written
  std::array<uint8_t, 16> sync_marker{};
  uint64_t header_bytes = 0;  // where the first block starts
  uint64_t size_bytes = 0;    // of the file
};

struct BlockInfo {
  int64_t index = 0;              // from 0; blocks without rows are counted and left out
  uint64_t file_offset = 0;       // where its count starts
  uint64_t rows = 0;              // as its header says
  uint64_t compressed_bytes = 0;  // of its data; head and marker left out
  // Nothing where it does not decompress and errors are ignored.
  std::optional<uint64_t> uncompressed_bytes;
};

// For one thread at a time.
class Inspector {
 public:
  // Opens the file and reads its header. Of the options read_chunk_bytes, max_block_bytes and ignore_errors count.
  // Throws Error as Reader does, the schema included, which must be one.
  explicit Inspector(const std::string& path, const ReadOptions& options = {}, const SourceOpener& opener = open_file);
  Inspector(Inspector&&) noexcept;
  Inspector& operator=(Inspector&&) noexcept;
  ~Inspector();

  [[nodiscard]] const FileInfo& file() const;

  // The next blocks of the file, a MiB or so of it. Each is decompressed: its size is not written anywhere. False at
  // the end. Throws Error where a block is damaged, unless errors are ignored: what is no block is left out then.
  bool next(std::vector<BlockInfo>& blocks);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jetliner
