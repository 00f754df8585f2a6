// Names of records, enums and fixed (Avro 1.12, "Names").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "schema/schema.h"

namespace jetliner {

struct FullName {
  std::string space;   // the namespace; "" is the null namespace
  std::string simple;  // what follows the last dot

  [[nodiscard]] std::string text() const { return space.empty() ? simple : space + '.' + simple; }
};

// A name as written: one with a dot is a full name, one without belongs to `space`. A leading dot, as in ".User", puts
// it into the null namespace.
FullName full_name(std::string_view name, std::string_view space);

// null, boolean, int, long, float, double, bytes, string.
std::optional<AvroType> primitive_type(std::string_view name);

// The named types that have been defined so far.
class NameTable {
 public:
  // False where the name is taken.
  bool define(const FullName& name, NodeId id);

  // What a name refers to inside the namespace `space`. A name without a dot that is not defined there is looked up in
  // the null namespace, as Avro's own Java library does: some writers leave the namespace of the definition out.
  [[nodiscard]] std::optional<NodeId> find(std::string_view name, std::string_view space) const;

 private:
  std::unordered_map<std::string, NodeId> ids_;
};

}  // namespace jetliner
