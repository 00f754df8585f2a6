// Decodes bytes by a schema and a projection, the way block_task does, and shows the outcome as text.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow/export.h"
#include "arrow_reader.h"
#include "avro_writer.h"
#include "decode/decoder.h"
#include "plan/plan.h"
#include "schema/schema.h"
#include "types/arrow_columns.h"
#include "types/arrow_type.h"
#include "types/projection.h"

namespace jetliner {

// Plain data in a heap block that ends exactly kSlackBytes after it, so that AddressSanitizer sees every byte read
// too far. The slack holds `fill`: a decoder must not depend on what is there.
class SlackBuffer {
 public:
  explicit SlackBuffer(ByteSpan data, uint8_t fill = 0xff)
      : size_(data.size()), bytes_(new uint8_t[size_ + kSlackBytes]) {
    if (size_ > 0) std::memcpy(bytes_.get(), data.data(), size_);
    std::memset(bytes_.get() + size_, fill, kSlackBytes);
  }
  [[nodiscard]] const uint8_t* begin() const { return bytes_.get(); }
  [[nodiscard]] const uint8_t* end() const { return bytes_.get() + size_; }

 private:
  size_t size_;
  std::unique_ptr<uint8_t[]> bytes_;
};

inline std::shared_ptr<const ArrowType> columns_of(const Schema& schema,
                                                   const std::optional<std::vector<std::string>>& projection = {},
                                                   const TypeOptions& options = {}) {
  ArrowType all = arrow_columns(schema, options);
  if (projection.has_value()) all = project(all, *projection);
  number_columns(all);
  return std::make_shared<const ArrowType>(std::move(all));
}

inline std::shared_ptr<const Plan> plan_of(std::string_view schema_json,
                                           const std::optional<std::vector<std::string>>& projection = {},
                                           const TypeOptions& options = {}) {
  auto schema = std::make_shared<const Schema>(parse_schema(schema_json));
  return compile(schema, columns_of(*schema, projection, options));
}

// The rows of a chunk as text, after check_array().
inline std::vector<std::string> chunk_rows(const std::shared_ptr<const Chunk>& chunk) {
  auto schema = std::make_shared<BatchSchema>();
  schema->columns = chunk->columns;
  ArrowArrayStream stream;
  export_stream(schema, {Slice{.chunk = chunk, .rows = chunk->rows}}, &stream);
  return stream_rows(&stream);
}

// Decodes block after block into the same columns.
class TestDecoder {
 public:
  explicit TestDecoder(std::string_view schema_json, const std::optional<std::vector<std::string>>& projection = {})
      : TestDecoder(plan_of(schema_json, projection)) {}
  explicit TestDecoder(std::shared_ptr<const Plan> plan)
      : plan_(std::move(plan)), columns_(plan_->columns), decoder_(*plan_, columns_) {}

  Decoder::Result decode(ByteSpan data, size_t rows, uint8_t fill = 0xff) {
    buffer_ = std::make_unique<SlackBuffer>(data, fill);
    columns_.reserve(columns_.rows() + rows);
    decoder_.start_block(data.size());
    const Decoder::Result result = decoder_.decode(buffer_->begin(), buffer_->end(), rows);
    EXPECT_EQ(result.status == Status::kOk, result.rows == rows);
    if (result.status == Status::kOk) used_bytes_ = static_cast<size_t>(result.next - buffer_->begin());
    if (result.status != Status::kOk) {
      EXPECT_GE(result.where, buffer_->begin());
      EXPECT_LE(result.where, buffer_->end());
    }
    return result;
  }
  Decoder::Result decode(const Values& data, size_t rows) { return decode(ByteSpan(data.bytes()), rows); }

  // Bytes that the last decode() took.
  [[nodiscard]] size_t used_bytes() const { return used_bytes_; }
  [[nodiscard]] const Plan& plan() const { return *plan_; }
  [[nodiscard]] ColumnSet& columns() { return columns_; }
  std::shared_ptr<const Chunk> finish() { return columns_.finish(); }
  std::vector<std::string> finish_rows() { return chunk_rows(columns_.finish()); }

 private:
  std::shared_ptr<const Plan> plan_;
  ColumnSet columns_;
  Decoder decoder_;
  std::unique_ptr<SlackBuffer> buffer_;
  size_t used_bytes_ = 0;
};

// "ok", or text_of(status) and the path of the field: "boolean is neither 0 nor 1 @ flags[]". Without a path where the
// data ends within a run of scalars, because the decoder checks these together.
inline std::string outcome(const Plan& plan, const Decoder::Result& result) {
  if (result.status == Status::kOk) return "ok";
  if (result.status == Status::kEnd) return std::string(text_of(result.status));
  return std::string(text_of(result.status)) + " @ " + plan.paths[result.op];
}

// Rows of the field `f` alone: their values as text, and the outcome where it is not "ok".
inline std::vector<std::string> field_rows(std::shared_ptr<const Plan> plan, const Values& data, size_t rows = 1) {
  TestDecoder decoder(std::move(plan));
  const Decoder::Result result = decoder.decode(data, rows);
  std::vector<std::string> texts = decoder.finish_rows();
  for (std::string& text : texts) text = text.substr(3, text.size() - 4);  // without {f: }
  if (result.status != Status::kOk) texts.push_back(outcome(decoder.plan(), result));
  return texts;
}
inline std::vector<std::string> field_rows(std::string_view type_json, const TypeOptions& options, const Values& data,
                                           size_t rows = 1) {
  return field_rows(plan_of(one_field(type_json), {}, options), data, rows);
}

// The type in Arrow of a field `f`: "f:I<vu>".
inline std::string field_schema_text(std::string_view type_json, const TypeOptions& options) {
  BatchSchema schema;
  schema.columns = columns_of(parse_schema(one_field(type_json)), {}, options);
  Owned<ArrowSchema> exported;
  export_schema(schema, &exported.c);
  return arrow_schema_text(*exported.c.children[0]);
}

// One row of one field `f` of the type: its value as text, or the outcome of a failure. All bytes must be taken.
inline std::string value_of(std::string_view type_json, ByteSpan data) {
  std::string first;
  for (const int fill : {0x00, 0x01, 0x80, 0xff}) {
    TestDecoder decoder(one_field(type_json));
    const Decoder::Result result = decoder.decode(data, 1, static_cast<uint8_t>(fill));
    std::string text = outcome(decoder.plan(), result);
    if (result.status == Status::kOk) {
      EXPECT_EQ(decoder.used_bytes(), data.size());
      text = decoder.finish_rows().at(0);
      text = text.substr(3, text.size() - 4);  // without {f: }
    } else {
      EXPECT_TRUE(decoder.finish_rows().empty());
    }
    if (fill == 0) first = text;
    EXPECT_EQ(text, first) << "depends on the bytes after the end";
  }
  return first;
}
inline std::string value_of(std::string_view type_json, const Values& data) {
  return value_of(type_json, ByteSpan(data.bytes()));
}

}  // namespace jetliner
