// Checks the syntax of JSON, without a tree and without recursion. For the parts of a schema that no tree is made of.
#pragma once

#include <cstddef>
#include <string_view>

namespace jetliner {

// Whether a token is a number of RFC 8259, or one of the words NaN, Infinity and -Infinity of Python's json module.
[[nodiscard]] bool is_json_number(std::string_view token);

// The offset of the first error in a text that should be one JSON value, text.size() where it ends too early, or npos
// where it is right. Values may nest to any depth. Space around the value is allowed. The text must be UTF-8.
[[nodiscard]] size_t find_json_error(std::string_view text);

}  // namespace jetliner
