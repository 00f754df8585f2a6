// Comments in JSON. It has none, but people write them into schemas, and Avro's Java library accepts them everywhere,
// in the headers of files as well.
#pragma once

#include <string>
#include <string_view>

namespace jetliner {

// The text with blanks in place of comments: from "//" to the end of the line, and from "/*" to "*/". Line breaks and
// all offsets stay. Strings are left alone, and so is a comment that is not closed: it is no JSON.
std::string blank_comments(std::string_view json);

}  // namespace jetliner
