// The schema as a graph: recursive records, and the size with all references followed.
#pragma once

#include <cstddef>

#include "schema/schema.h"

namespace jetliner {

// Sets SchemaNode::recursive of all records. Time is linear in the schema.
void mark_recursive_records(Schema& schema);

// Throws Error (kSchema), variant kInvalidSchema, for schemas deeper than kMaxSchemaDepth or larger than
// kMaxExpandedNodes. Every reference to a named type counts as its whole definition, but one to an enclosing record as
// one node. A short text can define 40 records, each of which uses the one before twice: 2^40 columns.
void check_expanded_size(const Schema& schema);

}  // namespace jetliner
