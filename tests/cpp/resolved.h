// Plans from a writer's to a reader's schema, and values read by them as text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoded.h"
#include "jetliner/error.h"
#include "resolution/reader_schema.h"

namespace jetliner {

inline std::shared_ptr<const Plan> resolved_plan(std::string_view writer, std::string_view reader,
                                                 const std::optional<std::vector<std::string>>& projection = {},
                                                 const TypeOptions& options = {}) {
  const auto reader_schema = std::make_shared<const ReaderSchema>(reader);
  return compile(std::make_shared<const Schema>(parse_schema(writer)), reader_schema,
                 columns_of(reader_schema->schema(), projection, options));
}

// "no error", or "message @ place".
inline std::string resolution_error(std::string_view writer, std::string_view reader) {
  try {
    (void)resolved_plan(writer, reader);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kSchema);
    return std::string(error.what()) + " @ " + error.place().context;
  }
  return "no error";
}

// Rows, and last the outcome if it is not "ok". The decoder must take all bytes.
inline std::vector<std::string> resolved_rows(std::string_view writer, std::string_view reader, const Values& data,
                                              size_t rows = 1,
                                              const std::optional<std::vector<std::string>>& projection = {}) {
  std::vector<std::string> first;
  for (const int fill : {0x00, 0x01, 0x80, 0xff}) {
    TestDecoder decoder(resolved_plan(writer, reader, projection));
    const Decoder::Result result = decoder.decode(ByteSpan(data.bytes()), rows, static_cast<uint8_t>(fill));
    if (result.status == Status::kOk) {
      EXPECT_EQ(decoder.used_bytes(), data.size());
    }
    std::vector<std::string> texts = decoder.finish_rows();
    if (result.status != Status::kOk) texts.push_back(outcome(decoder.plan(), result));
    if (fill == 0) first = texts;
    EXPECT_EQ(texts, first) << "depends on the bytes after the end";
  }
  return first;
}

// One row of one field `f`: its value, or the outcome.
inline std::string resolved_value(std::string_view writer_type, std::string_view reader_type, const Values& data) {
  const std::vector<std::string> rows = resolved_rows(one_field(writer_type), one_field(reader_type), data);
  const std::string& text = rows.at(0);
  return text.starts_with("{f:") ? text.substr(3, text.size() - 4) : text;
}

}  // namespace jetliner
