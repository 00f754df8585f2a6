#include "types/difference.h"

#include "schema/logical.h"

namespace jetliner {
namespace {

// "long", "fixed(4)", "decimal(9,2) of fixed(4)", "timestamp-micros of long".
std::string avro_text(const AvroOrigin& avro) {
  std::string text(type_name(avro.type));
  if (avro.type == AvroType::kFixed) text += "(" + std::to_string(avro.fixed_bytes) + ")";
  if (avro.logical == LogicalType::kNone) return text;
  std::string logical(logical_name(avro.logical));
  if (avro.logical == LogicalType::kDecimal) {
    logical += "(" + std::to_string(avro.precision) + "," + std::to_string(avro.scale) + ")";
  }
  return logical + " of " + text;
}

std::string described(const ArrowType& type) {
  return type.nullable ? avro_text(type.avro) + " or null" : avro_text(type.avro);
}

std::string join(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

std::string difference_at(const ArrowType& expected, const ArrowType& actual, const std::string& path) {
  if (expected.avro != actual.avro || expected.nullable != actual.nullable || expected.type != actual.type) {
    return "field '" + path + "' has another type (" + described(actual) + " instead of " + described(expected) + ")";
  }
  if (expected.symbols != nullptr && expected.symbols->names != actual.symbols->names) {
    return "enum '" + path + "' has other symbols";
  }
  if (expected.layout() == Layout::kList) {
    return difference_at(expected.children.front(), actual.children.front(), path + "[]");
  }
  const FieldIndex others(&actual);
  for (const ArrowType& field : expected.children) {
    const ArrowType* other = others.find(field.name);
    if (other == nullptr) return "field '" + join(path, field.name) + "' is missing";
    std::string found = difference_at(field, *other, join(path, field.name));
    if (!found.empty()) return found;
  }
  const FieldIndex wanted(&expected);
  for (const ArrowType& field : actual.children) {
    if (wanted.find(field.name) == nullptr) return "field '" + join(path, field.name) + "' is additional";
  }
  return {};
}

}  // namespace

std::string difference(const ArrowType& expected, const ArrowType& actual) {
  return difference_at(expected, actual, "");
}

}  // namespace jetliner
