// Recursive records: records that contain themselves. They are read by the schema and not by a plan, because only the
// data tells how deep they are.
#pragma once

#include <cstdint>
#include <string>

#include "decode/status.h"
#include "plan/op.h"
#include "schema/schema.h"

namespace jetliner {

// Deepest nesting of values. Each level takes a frame of the stack.
inline constexpr int kMaxDataDepth = 1000;

// Most bytes of JSON text for the values of a block. The text repeats the names of all fields, which may be long. So a
// forged file could turn each of its bytes into megabytes. Real data is far below the limit.
constexpr size_t max_json_bytes(size_t block_bytes) {
  constexpr size_t kFirstBytes = 4 << 10;
  constexpr size_t kPerByte = 512;
  constexpr size_t kMost = size_t{1} << 30;  // a string in Arrow has less than 2 GiB
  return block_bytes < kMost / kPerByte ? kFirstBytes + block_bytes * kPerByte : kMost;
}

// How to write values for which JSON text has no place.
struct JsonOptions {
  bool replaces_utf8 = false;  // invalid UTF-8 becomes U+FFFD; else it is a failure
  bool nulls_invalid = false;  // other invalid values become null (is_invalid_value); else they are failures
};

inline JsonOptions json_options(const Op& op) {
  return {.replaces_utf8 = (op.b & kReplaceUtf8) != 0, .nulls_invalid = op.nulls_invalid};
}

struct Walk {
  const Schema& schema;
  const uint8_t* end;          // of the data; kSlackBytes after it are readable
  uint64_t* empty_items_left;  // counts down from max_empty_items (decode/decoder.h)
  size_t most_json_bytes;
  JsonOptions options;
  Status status = Status::kOk;

  // Skips a value of the node. Returns the byte after it. On failure returns nullptr and sets `status`.
  const uint8_t* skip(NodeId node, const uint8_t* p) { return value(node, p, nullptr, 0); }
  // Skips the key of a map, which has no node.
  const uint8_t* skip_key(const uint8_t* p) { return string(p, nullptr); }

  // Reads a value and appends it as JSON text. Unions become the value alone, records and maps objects, enums their
  // symbol, bytes and fixed base64, decimals and UUIDs text, durations an object, NaN and infinities null, other
  // temporal values their number.
  const uint8_t* json(NodeId node, const uint8_t* p, std::string* out) { return value(node, p, out, 0); }

 private:
  const uint8_t* value(NodeId node, const uint8_t* p, std::string* out, int depth);
  const uint8_t* record(const SchemaNode& node, const uint8_t* p, std::string* out, int depth);
  const uint8_t* items(const SchemaNode& node, const uint8_t* p, std::string* out, int depth);
  const uint8_t* bytes(const SchemaNode& node, const uint8_t* p, size_t n, std::string* out);
  const uint8_t* string(const uint8_t* p, std::string* out);
  const uint8_t* length(const uint8_t* p, size_t* n);
  // A value that is whole, and ends at `next`, is invalid.
  const uint8_t* invalid(Status why, const uint8_t* next, std::string* out) {
    if (out == nullptr || !options.nulls_invalid) return fail(why);
    *out += "null";
    return next;
  }
  const uint8_t* fail(Status why) {
    status = why;
    return nullptr;
  }

 public:
  Walk(const Schema& the_schema, const uint8_t* the_end, uint64_t* the_empty_items_left, size_t the_most_json_bytes,
       JsonOptions the_options = {})
      : schema(the_schema),
        end(the_end),
        empty_items_left(the_empty_items_left),
        most_json_bytes(the_most_json_bytes),
        options(the_options) {}
};

}  // namespace jetliner
