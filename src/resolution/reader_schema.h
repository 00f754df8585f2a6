// The schema that the caller wants files to be read by (Avro 1.12, "Schema Resolution").
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "schema/schema.h"

namespace jetliner {

class ReaderSchema {
 public:
  // Throws Error (kSchema) with the place in the schema as context: as parse_schema(), and for a default that is not of
  // its field's type, an enum's default that is not one of its symbols, and an alias that is also the name or an alias
  // of another field of the record, or of another named type.
  explicit ReaderSchema(std::string_view json);

  [[nodiscard]] const Schema& schema() const { return schema_; }

  // A field's default in the binary encoding of its type. Nothing where it has none. kSlackBytes after it are readable.
  [[nodiscard]] std::optional<ByteSpan> default_of(NodeId record, size_t field) const;

 private:
  struct Range {
    size_t begin = 0;
    size_t end = 0;
    bool exists = false;
  };

  Schema schema_;
  std::vector<std::vector<Range>> defaults_;  // by record, by field; empty for records without defaults
  std::vector<uint8_t> bytes_;                // all defaults, then kSlackBytes
};

}  // namespace jetliner
