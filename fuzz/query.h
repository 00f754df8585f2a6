// Queries of query_fuzzer.cc: the choices by the first bytes, the files, and the outcome of a read with or without a
// filter.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "arrow_reader.h"
#include "check.h"
#include "container/block_framer.h"
#include "container/header.h"
#include "container_bytes.h"
#include "lending_source.h"
#include "read/query_reader.h"

namespace jetliner {

inline constexpr uint64_t kMaxRows = 1000;
inline constexpr size_t kChoiceBytes = 7;
inline constexpr size_t kMostLentBytes = 2000;
inline constexpr const char* kIndexName = "row index of the fuzzer";
inline constexpr const char* kPathName = "path of the fuzzer";

// The choices by the first bytes.
struct Choices {
  explicit Choices(const uint8_t* bytes)
      : filter_columns(bytes[0]),
        further_columns(bytes[1]),
        ignore_errors((bytes[2] & 1) != 0),
        files(bytes[2] >> 1 & 3),
        merge_columns((bytes[2] & 8) != 0 || files == 3),
        filters_by_index((bytes[2] & 16) != 0),
        filters_by_path((bytes[2] & 32) != 0),
        has_some_columns((bytes[2] & 64) != 0),
        has_timeout((bytes[2] & 128) != 0),
        share(bytes[3]),
        seed(bytes[4]),
        batch_size(std::array<size_t, 4>{1, 7, 100, 100'000}[bytes[5] & 3]),
        chunk_bytes((bytes[5] & 4) != 0 ? 13 : 1 << 20),
        buffer_bytes((bytes[5] & 8) != 0 ? 1 : 64 << 20),
        types({.enum_as = static_cast<EnumAs>(bytes[6] % 3),
               .map_as = static_cast<MapAs>(bytes[6] / 3 % 2),
               .utf8 = static_cast<Utf8>(bytes[6] / 6 % 2),
               .invalid_values = static_cast<InvalidValues>(bytes[6] / 12 % 2)}) {}

  uint8_t filter_columns;   // one bit per column; column 8 takes bit 0 again
  uint8_t further_columns;  // the same, for columns that are read besides
  bool ignore_errors;
  // 0: the file. 1: its first block as a file, then the file. 2: the file twice. 3: the file, then the same with
  // another schema text.
  uint8_t files;
  bool merge_columns;
  bool filters_by_index;
  bool filters_by_path;
  bool has_some_columns;  // otherwise all are read
  bool has_timeout;
  uint8_t share;  // share of rows that are kept, of 255
  uint8_t seed;   // decides which rows are kept
  size_t batch_size;
  size_t chunk_bytes;
  size_t buffer_bytes;
  TypeOptions types;

  // True if the filter keeps a row with these values in its columns.
  [[nodiscard]] bool keeps(const std::string& key) const {
    uint32_t hash = 2166136261U ^ seed;
    for (const char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619U;
    return ((hash ^ hash >> 13) * 0x5bd1e995U >> 24) % 255 < share;
  }
};

using Bytes = std::vector<uint8_t>;
using Names = std::set<std::string>;

struct NamedFile {
  std::string path;
  Bytes bytes;
};
using Files = std::vector<NamedFile>;

struct Row {
  uint64_t number = 0;  // the row index, if it was read
  std::string text;     // all columns but row index and path
  std::string key;      // the filter's columns
};

struct Outcome {
  std::vector<Row> rows;
  std::optional<Error> error;
  std::vector<BadBlock> bad_blocks;
  size_t looked_at = 0;  // rows that the filter has seen
};

inline std::vector<Row> rows_of(const Batch& batch, const Names& filter) {
  Owned<ArrowArrayStream> stream;
  batch.export_stream(&stream.c);
  Owned<ArrowSchema> schema;
  JETLINER_FUZZ_CHECK(stream.c.get_schema(&stream.c, &schema.c) == 0);
  std::vector<Row> rows;
  for (;;) {
    Owned<ArrowArray> array;
    JETLINER_FUZZ_CHECK(stream.c.get_next(&stream.c, &array.c) == 0);
    if (array.c.release == nullptr) break;
    check_array(schema.c, array.c);
    for (int64_t i = 0; i < array.c.length; ++i) {
      Row& row = rows.emplace_back();
      for (int64_t c = 0; c < array.c.n_children; ++c) {
        const std::string name = schema.c.children[c]->name;
        const std::string value = value_text(*schema.c.children[c], *array.c.children[c], array.c.offset + i);
        const std::string cell = name + (':' + (value + ','));
        if (name == kIndexName) row.number = std::stoull(value);
        if (name != kIndexName && name != kPathName) row.text += cell;
        if (filter.contains(name)) row.key += cell;
      }
    }
  }
  JETLINER_FUZZ_CHECK(rows.size() == batch.num_rows());
  return rows;
}

class Query {
 public:
  Query(const Choices& choices, Names filter) : choices_(choices), filter_(std::move(filter)) {}

  // Reads with the filter if `query` has one, and all rows otherwise.
  [[nodiscard]] Outcome read(const Files& files, const ReadOptions& options, const QueryOptions& query = {}) const {
    Outcome outcome;
    std::vector<std::string> paths;
    for (const NamedFile& file : files) paths.push_back(file.path);
    try {
      QueryReader reader(paths, options, query, [&](const std::string& path) -> std::unique_ptr<Source> {
        const auto is_it = [&](const NamedFile& file) { return file.path == path; };
        const Bytes& bytes = std::find_if(files.begin(), files.end(), is_it)->bytes;
        // A source that lends its bytes gives the same rows.
        if (!query.filter_columns.has_value()) return open_memory(bytes);
        return std::make_unique<LendingSource>(bytes, kMostLentBytes, bytes.size());
      });
      const auto timeout = choices_.has_timeout ? std::chrono::hours(0) : std::chrono::hours(1);
      size_t rows_read = 0;
      Batch batch;
      for (QueryPoll poll; (poll = reader.poll_query(batch, timeout)) != QueryPoll::kEnd;) {
        if (poll == QueryPoll::kPending) continue;
        std::vector<Row> rows = rows_of(batch, filter_);
        JETLINER_FUZZ_CHECK(!rows.empty());
        JETLINER_FUZZ_CHECK(poll == QueryPoll::kRows || query.filter_columns.has_value());
        if (poll == QueryPoll::kCandidates) {
          answer(reader, rows);
          outcome.looked_at += rows.size();
          continue;
        }
        JETLINER_FUZZ_CHECK(rows.size() <= options.batch_size);
        rows_read += rows.size();
        if (poll == QueryPoll::kUnfiltered) {
          const size_t num_rows = rows.size();
          std::erase_if(rows, [&](const Row& row) { return !choices_.keeps(row.key); });
          reader.kept(num_rows, rows.size());
          outcome.looked_at += num_rows;
        }
        outcome.rows.insert(outcome.rows.end(), rows.begin(), rows.end());
      }
      JETLINER_FUZZ_CHECK(reader.is_finished() && reader.rows_read() == rows_read);
      outcome.bad_blocks = reader.bad_blocks();
      JETLINER_FUZZ_CHECK(outcome.bad_blocks.size() == reader.num_bad_blocks());
      JETLINER_FUZZ_CHECK(options.ignore_errors || outcome.bad_blocks.empty());
    } catch (const Error& error) {
      outcome.error = error;
      JETLINER_FUZZ_CHECK(!error.place().path.empty() && error.what()[0] != 0);
    }
    return outcome;
  }

 private:
  void answer(QueryReader& reader, const std::vector<Row>& rows) const {
    std::vector<uint8_t> bits((rows.size() + 7) / 8);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (choices_.keeps(rows[i].key)) bits[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
    }
    reader.keep(bits, rows.size());
  }

  const Choices& choices_;
  const Names filter_;
};

// The file up to the end of its first block with rows or data.
inline std::optional<Bytes> first_block(const Bytes& bytes, const Header& header) {
  const auto source = open_memory(bytes);
  BlockFramer framer(*source, header, {.unit_bytes = 1});
  Unit unit;
  if (!framer.next(unit) || unit.blocks.empty()) return std::nullopt;
  const size_t end = unit.blocks[0].file_offset + unit.blocks[0].block_bytes;
  return Bytes(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(end));
}

// A second file: the same blocks, and the same schema written as another text.
inline Bytes with_other_text(const Bytes& bytes, const Header& header) {
  ByteWriter out;
  out.magic().zigzag(2).text("avro.schema").text(header.schema_json + ' ').text("avro.codec").text(header.codec);
  out.zigzag(0).raw(header.sync);
  return out.raw(ByteSpan(bytes).subspan(header.size_bytes)).bytes();
}

inline Files files_of(const Choices& choices, Bytes bytes) {
  Files files;
  files.reserve(2);
  files.push_back({.path = "fuzz.avro", .bytes = std::move(bytes)});
  const Bytes& file = files[0].bytes;
  if (choices.files == 0) return files;
  try {
    const Header header = read_header(*open_memory(file), 1 << 20);
    if (choices.files == 1) {
      // The first blocks of a filtered read are read in one pass. With this file in front, the first blocks of the
      // second file are not.
      if (std::optional<Bytes> first = first_block(file, header)) {
        files.insert(files.begin(), {.path = "first.avro", .bytes = std::move(*first)});
      }
    } else if (choices.files == 2) {
      files.push_back(files[0]);
    } else {
      files.push_back({.path = "again.avro", .bytes = with_other_text(file, header)});
    }
  } catch (const Error&) {
    return files;  // the reader will find the error
  }
  return files;
}

}  // namespace jetliner
