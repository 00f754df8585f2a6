// The header of an object container file, for writing (Avro 1.12, "Object Container Files").
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/byte_buffer.h"
#include "container/header.h"

namespace jetliner {

// Appends a header with the entries "avro.schema" and "avro.codec", then those of `metadata`.
void append_header(const std::string& schema_json, const std::string& codec,
                   const std::vector<std::pair<std::string, std::string>>& metadata, const SyncMarker& sync,
                   ByteBuffer& out);

}  // namespace jetliner
