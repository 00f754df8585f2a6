// The schema as a graph: which records contain themselves, and how large it is once references are followed.
#pragma once

#include <cstddef>

#include "schema/schema.h"

namespace jetliner {

// Sets SchemaNode::recursive of all records. Time is linear in the schema.
void mark_recursive_records(Schema& schema);

// Refuses schemas that are deeper than kMaxSchemaDepth or larger than kMaxExpandedNodes once every reference to a named
// type stands for its whole definition; a reference to an enclosing record counts as one. A text of some lines can
// define 40 records of which each uses the one before twice: 2^40 columns. Throws Error (kSchema), variant
// "InvalidSchema".
void check_expanded_size(const Schema& schema);

}  // namespace jetliner
