// The plans of files that were read of late, by all that they are made of. Programs read many small files of one
// schema, each by a call of its own, and a query reads a header when it is made and once more when it runs: to parse
// the schema and to plan takes as long as decoding some hundred rows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jetliner/options.h"
#include "plan/plan.h"
#include "types/arrow_type.h"

namespace jetliner {

// What the plans of a read's first file are made of; there is no reader schema, nor other files' columns.
struct PlanKey {
  std::string schema_json;
  TypeOptions types;
  Selection columns;
  std::optional<std::vector<std::string>> filter_columns;

  bool operator==(const PlanKey&) const = default;
};

// All of it immutable, and shared by the reads that use it.
struct KnownPlans {
  std::shared_ptr<const ArrowType> file_columns;
  std::shared_ptr<const ArrowType> columns;
  std::shared_ptr<const ArrowType> candidate_columns;  // or nullptr
  std::shared_ptr<const Plan> plan;
  std::shared_ptr<const Plan> candidate_plan;  // or nullptr
};

// Both may be called by several threads, and do nothing where another one is at it.
std::optional<KnownPlans> find_plans(const PlanKey& key);
void keep_plans(PlanKey key, KnownPlans plans);

}  // namespace jetliner
