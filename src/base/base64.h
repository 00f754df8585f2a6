// Base64 with the standard alphabet and padding (RFC 4648, section 4).
#pragma once

#include <string>

#include "base/bytes.h"

namespace jetliner {

// Appends the text: four characters for three bytes, with "=" for bytes that are missing in the last group.
void append_base64(std::string& out, ByteSpan bytes);

}  // namespace jetliner
