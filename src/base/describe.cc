// An error in words, with its place.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jetliner/error.h"

namespace jetliner {
namespace {

// "name value" for what is known, with commas between.
class Place {
 public:
  void add(std::string_view name, const std::string& value) {
    if (value.empty()) return;
    if (!text_.empty()) text_ += ", ";
    text_.append(name).append(" ").append(value);
  }
  void add(std::string_view name, const std::optional<int64_t>& number) {
    if (number.has_value()) add(name, std::to_string(*number));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::string describe(const Error& error) {
  std::string message = error.what();
  const ErrorPlace& place = error.place();
  Place words;
  // Some messages have the path in them.
  if (!place.path.empty() && message.find(place.path) == std::string::npos) words.add("file", "'" + place.path + "'");
  words.add("codec", place.codec);
  words.add("field", place.context);
  words.add("row", place.row_index);
  words.add("block", place.block_index);
  words.add("record", place.record_index);
  words.add("offset", place.file_offset);
  words.add("offset in block", place.block_offset);
  if (words.text().empty()) return message;
  const size_t line_end = std::min(message.find('\n'), message.size());
  return message.substr(0, line_end) + " (" + words.text() + ")" + message.substr(line_end);
}

}  // namespace jetliner
