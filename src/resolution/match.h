// Rules by which a type of the writer's schema matches one of the reader's (Avro 1.12, "Schema Resolution"). Nested
// types are not looked at.
#pragma once

#include <optional>
#include <string>

#include "schema/schema.h"

namespace jetliner {

bool is_named(AvroType type);

// True if values of the writer's type may be read as the reader's, which is another type.
bool is_promoted(AvroType writer, AvroType reader);

// How well a writer's named type matches the reader's; lower is better. "The unqualified names match", or the writer's
// full name is an alias of the reader's. Nothing if neither holds.
std::optional<int> name_rank(const SchemaNode& writer, const SchemaNode& reader);

// How well a writer's type, not a union, matches a branch of a reader's union; lower is better. The same type comes
// before promotions, whatever the order of the branches: a schema resolved against itself changes nothing.
std::optional<int> branch_rank(const SchemaNode& writer, const SchemaNode& branch);

// How to make a reader's named type match the writer's, if only the names differ: "; add the alias \"a.X\" ...". Empty
// where that would not help.
std::string alias_hint(const SchemaNode& writer, const SchemaNode& reader);

// A type for messages: "int", "fixed \"a.F\" of 2 bytes", "bytes (decimal(9,2))".
std::string described(const SchemaNode& node);

}  // namespace jetliner
