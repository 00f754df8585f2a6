// The columns of a read, and the plans that fill them from the files.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "files/file_context.h"
#include "files/query_options.h"
#include "jetliner/options.h"
#include "resolution/reader_schema.h"
#include "types/arrow_type.h"

namespace jetliner {

// Files are added in their order. The columns are those of the reader schema, or of the first file, or, with
// QueryOptions::merge_columns, of all files together.
class FilePlans {
 public:
  // Both outlive this. Throws Error (kSchema) if the reader schema is not valid.
  FilePlans(const ReadOptions& options, const QueryOptions& query);

  // Gives the file its plans; with merge_columns it has them after finish(). Throws Error (kSchema) if the schema is
  // not valid, or does not fit the columns.
  void add(std::shared_ptr<FileContext> file, const std::string& schema_json);
  // All files have been added.
  void finish();

  // All columns of the reader schema, or else of the first file, or of all files; and those that are read.
  [[nodiscard]] const ArrowType& file_columns() const { return *file_columns_; }
  [[nodiscard]] const std::shared_ptr<const ArrowType>& columns() const { return columns_; }
  // Those that the filter looks at, or nullptr.
  [[nodiscard]] const std::shared_ptr<const ArrowType>& candidate_columns() const { return candidate_columns_; }

  // With merge_columns: the columns that each schema has by itself, and the first file of that schema.
  struct OwnColumns {
    std::shared_ptr<const Schema> schema;
    std::shared_ptr<const ArrowType> columns;
    size_t file_index = 0;
  };
  [[nodiscard]] const std::vector<OwnColumns>& own_columns() const { return own_columns_; }

 private:
  struct Plans {
    std::shared_ptr<const Plan> plan;
    std::shared_ptr<const Plan> candidate_plan;  // if there is a filter, and rows take bytes
  };
  // Files whose columns are being merged.
  struct Merging {
    ArrowType columns;                                                   // of the files so far
    std::unordered_map<std::string, size_t> indices;                     // in own_columns_, by the text of the schema
    std::vector<std::pair<std::shared_ptr<FileContext>, size_t>> files;  // without plans; and such an index
  };

  void merge(std::shared_ptr<FileContext> file, const std::string& schema_json);
  void set_columns(ArrowType columns);
  void check_columns(const Schema& schema) const;
  Plans plans_for(const std::string& schema_json);
  Plans first_plans(const std::string& schema_json);
  Plans new_plans(const std::string& schema_json);
  [[nodiscard]] Plans make_plans(const std::shared_ptr<const Schema>& schema, const ArrowType* own) const;
  static void use_plans(FileContext& file, const Plans& plans);

  const ReadOptions& options_;
  const QueryOptions& query_;
  std::shared_ptr<const ReaderSchema> reader_schema_;  // or nullptr
  std::shared_ptr<const std::string> first_path_;
  std::shared_ptr<const ArrowType> file_columns_;
  std::shared_ptr<const ArrowType> columns_;
  std::shared_ptr<const ArrowType> candidate_columns_;
  std::vector<OwnColumns> own_columns_;
  std::optional<Merging> merging_;  // while files are added
  // Plans by schema text: files of one writer have the same text. Forgotten when the texts take too much memory.
  std::unordered_map<std::string, Plans> plans_;
  size_t planned_bytes_ = 0;
};

}  // namespace jetliner
