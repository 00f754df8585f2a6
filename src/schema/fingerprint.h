// Two keys by which schemas of files are found again, so that files with equal schemas share a plan.
#pragma once

#include <string>
#include <string_view>

#include "schema/schema.h"

namespace jetliner {

// The JSON text without the texts of "doc", and without most white space. Schemas with equal keys are both valid or
// both not, and then equal. It costs much less than to parse the text, which need not be valid.
std::string text_key(std::string_view json);

// Everything in a schema that matters to those who read data written with it, as bytes. Aliases and defaults are not in
// it: only those of a reader's schema count (Avro 1.12, "Schema Resolution").
std::string meaning_of(const Schema& schema);

}  // namespace jetliner
