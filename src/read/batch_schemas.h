// The schema of a read's batches: the columns of the files, with the row index before and the path after them.
#pragma once

#include <memory>

#include "arrow/export.h"
#include "files/file_plans.h"
#include "files/query_options.h"
#include "jetliner/options.h"

namespace jetliner {

// Throws Error (kSchema), variant Duplicate, if row index or path column have the name of another column.
std::shared_ptr<const BatchSchema> batch_schema(const FilePlans& plans, const ReadOptions& options);

// The schema of candidates: the columns of QueryOptions::filter_columns.
std::shared_ptr<const BatchSchema> candidate_schema(const BatchSchema& schema, const FilePlans& plans,
                                                    const QueryOptions& query);

}  // namespace jetliner
