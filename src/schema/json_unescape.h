// Strings of JSON that are not Unicode text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jetliner {

// The value of a JSON string; `raw` begins after its opening quote and contains the closing one. Nothing where an
// escape is not valid.
//
// RFC 8259 allows an escape that is half a surrogate pair ("\ud83d"). Writers in Java or JavaScript produce it when
// they cut text within an emoji. It stands for no character, and becomes U+FFFD.
std::optional<std::string> unescape_json(std::string_view raw);

}  // namespace jetliner
