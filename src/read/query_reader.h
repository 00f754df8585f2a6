// A Reader for query engines: rows are filtered while they are read, and files may have different columns. Not part of
// the installed API: the Python package uses it to serve Polars.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "files/query_options.h"
#include "jetliner/reader.h"

namespace jetliner {

enum class QueryPoll : uint8_t {
  kRows,        // a batch of rows that are wanted
  kCandidates,  // the filter's columns of some rows: answer with keep() before the next poll
  kUnfiltered,  // a batch of all columns and all rows: keep the wanted ones, and tell kept() their number
  kPending,     // the time ran out; ask again
  kEnd,         // no more rows
};

// With QueryOptions::filter_columns, rows that are not wanted cost little (late materialisation, filter/candidates.h).
// The reader hands out candidates, and builds the other columns only of the rows that keep() chooses. Each batch has 1
// to batch_size rows. Damage in other columns is met only in rows that are chosen.
class QueryReader final : public Reader {
 public:
  QueryReader(const std::vector<std::string>& paths, ReadOptions options, QueryOptions query,
              SourceOpener opener = open_file, const OpeningCheck& check = {});

  // As Reader::poll().
  QueryPoll poll_query(Batch& out, std::chrono::milliseconds timeout);
  // Whole blocks with rows that were found so far; all of them at the end.
  [[nodiscard]] uint64_t num_blocks() const;
  // One bit for each of the candidates, from the lowest bit of the first byte on: whether the row is wanted. Throws
  // Error (kConfiguration) if there are no candidates, or another number of them.
  void keep(std::span<const uint8_t> bits, size_t num_rows);
  // The number of wanted rows of a kUnfiltered batch. For speed only.
  void kept(size_t num_rows, size_t num_kept);

  // With QueryOptions::merge_columns: columns that are variants of another column. Pairs of the name in a batch and the
  // name in the files. In each row at most one of a column and its variants is not null.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> variants() const;
  // With QueryOptions::merge_columns: for each schema of the files, the index of its first file, and a batch without
  // rows that has all columns of that file.
  [[nodiscard]] std::vector<std::pair<size_t, Batch>> own_schemas() const;
};

// Whether no column has others within it, or a dictionary, and all have names.
bool is_flat(const Batch& batch);

}  // namespace jetliner
