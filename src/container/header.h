// The header of an object container file (Avro 1.12, "Object Container Files").
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "jetliner/source.h"

namespace jetliner {

// What a file begins with.
inline constexpr std::array<uint8_t, 4> kMagic = {'O', 'b', 'j', 1};

using SyncMarker = std::array<uint8_t, 16>;

// A header larger than this is refused; writers' headers hold a schema and little else.
inline constexpr size_t kMaxHeaderBytes = 64 << 20;

struct Header {
  // File metadata in file order; values are bytes, not necessarily text.
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string codec;        // "avro.codec"; "null" where absent
  std::string schema_json;  // "avro.schema"
  SyncMarker sync{};
  uint64_t size_bytes = 0;  // where the first block starts
};

// Reads the header from the start of `source`, `chunk_bytes` (> 0) at a time.
// Throws Error: kSource for an empty source; kParse with variant InvalidMagic, InvalidHeader or UnexpectedEof.
Header read_header(Source& source, size_t chunk_bytes);

}  // namespace jetliner
