// The header of an object container file (Avro 1.12, "Object Container Files").
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "jetliner/source.h"

namespace jetliner {

// The first bytes of a file.
inline constexpr std::array<uint8_t, 4> kMagic = {'O', 'b', 'j', 1};

using SyncMarker = std::array<uint8_t, 16>;

// Largest header that is read. Real headers have a schema and little else.
inline constexpr size_t kMaxHeaderBytes = 64 << 20;

struct Header {
  // File metadata in file order; values are bytes, not necessarily text.
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string codec;        // "avro.codec"; "null" where absent
  std::string schema_json;  // "avro.schema"
  SyncMarker sync{};
  uint64_t size_bytes = 0;  // the first block starts here
};

// Reads the header from the start of `source`, at most `chunk_bytes` (> 0) by a request.
// Throws Error: kSource for an empty source; kParse with variant InvalidMagic, InvalidHeader or UnexpectedEof.
Header read_header(Source& source, size_t chunk_bytes);

}  // namespace jetliner
