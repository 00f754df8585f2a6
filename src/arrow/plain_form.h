// The form of exported rows that libraries other than Polars understand.
//
// Polars gets text and bytes as views, without a copy, and its own metadata, which tells an Enum from a Categorical.
// Few other libraries take views in all places. So text and bytes become large strings and large binaries here, indices
// of dictionaries are signed, and there is no metadata. Numbers, lists and structs stay where they are.
#pragma once

#include "jetliner/arrow_abi.h"

namespace jetliner {

// Changes a schema that export_schema() made. Columns that are views in `requested`, at the same place, stay views.
// `requested` may be nullptr.
void make_plain(ArrowSchema* schema, const ArrowSchema* requested);

// Changes an array of this schema before make_plain(). `plain` is the schema after it. The array keeps its memory, and
// what was copied. Throws std::bad_alloc; the array is still valid then, and may be released.
void make_plain(const ArrowSchema& plain, ArrowArray* array);

}  // namespace jetliner
