// Whether text is JSON, without a tree and without recursion: for the parts of a schema that nobody looks into.
#pragma once

#include <cstddef>
#include <string_view>

namespace jetliner {

// RFC 8259, and the words NaN, Infinity and -Infinity of Python's json module.
[[nodiscard]] bool is_json_number(std::string_view token);

// Where text stops being one JSON value (an offset; text.size() where more should follow), or npos where it is one.
// Values may nest to any depth. Space around the value is allowed; the text is UTF-8 already.
[[nodiscard]] size_t find_json_error(std::string_view text);

}  // namespace jetliner
