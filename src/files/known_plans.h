// A cache of plans, for the whole process. Programs read many small files of one schema, each by a call of its own; a
// query reads a header when it is made, and again when it runs. To parse the schema and to plan takes as long as
// decoding some hundred rows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jetliner/options.h"
#include "plan/plan.h"
#include "types/arrow_type.h"

namespace jetliner {

// All that the plans of a read's first file depend on. Reads with a reader schema or merged columns are not cached.
struct PlanKey {
  std::string schema;  // its text_key() or meaning_of(); no meaning is JSON
  TypeOptions types;
  Selection columns;
  std::optional<std::vector<std::string>> filter_columns;

  bool operator==(const PlanKey&) const = default;
};

// Immutable, and shared by the reads that use it.
struct KnownPlans {
  std::shared_ptr<const ArrowType> file_columns;
  std::shared_ptr<const ArrowType> columns;
  std::shared_ptr<const ArrowType> candidate_columns;  // or nullptr
  std::shared_ptr<const Plan> plan;
  std::shared_ptr<const Plan> candidate_plan;  // or nullptr
};

// Thread-safe. Both do nothing while another thread is in one of them.
std::optional<KnownPlans> find_plans(const PlanKey& key);
void keep_plans(PlanKey key, KnownPlans plans);

}  // namespace jetliner
