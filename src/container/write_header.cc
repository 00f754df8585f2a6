#include "container/write_header.h"

#include "base/varint.h"

namespace jetliner {
namespace {

void append_text(std::string_view text, std::vector<uint8_t>& out) {
  append_long(out, static_cast<int64_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}

}  // namespace

void append_header(const std::string& schema_json, const std::string& codec,
                   const std::vector<std::pair<std::string, std::string>>& metadata, const SyncMarker& sync,
                   ByteBuffer& out) {
  std::vector<uint8_t> bytes(kMagic.begin(), kMagic.end());
  append_long(bytes, static_cast<int64_t>(metadata.size() + 2));
  append_text("avro.schema", bytes);
  append_text(schema_json, bytes);
  append_text("avro.codec", bytes);
  append_text(codec, bytes);
  for (const auto& [key, value] : metadata) {
    append_text(key, bytes);
    append_text(value, bytes);
  }
  append_long(bytes, 0);
  bytes.insert(bytes.end(), sync.begin(), sync.end());
  out.append(bytes);
}

}  // namespace jetliner
