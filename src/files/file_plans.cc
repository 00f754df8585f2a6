#include "files/file_plans.h"

#include <string>
#include <utility>
#include <variant>

#include "jetliner/error.h"
#include "schema/schema.h"
#include "types/arrow_columns.h"
#include "types/difference.h"
#include "types/merged_columns.h"
#include "types/projection.h"

namespace jetliner {
namespace {

ArrowType selected(const ArrowType& columns, const Selection& selection) {
  if (const auto* const by_name = std::get_if<ColumnNames>(&selection)) return select(columns, by_name->names);
  if (const auto* const by_path = std::get_if<ColumnPaths>(&selection)) return project(columns, by_path->paths);
  return std::holds_alternative<RowsOnly>(selection) ? select(columns, {}) : columns;
}

// The schema in the header of a file.
std::shared_ptr<const Schema> parsed(const std::string& schema_json) {
  try {
    return std::make_shared<const Schema>(parse_schema(schema_json));
  } catch (const Error& error) {
    if (error.variant() != ErrorVariant::kParseError) throw;
    const std::string message = std::string("the header is damaged, or was written wrongly: ") + error.what();
    throw Error(error.kind(), error.variant(), message, error.place());
  }
}

}  // namespace

FilePlans::FilePlans(const ReadOptions& options, const QueryOptions& query) : options_(options), query_(query) {
  if (options.reader_schema.has_value()) {
    reader_schema_ = std::make_shared<const ReaderSchema>(*options.reader_schema);
    set_columns(arrow_columns(reader_schema_->schema(), options_.types));
  } else if (query.merge_columns) {
    merging_ =
        Merging{.columns = {.type = {.kind = ArrowKind::kStruct}}, .indices = {kMaxTextBytes, SIZE_MAX}, .files = {}};
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
  const size_t* known = merging_->indices.find_text(schema_json);
  if (known == nullptr) {
    auto schema = parsed(schema_json);
    known = merging_->indices.find_meaning(*schema);
    if (known == nullptr) {
      auto columns = std::make_shared<const ArrowType>(arrow_columns(*schema, options_.types));
      if (own_columns_.empty()) {
        merging_->columns = *columns;
      } else {
        merge_columns(merging_->columns, *columns);
      }
      known = &merging_->indices.add(own_columns_.size());
      own_columns_.push_back({.schema = std::move(schema), .columns = std::move(columns), .file_index = file->index});
    }
  }
  merging_->files.emplace_back(std::move(file), *known);
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

FilePlans::Plans FilePlans::plans_for(const std::string& schema_json) {
  if (const Plans* const known = plans_.find_text(schema_json); known != nullptr) return *known;
  if (columns_ == nullptr) return first_plans(schema_json);
  const auto schema = parsed(schema_json);
  if (const Plans* const known = plans_.find_meaning(*schema); known != nullptr) return *known;
  return plans_.add(new_plans(schema));
}

// For the first file, which decides the columns.
FilePlans::Plans FilePlans::first_plans(const std::string& schema_json) {
  PlanKey by_text{.schema = plans_.last_text_key(),
                  .types = options_.types,
                  .columns = options_.columns,
                  .filter_columns = query_.filter_columns};
  Plans plans;
  if (use_known(by_text, plans)) return plans_.add(std::move(plans), /*has_meaning=*/false);
  const auto schema = parsed(schema_json);
  (void)plans_.find_meaning(*schema);  // for the key: there is no other file yet
  PlanKey by_meaning = by_text;
  by_meaning.schema = plans_.last_meaning();
  if (!use_known(by_meaning, plans)) plans = new_plans(schema);
  const KnownPlans known{.file_columns = file_columns_,
                         .columns = columns_,
                         .candidate_columns = candidate_columns_,
                         .plan = plans.plan,
                         .candidate_plan = plans.candidate_plan};
  keep_plans(std::move(by_meaning), known);
  keep_plans(std::move(by_text), known);
  return plans_.add(std::move(plans));
}

// Takes plans and columns from another read of this process. Returns false if there are none.
bool FilePlans::use_known(const PlanKey& key, Plans& plans) {
  std::optional<KnownPlans> known = find_plans(key);
  if (!known.has_value()) return false;
  file_columns_ = std::move(known->file_columns);
  columns_ = std::move(known->columns);
  candidate_columns_ = std::move(known->candidate_columns);
  plans = {std::move(known->plan), std::move(known->candidate_plan)};
  return true;
}

FilePlans::Plans FilePlans::new_plans(const std::shared_ptr<const Schema>& schema) {
  if (columns_ == nullptr) {
    set_columns(arrow_columns(*schema, options_.types));
  } else if (reader_schema_ == nullptr) {
    check_columns(*schema);
  }
  return make_plans(schema, nullptr);
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
