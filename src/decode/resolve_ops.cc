// Rare operations of schema resolution. The interpreter calls them, so that its loop stays small.
#include <algorithm>
#include <limits>
#include <memory>

#include "decode/decoder.h"
#include "decode/transcode.h"
#include "decode/walk.h"

namespace jetliner {

// Writes a default, which is not in the data. Its bytes and a small plan for them belong to the plan. A decoder of its
// own appends them to the same columns. It has limits of its own as well, since these bytes are not input.
const uint8_t* Decoder::write_default(const Op* op, const uint8_t* p, size_t row) {
  const DefaultValue& value = plan_.defaults[op->a];
  std::unique_ptr<Decoder>& decoder = defaults_[op->a];
  if (decoder == nullptr) decoder = std::make_unique<Decoder>(*value.plan, columns_);
  decoder->empty_items_left_ = max_empty_items(std::numeric_limits<size_t>::max());
  decoder->json_bytes_left_ = std::numeric_limits<int32_t>::max();
  decoder->end_ = value.bytes.data() + value.bytes.size();
  if (decoder->run_(*decoder, value.bytes.data(), row, 1) != nullptr) return p;
  decoder->leave_lists();
  return fail(decoder->status_, op, p);
}

// Reads a recursive record by the reader's schema: first rewrites its bytes, then makes JSON text of them.
const uint8_t* Decoder::read_resolved_json(const Op* op, const uint8_t* p, size_t row) {
  transcoded_.clear();
  Transcoder transcoder(*plan_.resolution, end_, &empty_items_left_, json_bytes_left_);
  const uint8_t* const next = transcoder.value(op->a, p, transcoded_);
  if (next == nullptr) return fail(transcoder.status(), op, p);
  const size_t size = transcoded_.size();
  transcoded_.resize(size + kSlackBytes);
  const uint8_t* const data = transcoded_.data();
  Walk walk(plan_.resolution->reader().schema(), data + size, &empty_items_left_, json_bytes_left_, json_options(*op));
  text_.clear();
  if (walk.json(plan_.resolution->node(op->a).reader, data, &text_) == nullptr) return fail(walk.status, op, p);
  json_bytes_left_ -= std::min(json_bytes_left_, text_.size());
  write_text(op->column, row);
  return next;
}

}  // namespace jetliner
