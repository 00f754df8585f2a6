#include "schema/fingerprint.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "base/utf8.h"

namespace jetliner {
namespace {

constexpr std::string_view kDoc = "\"doc\"";

// Longer texts are their own keys: a text may become valid when a part is left out, if it is too large as a whole.
constexpr size_t kMaxShortenedBytes = 1 << 20;

// The position after the string that begins at `begin`, where a quote is; nothing if the string does not end.
std::optional<size_t> end_of_string(std::string_view text, size_t begin) {
  for (size_t i = text.find('"', begin + 1); i != std::string_view::npos; i = text.find('"', i + 1)) {
    size_t backslashes = 0;
    while (text[i - 1 - backslashes] == '\\') ++backslashes;  // ends at the first quote
    if (backslashes % 2 == 0) return i + 1;
  }
  return std::nullopt;
}

// True if the string has only ASCII characters, without escapes and control characters. The loop has no branches, so
// that the compiler makes vectors of it.
bool is_plain(std::string_view string) {
  unsigned found = 0;
  for (const char c : string) {
    const auto byte = static_cast<unsigned char>(c);
    found |= static_cast<unsigned>(byte < 0x20) | static_cast<unsigned>(byte > 0x7f) | static_cast<unsigned>(c == '\\');
  }
  return found == 0;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// True if any JSON parser takes the string. Surrogates are left to the parser.
bool is_sound(std::string_view string) {
  if (is_plain(string)) return true;
  for (size_t i = 0; i < string.size(); ++i) {
    const auto c = static_cast<unsigned char>(string[i]);
    if (c < 0x20) return false;
    if (c != '\\') continue;
    ++i;  // the quote at the end is never escaped, so there is a character
    if (std::string_view("\"\\/bfnrt").find(string[i]) != std::string_view::npos) continue;
    if (string[i] != 'u' || string.size() - i < 5) return false;
    for (size_t digit = 1; digit <= 4; ++digit) {
      if (!is_hex(string[i + digit])) return false;
    }
    if (string[i + 1] == 'd' || string[i + 1] == 'D') return false;
    i += 4;
  }
  return valid_utf8(reinterpret_cast<const uint8_t*>(string.data()), string.size());
}

// White space next to these has no effect. Between two words it has: without it they would be one.
bool is_word(char c) { return c != '[' && c != ']' && c != '{' && c != '}' && c != ',' && c != ':' && c != '"'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class TextKey {
 public:
  explicit TextKey(std::string_view text) : text_(text) { key_.reserve(text.size()); }  // a key is not longer

  // Returns false if the text is not JSON as the parser reads it.
  bool make() {
    while (next_ < text_.size()) {
      const char c = text_[next_];
      if (c == '/') return false;  // a comment, perhaps
      if (c == '"') {
        if (!add_string()) return false;
        continue;
      }
      ++next_;
      if (!is_space(c) || (!key_.empty() && is_word(key_.back()) && !is_space(key_.back()))) key_.push_back(c);
    }
    return true;
  }
  [[nodiscard]] std::string take() { return std::move(key_); }

 private:
  void skip_space() {
    while (next_ < text_.size() && is_space(text_[next_])) ++next_;
  }
  [[nodiscard]] bool is_at(char c) const { return next_ < text_.size() && text_[next_] == c; }

  bool add_string() {
    const std::optional<size_t> end = end_of_string(text_, next_);
    if (!end.has_value()) return false;
    const std::string_view string = text_.substr(next_, *end - next_);
    key_.append(string);
    next_ = *end;
    if (string != kDoc) return true;
    skip_space();
    if (!is_at(':')) return true;
    key_.push_back(':');
    ++next_;
    skip_space();
    if (!is_at('"')) return true;
    const std::optional<size_t> doc_end = end_of_string(text_, next_);
    if (!doc_end.has_value()) return false;
    const std::string_view doc = text_.substr(next_, *doc_end - next_);
    key_.append(is_sound(doc) ? std::string_view("\"\"") : doc);
    next_ = *doc_end;
    return true;
  }

  const std::string_view text_;
  size_t next_ = 0;
  std::string key_;
};

// Numbers and texts, each with its length: different lists give different bytes.
class Bytes {
 public:
  void add(uint64_t number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    bytes_.append(bytes, sizeof number);
  }
  void add(std::string_view text) {
    add(uint64_t{text.size()});
    bytes_.append(text);
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

void add_field(Bytes& bytes, const SchemaField& field) {
  // All members are named here, so that a new one does not compile before it has been thought of.
  const auto& [name, type, aliases, default_json] = field;
  (void)aliases;
  (void)default_json;
  bytes.add(name);
  bytes.add(uint64_t{type});
}

void add_node(Bytes& bytes, const SchemaNode& node) {
  // As above.
  const auto& [type, logical, precision, scale, size, name, aliases, fields, symbols, enum_default, bad_default, items,
               branches, recursive] = node;
  (void)aliases;
  (void)enum_default;
  (void)bad_default;
  bytes.add(static_cast<uint64_t>(type) << 32 | static_cast<uint64_t>(logical) << 1 | uint64_t{recursive});
  bytes.add(uint64_t{static_cast<uint32_t>(precision)} << 32 | uint64_t{static_cast<uint32_t>(scale)});
  bytes.add(uint64_t{size});
  bytes.add(name);
  bytes.add(uint64_t{fields.size()});
  for (const SchemaField& field : fields) add_field(bytes, field);
  bytes.add(uint64_t{symbols.size()});
  for (const std::string& symbol : symbols) bytes.add(symbol);
  bytes.add(uint64_t{items});
  bytes.add(uint64_t{branches.size()});
  for (const NodeId branch : branches) bytes.add(uint64_t{branch});
}

}  // namespace

std::string text_key(std::string_view json) {
  if (json.size() > kMaxShortenedBytes) return std::string(json);
  TextKey key(json);
  return key.make() ? key.take() : std::string(json);
}

std::string meaning_of(const Schema& schema) {
  Bytes bytes;
  bytes.add(uint64_t{schema.root()});
  for (NodeId id = 0; id < schema.size(); ++id) add_node(bytes, schema.node(id));
  return bytes.take();
}

}  // namespace jetliner
