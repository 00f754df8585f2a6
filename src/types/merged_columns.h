// Columns that several files have in common, whatever each of them lacks or has in another type.
#pragma once

#include <string>
#include <unordered_set>

#include "types/arrow_type.h"

namespace jetliner {

// Adds the columns of another file to those of the files before it.
//
// What only one of them has, top-level columns and fields of structs, becomes nullable and goes to the end. Two types
// of one column become the wider one where every value of both fits it and no value changes: int and long, int or long
// and double, float and double, decimals of one scale, enums one of which begins with the symbols of the other, null
// and anything. Otherwise the column has *variants*: columns of the same name, one for each type. Throws Error
// (kSchema) for more than kMaxColumns columns.
//
// A long becomes a double only up to 2^53 as it is; that is the exception to "no value changes".
void merge_columns(ArrowType& merged, const ArrowType& other);

// Gives each variant but the first a name of its own (ArrowType::exported_as): none of other columns, and none of
// `taken`.
void name_variants(ArrowType& columns, std::unordered_set<std::string> taken);

// Which columns take the values of a file that has the columns `own`: for each name one that accepts its type there.
// The arguments must outlive the result.
FieldIndex accepting_columns(const ArrowType& merged, const ArrowType& own);

}  // namespace jetliner
