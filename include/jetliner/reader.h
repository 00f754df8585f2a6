/// @file
/// Reads object container files as Arrow batches.
///
///     jetliner::Reader reader({"orders.avro"});
///     for (jetliner::Batch batch; reader.next(batch);) {
///       ArrowArrayStream stream;
///       batch.export_stream(&stream);  // for any library that takes Arrow's C stream interface
///     }
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jetliner/arrow_abi.h"
#include "jetliner/error.h"
#include "jetliner/export.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

/// Rows as Arrow struct arrays of one schema: one or more chunks. Cheap to move and to copy: copies share the memory,
/// which nobody changes any more. So several threads may use one batch, or copies of it. An empty Batch{} has no
/// columns and no rows.
class JETLINER_API Batch {
 public:
  Batch() = default;                         ///< no columns and no rows
  [[nodiscard]] size_t num_rows() const;     ///< of all chunks
  [[nodiscard]] size_t num_columns() const;  ///< row index and path column included
  /// Bytes of memory that the batch keeps: its own, and those of batches that were decoded together with it.
  [[nodiscard]] size_t held_bytes() const;

  /// Fills `out`, which need not be initialised. The caller releases it. The stream shares the memory of the batch. It
  /// may outlive the batch, the reader and the file. May be called several times. Strings are "vu" (views), lists "+L":
  /// docs/avro-support.md lists the types.
  void export_stream(ArrowArrayStream* out) const;
  /// Fills `out` with the column `index` alone. The stream does not keep the text, bytes and lists of other columns.
  /// Throws std::out_of_range.
  void export_column(size_t index, ArrowArrayStream* out) const;

  /// Consecutive rows of one file.
  struct Run {
    std::string path;  ///< as the caller gave it
    size_t rows = 0;   ///< > 0
  };
  /// All rows of the batch, in their order, by file.
  [[nodiscard]] std::vector<Run> runs() const;

  /// @cond
  // For the library itself.
  struct Impl;
  explicit Batch(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  [[nodiscard]] const Impl* impl() const { return impl_.get(); }
  /// @endcond

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Bad blocks that are kept with their details. Later ones are only counted.
inline constexpr size_t kMaxKeptBadBlocks = 10'000;

/// The result of Reader::poll().
enum class Poll : uint8_t {
  kBatch,    ///< a batch was handed out
  kPending,  ///< the time ran out; ask again
  kEnd,      ///< no more rows
};

/// Called on the thread that opens files, about every 50 ms while it waits for slow ones. It may throw, which ends the
/// opening.
using OpeningCheck = std::function<void()>;

/// Rows of one or several files, in the order of the files. Threads of its own read and decode ahead, as far as the
/// options allow.
///
/// For one thread at a time. close() may be called from any thread.
class JETLINER_API Reader {
 public:
  /// Opens the files, reads their headers and compiles their schemas. The schemas must fit the first one, or the reader
  /// schema if there is one. Throws Error; kConfiguration for an option whose value is not allowed, and for no path.
  explicit Reader(const std::vector<std::string>& paths, ReadOptions options = {}, SourceOpener opener = open_file,
                  const OpeningCheck& check = {});
  Reader(Reader&&) noexcept;             ///< the other one may only be destroyed or assigned to
  Reader& operator=(Reader&&) noexcept;  ///< likewise
  virtual ~Reader();                     ///< calls close()

  /// Fills `out` with the next batch, of 1 to batch_size rows. May take longer than `timeout` while this thread reads
  /// or decodes itself. Every batch but the last has exactly batch_size rows. Throws Error if the input is damaged and
  /// errors are not ignored; all rows before the damage have been handed out by then. Throws std::bad_alloc if memory
  /// runs out, in a worker thread too. After an exception the reader is finished.
  Poll poll(Batch& out, std::chrono::milliseconds timeout);
  /// Waits for the next batch without a time limit. Returns false at the end.
  bool next(Batch& out);
  /// Stops reading, closes the files, and wakes a poll() that waits in another thread. poll() returns kEnd from then
  /// on. May be called twice.
  void close();

  [[nodiscard]] const std::string& schema_json() const;  ///< Avro schema of the first file, as written
  /// Top-level columns of the reader schema, or else of the first file, in schema order. All of them, whatever is read.
  [[nodiscard]] const std::vector<std::string>& column_names() const;
  /// Tells whether a column or a part of a column (ColumnPaths) has this name.
  [[nodiscard]] bool has_column(const std::string& path) const;
  /// A batch without rows. It has the schema of all batches, with row index and path column.
  [[nodiscard]] Batch empty_batch() const;
  [[nodiscard]] size_t num_columns() const;  ///< of the batches

  [[nodiscard]] uint64_t rows_read() const;  ///< rows handed out
  /// For a progress bar, with total_bytes(): bytes of the files that hold the rows handed out so far, about. Both are
  /// equal after the last row, even if n_rows left rows out.
  [[nodiscard]] uint64_t bytes_read() const;
  [[nodiscard]] uint64_t total_bytes() const;  ///< of all files
  /// Rows that there will be in all, judged by the rows per byte so far. Nothing before the first batch; exact at the
  /// end.
  [[nodiscard]] std::optional<uint64_t> estimated_rows() const;
  [[nodiscard]] uint64_t rows_pending() const;  ///< rows decoded and not handed out
  [[nodiscard]] bool is_finished() const;       ///< exhausted or closed
  /// Damage skipped so far (ReadOptions::ignore_errors), in file order: the first kMaxKeptBadBlocks.
  [[nodiscard]] std::vector<BadBlock> bad_blocks() const;
  /// All damage skipped so far.
  [[nodiscard]] size_t num_bad_blocks() const;
  [[nodiscard]] size_t num_sources() const;   ///< files
  [[nodiscard]] size_t source_index() const;  ///< the file of the last row handed out; num_sources() at the end

 protected:
  /// @cond
  struct Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  /// @endcond
};

/// The form of text and bytes in a stream.
enum class TextForm : uint8_t {
  kViews,  ///< as in batches, "vu" and "vz": nothing is copied
  kLarge,  ///< "U" and "Z", for libraries that do not know views: text and bytes are copied
};

/// Fills `out` with one stream of all rows that are left. `out` need not be initialised. It owns the reader from now
/// on, and is released by the caller, or by the library that takes it over. Memory stays bounded: rows are read as
/// arrays are asked for.
///
/// An array has at most `batch_size` rows. An exception of the reader is an error of get_next(): ENOMEM for
/// std::bad_alloc, else EIO, and describe() of the Error. All rows before it have been handed out by then.
///
/// For one thread at a time, not always the same one. Arrays may outlive the stream. Throws std::bad_alloc.
JETLINER_API void export_stream(Reader reader, ArrowArrayStream* out, TextForm text = TextForm::kViews);

/// Counts the rows of files by the headers of their blocks (RowsOnly). The counts of blocks are trusted as far as their
/// bytes can hold so many rows. Wrong headers, sizes and markers are treated as Reader treats them. Throws as Reader
/// and its next() do.
JETLINER_API uint64_t count_rows(const std::vector<std::string>& paths, ReadOptions options = {},
                                 SourceOpener opener = open_file);

}  // namespace jetliner
