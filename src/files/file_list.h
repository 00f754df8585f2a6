// The files of one read: opened, checked against the first, and given out one after the other.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "container/block_framer.h"
#include "files/file_context.h"
#include "files/query_options.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

// Lower layers do not know what their bytes are called.
template <typename Action>
auto with_path(const std::string& path, Action action) {
  try {
    return action();
  } catch (Error& error) {
    if (error.place().path.empty()) error.place().path = path;
    throw;
  }
}

// Throws Error (kCodec) where there is no codec of that name.
void check_codec(const std::string& codec);

// A file whose blocks are being read.
struct OpenFile {
  std::shared_ptr<const FileContext> context;
  std::unique_ptr<Source> source;
  FramerOptions framer_options;
  std::unique_ptr<BlockFramer> framer;
  uint64_t max_block_bytes = UINT64_MAX;  // plain
  uint64_t* empty_rows_left = nullptr;    // of the read (ReadOptions::max_empty_rows)

  // Makes the framer. Throws Error with the path.
  void start(BlockFramer::Start start);
  // The next unit (BlockFramer::next), as far as its rows are bounded. Throws Error with the path.
  bool next(Unit& unit);

 private:
  void bound_empty_rows(Unit& unit) const;
};

// Immutable after construction but for open(), which is for one thread at a time for each file.
class FileList {
 public:
  // Reads all headers. Throws Error: whatever opening and header give; kSchema where a file's columns are not those of
  // the first, but for their order; with a reader schema, where that is not valid or a file's cannot be read by it.
  FileList(const std::vector<std::string>& paths, const ReadOptions& options, const QueryOptions& query,
           SourceOpener opener);

  [[nodiscard]] size_t size() const { return files_.size(); }
  [[nodiscard]] uint64_t total_bytes() const { return total_bytes_; }  // of the files as they were opened
  [[nodiscard]] const std::string& schema_json() const { return schema_json_; }
  // All columns of the reader schema, or else of the first file; and those that are read.
  [[nodiscard]] const ArrowType& file_columns() const { return *file_columns_; }
  [[nodiscard]] const std::shared_ptr<const ArrowType>& columns() const { return columns_; }
  // Those that the filter looks at; nullptr where there is none.
  [[nodiscard]] const std::shared_ptr<const ArrowType>& candidate_columns() const { return candidate_columns_; }

  // With QueryOptions::merge_columns: the columns that each schema has by itself, and the first file of that schema.
  struct OwnColumns {
    std::shared_ptr<const Schema> schema;
    std::shared_ptr<const ArrowType> columns;
    size_t file_index = 0;
  };
  [[nodiscard]] const std::vector<OwnColumns>& own_columns() const { return own_columns_; }

  // Opens file `index` for reading its blocks; with RowsOnly there is no framer yet. Throws Error with
  // the path.
  OpenFile open(size_t index);
  // Closes the first file, where it was opened for its header and never asked for. Not while another thread opens.
  void close() { first_source_.reset(); }

 private:
  // A file whose header was read.
  struct Opened {
    std::unique_ptr<Source> source;
    Header header;
  };
  // Files whose columns are being merged.
  struct Merging {
    ArrowType columns;                                                   // of those so far
    std::unordered_map<std::string, size_t> indices;                     // in own_columns_, by the text of the schema
    std::vector<std::pair<std::shared_ptr<FileContext>, size_t>> files;  // without plans; and such an index
  };
  void add_all(const std::vector<std::string>& paths);
  [[nodiscard]] Opened read_header_of(const std::string& path) const;
  void add(const std::string& path, Opened opened);
  void merge(std::shared_ptr<FileContext> file, std::string schema_json);
  void finish_merging();
  void set_columns(ArrowType columns);
  void check_columns(const Schema& schema) const;
  struct Plans {
    std::shared_ptr<const Plan> plan;
    std::shared_ptr<const Plan> candidate_plan;  // where there is a filter, and rows take bytes
  };
  Plans plans_for(const std::string& schema_json);
  Plans first_plans(const std::string& schema_json);
  Plans new_plans(const std::string& schema_json);
  [[nodiscard]] Plans make_plans(const std::shared_ptr<const Schema>& schema, const ArrowType* own) const;
  static void use_plans(FileContext& file, const Plans& plans);

  const ReadOptions& options_;
  const QueryOptions& query_;
  SourceOpener opener_;
  std::vector<std::shared_ptr<const FileContext>> files_;
  std::unique_ptr<Source> first_source_;  // stays open from the header on

  std::shared_ptr<const ReaderSchema> reader_schema_;  // or nullptr
  uint64_t total_bytes_ = 0;
  std::string schema_json_;
  std::shared_ptr<const ArrowType> file_columns_;
  std::shared_ptr<const ArrowType> columns_;
  std::vector<OwnColumns> own_columns_;
  std::optional<Merging> merging_;                      // while files are added
  std::shared_ptr<const ArrowType> candidate_columns_;  // or nullptr
  uint64_t empty_rows_left_;
  // Plans by schema text: files of one writer have the same.
  std::unordered_map<std::string, Plans> plans_;
  size_t planned_bytes_ = 0;
};

}  // namespace jetliner
