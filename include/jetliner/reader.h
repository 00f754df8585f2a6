// Reads object container files as Arrow batches.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "jetliner/arrow_abi.h"
#include "jetliner/error.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

// Rows on their way out: a stream of Arrow struct arrays (one or more chunks) of one schema. Cheap to move and to copy.
class Batch {
 public:
  Batch() = default;
  [[nodiscard]] size_t num_rows() const;
  [[nodiscard]] size_t num_columns() const;
  // Whether no column has others within it, or a dictionary, and all have names.
  [[nodiscard]] bool is_flat() const;
  // Bytes of memory that it keeps, its own and that of other batches which were decoded together with it.
  [[nodiscard]] size_t held_bytes() const;
  // Fills `out` (released before or uninitialised). The stream shares the batch's memory and may outlive it, the reader
  // and the file. May be called several times.
  void export_stream(ArrowArrayStream* out) const;

  // The same of column `index`, as a stream of its arrays. What is kept of it does not keep the text, bytes and lists
  // of other columns. Throws std::out_of_range.
  void export_column(size_t index, ArrowArrayStream* out) const;

  // Rows of one file that follow one another.
  struct Run {
    std::string path;
    size_t rows = 0;
  };
  // Which file the rows come from; all of them, in their order.
  [[nodiscard]] std::vector<Run> runs() const;

  struct Impl;
  explicit Batch(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

// So many bad blocks are kept with their details; from there on they are only counted.
inline constexpr size_t kMaxKeptBadBlocks = 10'000;

enum class Poll : uint8_t {
  kBatch,    // a batch was handed out
  kPending,  // the time ran out; ask again
  kEnd,      // no more rows
  // Of a read with ReadOptions::filter_columns:
  kCandidates,  // those columns of some rows were handed out; keep() is to be called before anything else
  kUnfiltered,  // a batch of all columns, whose rows are all there: keep those that are wanted, and tell kept()
};

// For one thread at a time, but for close(), which may be called from any.
class Reader {
 public:
  // Opens the files, reads their headers and compiles their schemas, which must fit the first one, or the reader schema
  // where there is one. Throws Error.
  // An option with a value that is not allowed, or no path at all: kConfiguration.
  Reader(const std::vector<std::string>& paths, ReadOptions options, SourceOpener opener = open_file);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  // The next batch of 1 to batch_size rows. Every batch but the last holds exactly batch_size. Throws Error when the
  // input is damaged and errors are not ignored; all rows before the damage have been handed out by then. Throws
  // std::bad_alloc where memory runs out, in a worker thread too. After an exception the reader is finished.
  Poll poll(Batch& out, std::chrono::milliseconds timeout);
  // The same without a time limit: false at the end. Not with ReadOptions::filter_columns.
  bool next(Batch& out);

  // With ReadOptions::filter_columns, rows that are not wanted cost little (late materialisation): poll() hands out
  // candidates, some rows of these columns, and builds only those of the other columns' rows that keep() chooses. They
  // come with a later kBatch, of which each holds at least one row and at most batch_size; so does each of the
  // candidates, but for their number. Where most rows are kept, some come as kUnfiltered instead.
  // Damage in columns that are not filtered by is met only in rows that are chosen.
  //
  // One bit for each of the candidates, from the lowest of the first byte on: whether the row is wanted. Throws Error
  // (kConfiguration) where there are no candidates, or not so many.
  void keep(std::span<const uint8_t> bits, size_t num_rows);
  // How many rows of a kUnfiltered batch were wanted. For speed only.
  void kept(size_t num_rows, size_t num_kept);
  // Stops reading and closes files; poll() returns kEnd from then on. May be called twice.
  void close();

  [[nodiscard]] const std::string& schema_json() const;  // the first file's, as written
  // Top-level columns of the reader schema, or else of the first file (all of them, whatever is projected), in schema
  // order.
  [[nodiscard]] const std::vector<std::string>& column_names() const;
  // Whether there is a column of that name, or a part of one (ReadOptions::column_paths).
  [[nodiscard]] bool has_column(const std::string& path) const;
  // With ReadOptions::merge_columns: the columns that are variants of another one, by their names in a batch, and the
  // name that they have in the files. In each row at most one of a column and its variants is not null.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> variants() const;
  // With ReadOptions::merge_columns: for each schema that files have, the index of the first of these files, and a
  // batch without rows that has all of its columns as they are in that file.
  [[nodiscard]] std::vector<std::pair<size_t, Batch>> own_schemas() const;
  // A batch without rows that has the schema of all others: projected columns, row index and path included.
  [[nodiscard]] Batch empty_batch() const;
  [[nodiscard]] size_t num_columns() const;  // of the batches

  [[nodiscard]] uint64_t rows_read() const;  // rows handed out
  // For a progress bar: how many bytes of the files the rows handed out so far come from, about, and how many there are
  // in all. Equal once the rows have come to an end, what n_rows left out included.
  [[nodiscard]] uint64_t bytes_read() const;
  [[nodiscard]] uint64_t total_bytes() const;
  // How many rows there will be in all, by the rows for each byte so far. Nothing before the first batch; the number of
  // rows at the end.
  [[nodiscard]] std::optional<uint64_t> estimated_rows() const;
  [[nodiscard]] uint64_t rows_pending() const;  // rows decoded and not handed out
  [[nodiscard]] bool is_finished() const;       // exhausted or closed
  // Damage met so far, by `ignore_errors`; in file order; grows only, up to kMaxKeptBadBlocks.
  [[nodiscard]] std::vector<BadBlock> bad_blocks() const;
  // All of it, those included that are not kept.
  [[nodiscard]] size_t num_bad_blocks() const;
  [[nodiscard]] size_t num_sources() const;
  [[nodiscard]] size_t source_index() const;  // of the file that the last batch came from; num_sources() at the end

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The rows of files, counted by the headers of their blocks (ReadOptions::rows_only): the blocks' own counts are
// trusted, as far as their bytes can hold so many rows. Whatever is wrong with headers, sizes and markers is treated as
// Reader does. Throws as Reader and its next() do.
uint64_t count_rows(const std::vector<std::string>& paths, ReadOptions options = {}, SourceOpener opener = open_file);

}  // namespace jetliner
