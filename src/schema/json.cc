#include "schema/json.h"

#include <algorithm>
#include <charconv>

namespace jetliner {

const JsonValue* JsonValue::find(JsonKey wanted) const {
  const auto found =
      std::find_if(children.rbegin(), children.rend(), [&](const JsonValue& child) { return child.key == wanted; });
  return found == children.rend() ? nullptr : &*found;
}

std::string_view trimmed_token(std::string_view token) {
  const size_t last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string_view json_token(const JsonValue& value) { return trimmed_token(value.raw); }

std::optional<int64_t> json_integer(const JsonValue& value) {
  if (value.kind != JsonKind::kNumber) return std::nullopt;
  const std::string_view token = json_token(value);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return number;
}

std::string minified(std::string_view raw) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  // Numbers and words need one blank between them: without it, text that is not JSON could become JSON.
  const auto is_word = [](char c) { return std::string_view("[]{},:\"").find(c) == std::string_view::npos; };
  std::string out;
  out.reserve(raw.size());
  bool in_string = false;
  bool after_space = false;
  for (size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (!in_string && is_space(c)) {
      after_space = true;
      continue;
    }
    if (after_space && !out.empty() && is_word(out.back()) && is_word(c)) out.push_back(' ');
    after_space = false;
    out.push_back(c);
    if (c == '"') in_string = !in_string;
    if (c == '\\' && in_string && i + 1 < raw.size()) out.push_back(raw[++i]);
  }
  return out;
}

std::string_view kind_name(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBoolean:
      return "a boolean";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kObject:
      return "an object";
  }
  return "unknown";
}

}  // namespace jetliner
