#include "schema/json.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "base/utf8.h"
#include "jetliner/error.h"
#include "schema/json_comments.h"
#include "schema/json_syntax.h"
#include "schema/json_unescape.h"

namespace jetliner {

namespace {

// The key of a field. simdjson 3.2 to 3.6 want to be told that half surrogate pairs are errors.
template <typename Field>
auto unescaped_key(Field& field) {
  if constexpr (requires { field.unescaped_key(); }) {
    return field.unescaped_key();
  } else {
    return field.unescaped_key(false);
  }
}

namespace ondemand = simdjson::ondemand;

constexpr std::array<std::pair<std::string_view, JsonKey>, 14> kKeys = {{
    {"type", JsonKey::kType},
    {"name", JsonKey::kName},
    {"namespace", JsonKey::kNamespace},
    {"aliases", JsonKey::kAliases},
    {"fields", JsonKey::kFields},
    {"symbols", JsonKey::kSymbols},
    {"items", JsonKey::kItems},
    {"values", JsonKey::kValues},
    {"size", JsonKey::kSize},
    {"default", JsonKey::kDefault},
    {"logicalType", JsonKey::kLogicalType},
    {"precision", JsonKey::kPrecision},
    {"scale", JsonKey::kScale},
    {"adjust-to-utc", JsonKey::kAdjustToUtc},
}};

std::optional<JsonKey> known_key(std::string_view name) {
  for (const auto& [text, key] : kKeys) {
    if (text == name) return key;
  }
  return std::nullopt;
}

std::optional<JsonKind> scalar_kind(std::string_view token) {
  if (token == "null") return JsonKind::kNull;
  if (token == "true" || token == "false") return JsonKind::kBoolean;
  if (is_json_number(token)) return JsonKind::kNumber;
  return std::nullopt;
}

[[noreturn]] void throw_too_large(const std::string& message) {
  throw Error(ErrorKind::kSchema, ErrorVariant::kInvalidSchema, message);
}

// Builds the tree in one pass with simdjson's On-Demand front end. Its DOM refuses documents with numbers such as 1e400
// or integers of 30 digits, which a default may hold. On-Demand does not check values that it skips, which are the
// inside of defaults and of unknown attributes: find_json_error() does.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, ondemand::document& document, JsonContent content,
              std::deque<std::string>& strings)
      : text_(text), document_(document), content_(content), strings_(strings) {}

  // Value: simdjson's document for the root, its value for all else. Both have the same member functions.
  template <class Value>
  JsonValue build(Value& value, std::string_view token, JsonKey key, int depth) {
    if (++values_ > kMaxJsonValues) {
      throw_too_large("the schema has more than " + std::to_string(kMaxJsonValues) + " JSON values");
    }
    JsonValue out;
    out.key = key;
    switch (token.empty() ? '\0' : token.front()) {
      case '"':
        out.kind = JsonKind::kString;
        if (const simdjson::error_code error = value.get_string().get(out.text)) {
          out.text = unescaped(token.substr(1), error);
        }
        out.raw = token;
        break;
      case '[':
        out.kind = JsonKind::kArray;
        build_array(value, out, depth);
        break;
      case '{':
        out.kind = JsonKind::kObject;
        build_object(value, out, depth);
        break;
      default:
        out.kind = checked_scalar(token);
        out.raw = token;
    }
    return out;
  }

  JsonKind checked_scalar(std::string_view token) const {
    const std::optional<JsonKind> kind = scalar_kind(trimmed_token(token));
    if (!kind) fail("expected a string, number, array, object, true, false or null", token.data());
    return *kind;
  }

  [[noreturn]] void fail(std::string_view what, const char* where) const {
    const char* const begin = text_.data();
    const auto offset = static_cast<size_t>(std::clamp(where, begin, begin + text_.size()) - begin);
    const std::string_view before = text_.substr(0, offset);
    const size_t line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
    const size_t line_start = before.rfind('\n') + 1;  // 0 on the first line, as npos + 1
    throw Error(ErrorKind::kSchema, ErrorVariant::kParseError,
                "the schema is not valid JSON at byte " + std::to_string(offset) + " (line " + std::to_string(line) +
                    ", column " + std::to_string(offset - line_start + 1) + "): " + std::string(what));
  }

  [[noreturn]] void fail(simdjson::error_code code) {
    const char* const end = text_.data() + text_.size();
    if (code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT) fail("an array or object is not closed", end);
    const char* const where = location();
    fail(simdjson::error_message(code), where != nullptr ? where : end);
  }

  // The next token; nullptr at the end of the text.
  [[nodiscard]] const char* location() {
    const char* where = nullptr;
    const simdjson::error_code error = document_.current_location().get(where);
    return error == simdjson::SUCCESS ? where : nullptr;
  }

  void check(simdjson::error_code code) {
    if (code != simdjson::SUCCESS) fail(code);
  }

 private:
  // A string that simdjson refuses. It is right if all that is wrong with it is half a surrogate pair. `raw` begins
  // after the quote.
  std::string_view unescaped(std::string_view raw, simdjson::error_code error) {
    std::optional<std::string> text = unescape_json(raw);
    if (!text) fail(simdjson::error_message(error), raw.data() - 1);
    return strings_.emplace_back(*std::move(text));
  }

  void check_depth(int depth) const {
    if (depth >= kMaxJsonDepth) {
      throw_too_large("the schema's JSON is nested more than " + std::to_string(kMaxJsonDepth) + " levels deep");
    }
  }

  template <class Value>
  void build_array(Value& value, JsonValue& out, int depth) {
    ondemand::array array;
    check(value.get_array().get(array));
    if (out.key == JsonKey::kDefault) {
      check(array.raw_json().get(out.raw));
      check_syntax(out.raw);
      return;
    }
    check_depth(depth);
    for (auto result : array) {
      ondemand::value element;
      check(std::move(result).get(element));
      out.children.push_back(build(element, element.raw_json_token(), JsonKey::kElement, depth + 1));
    }
  }

  template <class Value>
  void build_object(Value& value, JsonValue& out, int depth) {
    ondemand::object object;
    check(value.get_object().get(object));
    if (out.key == JsonKey::kDefault) {
      check(object.raw_json().get(out.raw));
      check_syntax(out.raw);
      return;
    }
    check_depth(depth);
    for (auto result : object) {
      ondemand::field field;
      check(std::move(result).get(field));
      const char* const raw_name = field.key().raw();
      std::string_view name;
      if (const simdjson::error_code error = unescaped_key(field).get(name)) {
        name = unescaped(text_.substr(static_cast<size_t>(raw_name - text_.data())), error);
      }
      ondemand::value member = field.value();
      const std::string_view token = member.raw_json_token();
      if (content_ == JsonContent::kAny) {
        out.children.push_back(build(member, token, JsonKey::kElement, depth + 1));
        out.children.back().name = name;
      } else if (const std::optional<JsonKey> key = known_key(name)) {
        out.children.push_back(build(member, token, *key, depth + 1));
      } else {
        skip(member, token);
      }
    }
  }

  void skip(ondemand::value& value, std::string_view token) {
    std::string_view text = token;
    switch (token.empty() ? '\0' : token.front()) {
      case '[': {
        ondemand::array array;
        check(value.get_array().get(array));
        check(array.raw_json().get(text));
        break;
      }
      case '{': {
        ondemand::object object;
        check(value.get_object().get(object));
        check(object.raw_json().get(text));
        break;
      }
      default:
        break;
    }
    check_syntax(text);
  }

  // On-Demand finds the end of a skipped value only by its brackets.
  void check_syntax(std::string_view text) const {
    if (const size_t error = find_json_error(text); error != std::string_view::npos) {
      fail("this is not JSON", text.data() + error);
    }
  }

  std::string_view text_;
  ondemand::document& document_;
  JsonContent content_;
  std::deque<std::string>& strings_;
  size_t values_ = 0;
};

}  // namespace

struct JsonTree::Buffers {
  simdjson::padded_string text;
  ondemand::parser parser;          // holds the unescaped strings
  std::deque<std::string> strings;  // but for those with half a surrogate pair
};

JsonTree::JsonTree(std::string_view json, JsonContent content) : buffers_(std::make_unique<Buffers>()) {
  if (json.starts_with("\xef\xbb\xbf")) json.remove_prefix(3);  // a byte order mark
  const bool may_have_comments = json.find("//") != std::string_view::npos || json.find("/*") != std::string_view::npos;
  buffers_->text = may_have_comments ? simdjson::padded_string(blank_comments(json)) : simdjson::padded_string(json);
  const std::string_view text(buffers_->text.data(), buffers_->text.size());

  ondemand::document document;
  TreeBuilder builder(text, document, content, buffers_->strings);
  if (const size_t valid = valid_utf8_prefix(as_bytes(text).data(), text.size()); valid < text.size()) {
    builder.fail("the text is not UTF-8", text.data() + valid);
  }
  // kMaxJsonDepth is checked in check_depth(). On-Demand needs room for two more levels than it walks.
  simdjson::error_code error = buffers_->parser.allocate(text.size(), kMaxJsonDepth + 2);
  if (error == simdjson::SUCCESS) error = buffers_->parser.iterate(buffers_->text).get(document);
  if (error != simdjson::SUCCESS) builder.fail(simdjson::error_message(error), text.data() + text.size());

  std::string_view token;
  builder.check(document.raw_json_token().get(token));
  root_ = builder.build(document, token, JsonKey::kElement, 0);
  // On-Demand does not move past a number or word that is the whole document, and some versions not past a string.
  const bool moved = root_.kind == JsonKind::kArray || root_.kind == JsonKind::kObject;
  const char* const end = moved ? builder.location() : token.data() + token.size();
  if (end != nullptr && end != text.data() + text.size()) builder.fail("text after the end of the schema", end);
}

JsonTree::~JsonTree() = default;

}  // namespace jetliner
