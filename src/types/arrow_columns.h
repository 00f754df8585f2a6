// From a schema to the columns that its data become.
#pragma once

#include <cstddef>

#include "jetliner/type_options.h"
#include "schema/schema.h"
#include "types/arrow_type.h"

namespace jetliner {

// Named types are unfolded wherever they are used, so a short schema can stand for any number of columns. Hence limits:

// Most columns, nested ones included.
inline constexpr size_t kMaxColumns = 100'000;

// Most levels of all columns together. A column at top level counts 1, a field of its struct 2. Code that walks over
// all columns below each struct takes time in proportion to this.
inline constexpr size_t kMaxColumnLevels = 1'000'000;

// Most bytes of the columns' names and enum symbols.
inline constexpr size_t kMaxColumnTextBytes = 256 << 20;

// The columns of a schema, as the children of a struct: the fields of a record, or kRootColumn for any other type.
// Throws Error (kSchema), variant kUnsupportedType, for a record with zero fields at top level, for types that nest
// deeper than kMaxSchemaDepth, and for more than the limits above.
ArrowType arrow_columns(const Schema& schema, const TypeOptions& options = {});

}  // namespace jetliner
