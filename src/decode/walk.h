// Values of records within themselves: walked by the schema, not by a plan, because their depth is that of the data.
#pragma once

#include <cstdint>
#include <string>

#include "decode/status.h"
#include "schema/schema.h"

namespace jetliner {

// Deepest nesting of such values: each level takes a frame of the stack.
inline constexpr int kMaxDataDepth = 1000;

// Most JSON text of a block's values. A record of a few bytes repeats the names of all its fields in it, and those may
// be long: a forged file could turn each of its bytes into megabytes. Data that was meant to be read is far from it.
constexpr size_t max_json_bytes(size_t block_bytes) {
  constexpr size_t kFirstBytes = 4 << 10;
  constexpr size_t kPerByte = 512;
  constexpr size_t kMost = size_t{1} << 30;  // Arrow's strings end at 2 GiB
  return block_bytes < kMost / kPerByte ? kFirstBytes + block_bytes * kPerByte : kMost;
}

struct Walk {
  const Schema& schema;
  const uint8_t* end;          // of the data; kSlackBytes after it are readable
  uint64_t* empty_items_left;  // counted down (max_empty_items in decode/decoder.h)
  size_t most_json_bytes;
  bool replaces_utf8;  // U+FFFD for what is not UTF-8, in place of a failure
  Status status = Status::kOk;

  // Passes over a value of the node. Returns the byte after it, or nullptr with `status`.
  const uint8_t* skip(NodeId node, const uint8_t* p) { return value(node, p, nullptr, 0); }
  // The same of a string that is no value of a node: the key of a map.
  const uint8_t* skip_key(const uint8_t* p) { return string(p, nullptr); }

  // The same, and appends it as JSON text: unions bare, records and maps as objects, enums as their symbol, bytes and
  // fixed in base64, decimals and UUIDs as text, durations as an object, NaN and infinities as null, other temporal
  // values as their number.
  const uint8_t* json(NodeId node, const uint8_t* p, std::string* out) { return value(node, p, out, 0); }

 private:
  const uint8_t* value(NodeId node, const uint8_t* p, std::string* out, int depth);
  const uint8_t* record(const SchemaNode& node, const uint8_t* p, std::string* out, int depth);
  const uint8_t* items(const SchemaNode& node, const uint8_t* p, std::string* out, int depth);
  const uint8_t* bytes(const SchemaNode& node, const uint8_t* p, size_t n, std::string* out);
  const uint8_t* string(const uint8_t* p, std::string* out);
  const uint8_t* length(const uint8_t* p, size_t* n);
  const uint8_t* fail(Status why) {
    status = why;
    return nullptr;
  }

 public:
  Walk(const Schema& the_schema, const uint8_t* the_end, uint64_t* the_empty_items_left, size_t the_most_json_bytes,
       bool replaces = false)
      : schema(the_schema),
        end(the_end),
        empty_items_left(the_empty_items_left),
        most_json_bytes(the_most_json_bytes),
        replaces_utf8(replaces) {}
};

}  // namespace jetliner
