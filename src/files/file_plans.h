// The columns of a read, and the plans that fill them from the files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "files/file_context.h"
#include "files/known_plans.h"
#include "files/query_options.h"
#include "files/schema_cache.h"
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

  // With merge_columns: the columns that each schema has by itself, and the first file of that schema. Schemas with the
  // same meaning count as one.
  struct OwnColumns {
    std::shared_ptr<const Schema> schema;
    std::shared_ptr<const ArrowType> columns;
    size_t file_index = 0;
  };
  [[nodiscard]] const std::vector<OwnColumns>& own_columns() const { return own_columns_; }

 private:
  // Most bytes of the keys of schemas, by text and by meaning.
  static constexpr size_t kMaxTextBytes = 8 << 20;
  static constexpr size_t kMaxMeaningBytes = 16 << 20;

  struct Plans {
    std::shared_ptr<const Plan> plan;
    std::shared_ptr<const Plan> candidate_plan;  // if there is a filter, and rows take bytes
  };
  // Files whose columns are being merged.
  struct Merging {
    ArrowType columns;                                                   // of the files so far
    SchemaCache<size_t> indices;                                         // in own_columns_
    std::vector<std::pair<std::shared_ptr<FileContext>, size_t>> files;  // without plans; and such an index
  };

  void merge(std::shared_ptr<FileContext> file, const std::string& schema_json);
  void set_columns(ArrowType columns);
  void check_columns(const Schema& schema) const;
  Plans plans_for(const std::string& schema_json);
  Plans first_plans(const std::string& schema_json);
  bool use_known(const PlanKey& key, Plans& plans);
  Plans new_plans(const std::shared_ptr<const Schema>& schema);
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
  SchemaCache<Plans> plans_{kMaxTextBytes, kMaxMeaningBytes};
};

}  // namespace jetliner
