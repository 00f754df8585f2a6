// The JSON of a schema as a tree. It holds only attributes that matter to a reader; others are skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jetliner {

// Attributes in the tree. Others ("doc", "order", "connect.name", ...) are not.
enum class JsonKey : uint8_t {
  kElement,  // no key: an element of an array, or the root
  kType,
  kName,
  kNamespace,
  kAliases,
  kFields,
  kSymbols,
  kItems,
  kValues,
  kSize,
  kDefault,
  kLogicalType,
  kPrecision,
  kScale,
  kAdjustToUtc,
};

enum class JsonKind : uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

struct JsonValue {
  JsonKind kind = JsonKind::kNull;
  JsonKey key = JsonKey::kElement;
  std::string_view text;  // kString: without quotes and escapes
  // Scalars, and all kinds where the key is kDefault: the text as written, perhaps with white space after it. Arrays
  // and objects that are defaults have no children: a default may be any JSON and is kept as text.
  std::string_view raw;
  std::string_view name = {};       // members in a tree of JsonContent::kAny
  std::vector<JsonValue> children;  // kArray: elements; kObject: members

  // The member with that key, or nullptr. The last of equal keys counts, as in Java and Python.
  [[nodiscard]] const JsonValue* find(JsonKey wanted) const;
};

// Most levels of arrays and objects in the tree. Skipped values and defaults have no limit. A level of kMaxSchemaDepth
// takes at most four levels of JSON: field list, field, the object of its type, a union's list.
inline constexpr int kMaxJsonDepth = 640;
// Most values in the tree. This bounds its memory for hostile schemas.
inline constexpr size_t kMaxJsonValues = 1 << 20;

// The content of a tree.
enum class JsonContent : uint8_t {
  kSchema,  // attributes of JsonKey; defaults as raw text
  kAny,     // all members, with `name`: for the value of a default
};

// Owns the text that the tree's views point into.
class JsonTree {
 public:
  // Throws Error (kSchema): variant kParseError where the text is not JSON, with the position in the message;
  // kInvalidSchema where it is too large or too deep. Beyond JSON it accepts comments, and NaN, Infinity and -Infinity:
  // Python's json module writes them. Half a surrogate pair in a string becomes U+FFFD.
  explicit JsonTree(std::string_view json, JsonContent content = JsonContent::kSchema);
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;
  ~JsonTree();

  [[nodiscard]] const JsonValue& root() const { return root_; }

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
  JsonValue root_;
};

// A token without the white space after it.
std::string_view trimmed_token(std::string_view token);

// The text of a scalar, without white space after it.
std::string_view json_token(const JsonValue& value);

// The value of an integer literal ("10", "-3") that fits 64 bits. Nothing for other numbers ("10.0", "1e1") and kinds.
std::optional<int64_t> json_integer(const JsonValue& value);

// `raw` without white space between tokens.
std::string minified(std::string_view raw);

// "a string", "an object", ... for messages.
std::string_view kind_name(JsonKind kind);

}  // namespace jetliner
