// The files of a writer: one, or several of limited size.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/byte_buffer.h"
#include "jetliner/sink.h"
#include "write/encode_unit.h"

namespace jetliner {

// For one thread at a time. Files that are not finished when it is destroyed leave nothing behind.
class OutputFiles {
 public:
  // `header`: the first bytes of every file; empty for a file that has one already.
  OutputFiles(SinkOpener opener, ByteBuffer header, std::optional<uint64_t> max_bytes)
      : opener_(std::move(opener)), header_(std::move(header)), max_bytes_(max_bytes.value_or(UINT64_MAX)) {}

  // Opens the first file. Even without rows there is one.
  void open();
  void write(const EncodedBlocks& blocks);
  // No more blocks come.
  void finish();

  [[nodiscard]] uint64_t num_bytes() const { return bytes_; }
  [[nodiscard]] uint64_t num_blocks() const { return blocks_; }
  [[nodiscard]] uint64_t num_files() const { return files_; }

 private:
  void add(ByteSpan bytes);
  void write_pieces();
  void end_file();

  const SinkOpener opener_;
  const ByteBuffer header_;
  const uint64_t max_bytes_;
  std::unique_ptr<Sink> sink_;    // nullptr between two files
  std::vector<ByteSpan> pieces_;  // of the file, to be written together
  uint64_t bytes_of_file_ = 0;
  uint64_t bytes_ = 0;
  uint64_t blocks_ = 0;
  uint64_t files_ = 0;
};

}  // namespace jetliner
