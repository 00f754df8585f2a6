// The good rows of a damaged file as a new file with the same header.
//
// Rows are decoded to find out whether they are good, and their columns are dropped. A block whose rows are all good is
// copied as it is in the file. Of a damaged block the bytes of its good rows are compressed anew. So no value changes,
// also where a column cannot hold all of it (months of durations), and recursive schemas need no text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_buffer.h"
#include "jetliner/error.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

// For one thread at a time.
class Recovery {
 public:
  // Uses the options read_chunk_bytes, max_block_bytes and max_empty_rows. Throws Error as Reader does.
  Recovery(const std::string& path, const ReadOptions& options, const SourceOpener& opener = open_file);
  Recovery(const Recovery&) = delete;
  Recovery& operator=(const Recovery&) = delete;
  ~Recovery();

  // Replaces `bytes` by the next bytes of the new file, of about 1 MiB of the old one; there may be none. False at the
  // end. Throws Error where reading fails.
  bool next(ByteBuffer& bytes);

  // Until now: good rows, bytes of the old file, damaged places.
  [[nodiscard]] uint64_t rows_read() const;
  [[nodiscard]] uint64_t bytes_read() const;
  [[nodiscard]] size_t num_bad_blocks() const;
  // Size of the old file.
  [[nodiscard]] uint64_t total_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jetliner
