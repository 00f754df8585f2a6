// Values of a writer's schema, written anew in the binary encoding of the reader's: for records within themselves,
// which become JSON text by the reader's schema (decode/walk.h).
#pragma once

#include <cstdint>
#include <vector>

#include "decode/status.h"
#include "resolution/resolve.h"

namespace jetliner {

class Transcoder {
 public:
  // `end` is that of the data; kSlackBytes after it are readable. `empty_items_left` is counted down
  // (max_empty_items in decode/decoder.h). What is appended ends at `most_bytes`.
  Transcoder(const Resolution& resolution, const uint8_t* end, uint64_t* empty_items_left, size_t most_bytes)
      : resolution_(resolution), end_(end), empty_items_left_(empty_items_left), most_bytes_(most_bytes) {}

  // Returns the byte after the value, or nullptr with status().
  const uint8_t* value(ResolvedId id, const uint8_t* p, std::vector<uint8_t>& out) { return value(id, p, out, 0); }

  [[nodiscard]] Status status() const { return status_; }

 private:
  const uint8_t* value(ResolvedId id, const uint8_t* p, std::vector<uint8_t>& out, int depth);
  const uint8_t* leaf(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out);
  const uint8_t* enumeration(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out);
  const uint8_t* record(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out, int depth);
  const uint8_t* items(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out, int depth);
  const uint8_t* from_union(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out, int depth);
  const uint8_t* skip(NodeId writer, const uint8_t* p);
  const uint8_t* skip_key(const uint8_t* p);
  const uint8_t* number(const uint8_t* p, int64_t* value);
  const uint8_t* fail(Status why) {
    status_ = why;
    return nullptr;
  }

  const Resolution& resolution_;
  const uint8_t* end_;
  uint64_t* empty_items_left_;
  size_t most_bytes_;
  Status status_ = Status::kOk;
};

}  // namespace jetliner
