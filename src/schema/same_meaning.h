// Types that are defined twice. Some writers repeat a definition where a reference would do.
#pragma once

#include <vector>

#include "schema/schema.h"

namespace jetliner {

// A name that was defined again.
struct Redefinition {
  NodeId first;
  NodeId second;
};

// Throws Error (kSchema), variant kInvalidSchema, with the place of the second definition as context, where two
// definitions of a name differ in more than documentation, defaults, aliases and unknown attributes.
//
// Definitions may refer to each other and to themselves. Two types have the same meaning if no walk along fields, items
// and branches finds a difference. Time is almost linear in the schema, however often it repeats itself.
void check_same_meaning(const Schema& schema, const std::vector<Redefinition>& redefinitions);

}  // namespace jetliner
