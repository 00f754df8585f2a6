// Base64 with the standard alphabet and padding (RFC 4648, section 4).
#pragma once

#include <string>

#include "base/bytes.h"

namespace jetliner {

// Appends four characters for every three bytes begun.
void append_base64(std::string& out, ByteSpan bytes);

}  // namespace jetliner
