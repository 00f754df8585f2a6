// The default of a reader's field, from JSON to the binary encoding of the field's type (Avro 1.12, "Records": the
// table of default values).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "schema/json.h"
#include "schema/schema.h"

namespace jetliner {

// Most values that all defaults of a schema together may have. A record's default may leave out fields that have
// defaults themselves, so a short text can stand for any number of values.
inline constexpr size_t kMaxDefaultSteps = 1 << 20;

class DefaultEncoder {
 public:
  explicit DefaultEncoder(const Schema& schema) : schema_(schema) {}

  // Encodes a JSON text as a value of type `id` and appends it. False where it is not one: problem() says why.
  bool append(NodeId id, const std::string& json, std::vector<uint8_t>& out);

  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  bool value(NodeId id, const JsonValue& json, std::vector<uint8_t>& out, int depth);
  bool integer(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out);
  bool real(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out);
  bool bytes(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out);
  bool symbol(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out);
  bool items(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out, int depth);
  bool record(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out, int depth);
  bool branch(const SchemaNode& node, const JsonValue& json, std::vector<uint8_t>& out, int depth);
  bool text(NodeId id, const std::string& json, std::vector<uint8_t>& out, int depth);
  bool fail(const SchemaNode& node, const JsonValue& json, const std::string& why = "");

  const Schema& schema_;
  std::string problem_;
  size_t steps_ = 0;
};

}  // namespace jetliner
