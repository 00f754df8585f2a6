// Names of records, enums and fixed (Avro 1.12, "Names").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "schema/schema.h"

namespace jetliner {

// The characters of names: ASCII alone.
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// True if a name without dots is valid: [A-Za-z_][A-Za-z0-9_]*.
bool is_valid_name(std::string_view name);

struct FullName {
  std::string space;   // the namespace; "" is the null namespace
  std::string simple;  // without the namespace

  [[nodiscard]] std::string text() const { return space.empty() ? simple : space + '.' + simple; }
};

// The full name of a name in a schema. With a dot it is a full name already, without it belongs to `space`. A leading
// dot, as in ".User", means the null namespace.
FullName full_name(std::string_view name, std::string_view space);

// The part of a full name after the last dot.
std::string_view simple_name(std::string_view full_name);

// null, boolean, int, long, float, double, bytes, string. Nothing for other names.
std::optional<AvroType> primitive_type(std::string_view name);

// record, error, enum, array, map, fixed. Nothing for other names.
std::optional<AvroType> complex_type(std::string_view name);

// The named types that have been defined so far.
class NameTable {
 public:
  // From now on the name refers to `id`. Returns the type that it referred to before, if any.
  std::optional<NodeId> define(const FullName& name, NodeId id);

  // The type that a name refers to inside the namespace `space`: its latest definition. A name without a dot that is
  // not defined there is looked up in the null namespace, as in Avro's Java library: some writers omit the namespace of
  // the definition.
  [[nodiscard]] std::optional<NodeId> find(std::string_view name, std::string_view space) const;

 private:
  std::unordered_map<std::string, NodeId> ids_;
};

}  // namespace jetliner
