// The columns of several files whose schemas differ.
#pragma once

#include <string>
#include <unordered_set>

#include "types/arrow_type.h"

namespace jetliner {

// Adds the columns of another file to those of the files before it.
//
// A column or struct field that some files lack becomes nullable. New ones go to the end. Two types of one column
// become the wider one if it holds every value of both exactly: int and long; int, long or float and double; int and
// float (which become double); decimals of one scale; enums, if one begins with the symbols of the other; null and any
// type. Exception: a long above 2^53 is rounded when it becomes a double.
//
// Other types make *variants*: columns of the same name, one for each type. Throws Error (kSchema) for more than
// kMaxColumns columns or kMaxColumnLevels levels.
void merge_columns(ArrowType& merged, const ArrowType& other);

// Gives each variant but the first a new name (ArrowType::exported_as) that no other column has, and that is not in
// `taken`.
void name_variants(ArrowType& columns, std::unordered_set<std::string> taken);

// For each column name of a file whose columns are `own`: the merged column that takes its values. The arguments must
// outlive the result.
FieldIndex accepting_columns(const ArrowType& merged, const ArrowType& own);

}  // namespace jetliner
