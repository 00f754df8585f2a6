#include "read/batch_schemas.h"

#include <algorithm>
#include <string>
#include <vector>

#include "jetliner/error.h"

namespace jetliner {
namespace {

void check_names(const BatchSchema& schema, const ArrowType& file_columns) {
  const auto refuse = [](const std::string& name) {
    throw Error(ErrorKind::kSchema, ErrorVariant::kDuplicate, "there is already a column named '" + name + "'",
                {.context = name});
  };
  if (schema.has_row_index && file_columns.child(schema.row_index_name) != nullptr) refuse(schema.row_index_name);
  if (schema.has_path && file_columns.child(schema.path_name) != nullptr) refuse(schema.path_name);
  if (schema.has_row_index && schema.has_path && schema.row_index_name == schema.path_name) refuse(schema.path_name);
}

}  // namespace

std::shared_ptr<const BatchSchema> batch_schema(const FilePlans& plans, const ReadOptions& options) {
  auto made = std::make_shared<BatchSchema>();
  made->columns = plans.columns();
  made->has_row_index = options.row_index_name.has_value();
  made->has_path = options.path_column.has_value();
  made->row_index_name = options.row_index_name.value_or("");
  made->path_name = options.path_column.value_or("");
  check_names(*made, plans.file_columns());
  return made;
}

std::shared_ptr<const BatchSchema> candidate_schema(const BatchSchema& schema, const FilePlans& plans,
                                                    const QueryOptions& query) {
  auto made = std::make_shared<BatchSchema>(schema);
  made->columns = plans.candidate_columns();
  const std::vector<std::string>& wanted = *query.filter_columns;
  const auto is_wanted = [&](const std::string& name) {
    return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  };
  made->has_row_index = made->has_row_index && is_wanted(made->row_index_name);
  made->has_path = made->has_path && is_wanted(made->path_name);
  return made;
}

}  // namespace jetliner
