// Reads object container files as Arrow batches.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jetliner/arrow_abi.h"
#include "jetliner/error.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

// Rows as Arrow struct arrays of one schema: one or more chunks. Cheap to move and to copy. An empty Batch{} has no
// columns and no rows.
class Batch {
 public:
  Batch() = default;
  [[nodiscard]] size_t num_rows() const;
  [[nodiscard]] size_t num_columns() const;
  // Bytes of memory that the batch keeps: its own, and those of batches that were decoded together with it.
  [[nodiscard]] size_t held_bytes() const;

  // Fills `out`, which need not be initialised. The stream shares the memory of the batch. It may outlive the batch,
  // the reader and the file. May be called several times.
  void export_stream(ArrowArrayStream* out) const;
  // Fills `out` with the column `index` alone. The stream does not keep the text, bytes and lists of other columns.
  // Throws std::out_of_range.
  void export_column(size_t index, ArrowArrayStream* out) const;

  // Consecutive rows of one file.
  struct Run {
    std::string path;
    size_t rows = 0;
  };
  // All rows of the batch, in their order, by file.
  [[nodiscard]] std::vector<Run> runs() const;

  // For the library itself.
  struct Impl;
  explicit Batch(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  [[nodiscard]] const Impl* impl() const { return impl_.get(); }

 private:
  std::shared_ptr<const Impl> impl_;
};

// Bad blocks that are kept with their details. Later ones are only counted.
inline constexpr size_t kMaxKeptBadBlocks = 10'000;

enum class Poll : uint8_t {
  kBatch,    // a batch was handed out
  kPending,  // the time ran out; ask again
  kEnd,      // no more rows
};

// Called on the thread that opens files, about every 50 ms while it waits for slow ones. It may throw, which ends the
// opening.
using OpeningCheck = std::function<void()>;

// For one thread at a time. close() may be called from any thread.
class Reader {
 public:
  // Opens the files, reads their headers and compiles their schemas. The schemas must fit the first one, or the reader
  // schema if there is one. Throws Error; kConfiguration for an option whose value is not allowed, and for no path.
  Reader(const std::vector<std::string>& paths, ReadOptions options, SourceOpener opener = open_file,
         const OpeningCheck& check = {});
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  virtual ~Reader();

  // The next batch of 1 to batch_size rows. May take longer than `timeout` while this thread reads or decodes itself.
  // Every batch but the last has exactly batch_size rows. Throws Error if the input is damaged and errors are not
  // ignored; all rows before the damage have been handed out by then. Throws std::bad_alloc if memory runs out, in a
  // worker thread too. After an exception the reader is finished.
  Poll poll(Batch& out, std::chrono::milliseconds timeout);
  // Waits for the next batch without a time limit. Returns false at the end.
  bool next(Batch& out);
  // Stops reading, closes the files, and wakes a poll() that waits in another thread. poll() returns kEnd from then on.
  // May be called twice.
  void close();

  [[nodiscard]] const std::string& schema_json() const;  // of the first file, as written
  // Top-level columns of the reader schema, or else of the first file, in schema order. All of them, whatever is read.
  [[nodiscard]] const std::vector<std::string>& column_names() const;
  // Tells whether a column or a part of a column (ColumnPaths) has this name.
  [[nodiscard]] bool has_column(const std::string& path) const;
  // A batch without rows. It has the schema of all batches, with row index and path column.
  [[nodiscard]] Batch empty_batch() const;
  [[nodiscard]] size_t num_columns() const;  // of the batches

  [[nodiscard]] uint64_t rows_read() const;  // rows handed out
  // For a progress bar: bytes of the files that hold the rows handed out so far, about; and bytes of all files. Both
  // are equal after the last row, even if n_rows left rows out.
  [[nodiscard]] uint64_t bytes_read() const;
  [[nodiscard]] uint64_t total_bytes() const;
  // Rows that there will be in all, judged by the rows per byte so far. Nothing before the first batch; exact at the
  // end.
  [[nodiscard]] std::optional<uint64_t> estimated_rows() const;
  [[nodiscard]] uint64_t rows_pending() const;  // rows decoded and not handed out
  [[nodiscard]] bool is_finished() const;       // exhausted or closed
  // Damage skipped so far (ReadOptions::ignore_errors), in file order: the first kMaxKeptBadBlocks.
  [[nodiscard]] std::vector<BadBlock> bad_blocks() const;
  // All damage skipped so far.
  [[nodiscard]] size_t num_bad_blocks() const;
  [[nodiscard]] size_t num_sources() const;
  [[nodiscard]] size_t source_index() const;  // the file of the last row handed out; num_sources() at the end

 protected:
  struct Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Counts the rows of files by the headers of their blocks (RowsOnly). The counts of blocks are trusted as far as their
// bytes can hold so many rows. Wrong headers, sizes and markers are treated as Reader treats them. Throws as Reader and
// its next() do.
uint64_t count_rows(const std::vector<std::string>& paths, ReadOptions options = {}, SourceOpener opener = open_file);

}  // namespace jetliner
