// Rewrites values of the writer's schema in the binary encoding of the reader's schema. Recursive records need it: they
// become JSON text by the reader's schema afterwards (decode/walk.h).
#pragma once

#include <cstdint>
#include <vector>

#include "decode/status.h"
#include "resolution/resolve.h"

namespace jetliner {

class Transcoder {
 public:
  // `end`: of the data; kSlackBytes after it are readable. `empty_items_left` counts down from max_empty_items
  // (decode/decoder.h). `most_bytes`: limit of the output.
  Transcoder(const Resolution& resolution, const uint8_t* end, uint64_t* empty_items_left, size_t most_bytes)
      : resolution_(resolution), end_(end), empty_items_left_(empty_items_left), most_bytes_(most_bytes) {}

  // Appends the value to `out`. Returns the byte after it. On failure returns nullptr and sets status().
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
