#include "schema/json_syntax.h"

#include <algorithm>
#include <string>

namespace jetliner {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

size_t count_digits(std::string_view text) {
  return static_cast<size_t>(std::find_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; }) -
                             text.begin());
}

bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  size_t find_error() {
    skip_space();
    for (;;) {
      if (!pass_value()) return at_;
      // After a value: the next one of the open array or object, its end, or the end of the text.
      for (;;) {
        skip_space();
        if (open_.empty()) return at_ == text_.size() ? std::string_view::npos : at_;
        if (next() == ',') {
          ++at_;
          skip_space();
          if (open_.back() == '}' && !pass_key()) return at_;
          break;
        }
        if (next() != open_.back()) return at_;
        ++at_;
        open_.pop_back();
      }
    }
  }

 private:
  [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() && kSpace.find(text_[at_]) != std::string_view::npos) ++at_;
  }

  // Passes a scalar or an empty array or object. Of others it opens all up to the first scalar within.
  bool pass_value() {
    for (;;) {
      switch (next()) {
        case '"':
          return pass_string();
        case '[':
        case '{': {
          const char closing = next() == '[' ? ']' : '}';
          ++at_;
          skip_space();
          if (next() == closing) {
            ++at_;
            return true;
          }
          open_.push_back(closing);
          if (closing == '}' && !pass_key()) return false;
          break;
        }
        default:
          return pass_word();
      }
    }
  }

  // The name of an object's member, and the colon.
  bool pass_key() {
    if (next() != '"' || !pass_string()) return false;
    skip_space();
    if (next() != ':') return false;
    ++at_;
    skip_space();
    return true;
  }

  bool pass_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !pass_escape()) return false;
    }
    return false;
  }

  // Leaves at_ on the last character of the escape.
  bool pass_escape() {
    ++at_;
    if (next() != 'u') return next() != '\0' && std::string_view("\"\\/bfnrt").find(next()) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (!is_hex_digit(next())) return false;
    }
    return true;
  }

  bool pass_word() {
    const size_t end = std::min(text_.find_first_of(",]}: \t\r\n", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    if (word != "null" && word != "true" && word != "false" && !is_json_number(word)) return false;
    at_ = end;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string open_;  // closing brackets of the open arrays and objects, the innermost last
};

}  // namespace

bool is_json_number(std::string_view token) {
  if (token == "NaN" || token == "Infinity" || token == "-Infinity") return true;
  if (token.starts_with('-')) token.remove_prefix(1);
  const size_t whole = count_digits(token);
  if (whole == 0 || (whole > 1 && token.front() == '0')) return false;
  token.remove_prefix(whole);
  if (token.starts_with('.')) {
    token.remove_prefix(1);
    const size_t fraction = count_digits(token);
    if (fraction == 0) return false;
    token.remove_prefix(fraction);
  }
  if (token.starts_with('e') || token.starts_with('E')) {
    token.remove_prefix(1);
    if (token.starts_with('+') || token.starts_with('-')) token.remove_prefix(1);
    const size_t exponent = count_digits(token);
    if (exponent == 0) return false;
    token.remove_prefix(exponent);
  }
  return token.empty();
}

size_t find_json_error(std::string_view text) { return Scanner(text).find_error(); }

}  // namespace jetliner
