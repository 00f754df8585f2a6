#include "files/file_plans.h"

#include <algorithm>
#include <variant>

#include "files/known_plans.h"
#include "jetliner/error.h"
#include "schema/schema.h"
#include "types/arrow_columns.h"
#include "types/difference.h"
#include "types/merged_columns.h"
#include "types/projection.h"

namespace jetliner {
namespace {

// Most bytes of schema texts in plans_.
constexpr size_t kMaxPlannedBytes = 32 << 20;

ArrowType selected(const ArrowType& columns, const Selection& selection) {
  if (const auto* const by_name = std::get_if<ColumnNames>(&selection)) return select(columns, by_name->names);
  if (const auto* const by_path = std::get_if<ColumnPaths>(&selection)) return project(columns, by_path->paths);
  return std::holds_alternative<RowsOnly>(selection) ? select(columns, {}) : columns;
}

}  // namespace

FilePlans::FilePlans(const ReadOptions& options, const QueryOptions& query) : options_(options), query_(query) {
  if (options.reader_schema.has_value()) {
    reader_schema_ = std::make_shared<const ReaderSchema>(*options.reader_schema);
    set_columns(arrow_columns(reader_schema_->schema(), options_.types));
  } else if (query.merge_columns) {
    merging_.emplace().columns = {.type = {.kind = ArrowKind::kStruct}};
  }
}

void FilePlans::add(std::shared_ptr<FileContext> file, const std::string& schema_json) {
  if (first_path_ == nullptr) first_path_ = file->path;
  if (merging_.has_value()) {
    merge(std::move(file), schema_json);
  } else {
    use_plans(*file, plans_for(schema_json));
  }
}

void FilePlans::merge(std::shared_ptr<FileContext> file, const std::string& schema_json) {
  const auto [place, is_new] = merging_->indices.try_emplace(schema_json, own_columns_.size());
  if (is_new) {
    auto schema = std::make_shared<const Schema>(parse_schema(place->first));
    auto columns = std::make_shared<const ArrowType>(arrow_columns(*schema, options_.types));
    if (own_columns_.empty()) {
      merging_->columns = *columns;
    } else {
      merge_columns(merging_->columns, *columns);
    }
    own_columns_.push_back({.schema = std::move(schema), .columns = std::move(columns), .file_index = file->index});
  }
  merging_->files.emplace_back(std::move(file), place->second);
}

// The columns are known, and plans can be made, when all headers have been read.
void FilePlans::finish() {
  if (!merging_.has_value()) return;
  std::erase_if(merging_->columns.children, [this](const ArrowType& column) {
    return column.name == options_.row_index_name || column.name == options_.path_column;
  });
  name_variants(merging_->columns, {options_.row_index_name.value_or(""), options_.path_column.value_or("")});
  set_columns(std::move(merging_->columns));
  std::vector<Plans> plans;
  plans.reserve(own_columns_.size());
  for (const OwnColumns& own : own_columns_) plans.push_back(make_plans(own.schema, own.columns.get()));
  for (const auto& [file, index] : merging_->files) use_plans(*file, plans[index]);
  merging_.reset();
}

// Plans are kept by the text that they are made of: files of one writer have the same.
FilePlans::Plans FilePlans::plans_for(const std::string& schema_json) {
  const auto known = plans_.find(schema_json);
  if (known != plans_.end()) return known->second;
  return columns_ == nullptr ? first_plans(schema_json) : new_plans(schema_json);
}

// For the first file, which decides the columns.
FilePlans::Plans FilePlans::first_plans(const std::string& schema_json) {
  PlanKey key{.schema_json = schema_json,
              .types = options_.types,
              .columns = options_.columns,
              .filter_columns = query_.filter_columns};
  if (std::optional<KnownPlans> known = find_plans(key); known.has_value()) {
    file_columns_ = std::move(known->file_columns);
    columns_ = std::move(known->columns);
    candidate_columns_ = std::move(known->candidate_columns);
    return plans_.emplace(schema_json, Plans{std::move(known->plan), std::move(known->candidate_plan)}).first->second;
  }
  Plans plans = new_plans(schema_json);
  keep_plans(std::move(key), {.file_columns = file_columns_,
                              .columns = columns_,
                              .candidate_columns = candidate_columns_,
                              .plan = plans.plan,
                              .candidate_plan = plans.candidate_plan});
  return plans;
}

FilePlans::Plans FilePlans::new_plans(const std::string& schema_json) {
  const auto schema = std::make_shared<const Schema>(parse_schema(schema_json));
  if (columns_ == nullptr) {
    set_columns(arrow_columns(*schema, options_.types));
  } else if (reader_schema_ == nullptr) {
    check_columns(*schema);
  }
  Plans plans = make_plans(schema, nullptr);
  if (planned_bytes_ + schema_json.size() > kMaxPlannedBytes) {
    plans_.clear();
    planned_bytes_ = 0;
  }
  planned_bytes_ += schema_json.size();
  plans_.emplace(schema_json, plans);
  return plans;
}

FilePlans::Plans FilePlans::make_plans(const std::shared_ptr<const Schema>& schema, const ArrowType* own) const {
  const auto made = [&](const std::shared_ptr<const ArrowType>& columns, RowStarts row_starts) {
    if (reader_schema_ != nullptr) return compile(schema, reader_schema_, columns, row_starts);
    return compile(schema, columns, own, row_starts);
  };
  Plans plans{.plan = made(columns_, RowStarts::kIgnored)};
  // Rows that take no bytes cost nothing to build.
  if (candidate_columns_ != nullptr && plans.plan->min_row_bytes > 0) {
    plans.candidate_plan = made(candidate_columns_, RowStarts::kNoted);
  }
  return plans;
}

void FilePlans::use_plans(FileContext& file, const Plans& plans) {
  file.plan = plans.plan;
  file.candidate_plan = plans.candidate_plan;
}

void FilePlans::set_columns(ArrowType columns) {
  ArrowType projected = selected(columns, options_.columns);
  number_columns(projected);
  columns_ = std::make_shared<const ArrowType>(std::move(projected));
  if (query_.filter_columns.has_value()) {
    ArrowType candidates = select(columns, *query_.filter_columns);
    number_columns(candidates);
    candidate_columns_ = std::make_shared<const ArrowType>(std::move(candidates));
  }
  file_columns_ = std::make_shared<const ArrowType>(std::move(columns));
}

void FilePlans::check_columns(const Schema& schema) const {
  if (std::holds_alternative<RowsOnly>(options_.columns)) return;
  const std::string differs = difference(*file_columns_, arrow_columns(schema, options_.types));
  if (differs.empty()) return;
  throw Error(ErrorKind::kSchema, ErrorVariant::kIncompatibleSchemas,
              "schema mismatch with the first file, '" + *first_path_ + "': " + differs);
}

}  // namespace jetliner
