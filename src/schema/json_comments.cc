#include "schema/json_comments.h"

#include <algorithm>

namespace jetliner {
namespace {

// The end of the string that begins at `at`, with a quote.
size_t string_end(std::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

// The end of the comment that begins at `at`; `at` itself where none does.
size_t comment_end(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//")) return std::min(text.find_first_of("\r\n", at), text.size());
  if (!rest.starts_with("/*")) return at;
  const size_t closing = text.find("*/", at + 2);
  return closing == std::string_view::npos ? at : closing + 2;
}

}  // namespace

std::string blank_comments(std::string_view json) {
  std::string out(json);
  for (size_t at = json.find_first_of("\"/"); at != std::string_view::npos; at = json.find_first_of("\"/", at)) {
    if (json[at] == '"') {
      at = string_end(json, at);
      continue;
    }
    const size_t end = comment_end(json, at);
    if (end == at) break;  // no JSON from here on
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(at), out.begin() + static_cast<std::ptrdiff_t>(end),
        [](char c) { return c != '\n' && c != '\r'; }, ' ');
    at = end;
  }
  return out;
}

}  // namespace jetliner
