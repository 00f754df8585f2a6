#include "schema/json_unescape.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace jetliner {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

bool is_high_surrogate(uint32_t unit) { return unit >> 10 == 0xd800 >> 10; }
bool is_low_surrogate(uint32_t unit) { return unit >> 10 == 0xdc00 >> 10; }

void append_utf8(std::string& out, uint32_t code) {
  const auto append = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    append(code);
    return;
  }
  if (code < 0x800) {
    append(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      append(0xe0 | code >> 12);
    } else {
      append(0xf0 | code >> 18);
      append(0x80 | (code >> 12 & 0x3f));
    }
    append(0x80 | (code >> 6 & 0x3f));
  }
  append(0x80 | (code & 0x3f));
}

// The UTF-16 unit of the four hexadecimal digits at the start of `text`.
std::optional<uint32_t> read_unit(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t unit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, unit, 16);
  return error == std::errc() && end == text.data() + 4 ? std::optional(unit) : std::nullopt;
}

// Reads the escape \u of which `text` holds what follows the u. Returns its length, 0 where it is not valid.
size_t append_unit(std::string& out, std::string_view text) {
  const std::optional<uint32_t> first = read_unit(text);
  if (!first) return 0;
  if (is_high_surrogate(*first) && text.substr(4).starts_with("\\u")) {
    const std::optional<uint32_t> second = read_unit(text.substr(6));
    if (second && is_low_surrogate(*second)) {
      append_utf8(out, 0x10000 + ((*first & 0x3ff) << 10) + (*second & 0x3ff));
      return 10;
    }
  }
  append_utf8(out, is_high_surrogate(*first) || is_low_surrogate(*first) ? kReplacement : *first);
  return 4;
}

}  // namespace

std::optional<std::string> unescape_json(std::string_view raw) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kCharacters = "\"\\/\b\f\n\r\t";
  std::string out;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '"') return out;
    if (raw[i] != '\\') {
      out.push_back(raw[i]);
      continue;
    }
    if (++i == raw.size()) return std::nullopt;
    if (raw[i] == 'u') {
      const size_t length = append_unit(out, raw.substr(i + 1));
      if (length == 0) return std::nullopt;
      i += length;
    } else if (const size_t at = kEscapes.find(raw[i]); at != std::string_view::npos) {
      out.push_back(kCharacters[at]);
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace jetliner
