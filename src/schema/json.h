// The JSON of a schema as a tree of those attributes that the Avro specification names; the rest is skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jetliner {

// The attributes that matter to a reader. Others ("doc", "order", "connect.name", ...) never reach the tree.
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
};

enum class JsonKind : uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

struct JsonValue {
  JsonKind kind = JsonKind::kNull;
  JsonKey key = JsonKey::kElement;
  std::string_view text;  // kString: without quotes and escapes
  // As written, with white space inside and perhaps after it. Of arrays and objects only where the key is kDefault,
  // and those have no children: a default may be any JSON and is kept as text.
  std::string_view raw;
  std::string_view name = {};       // of a member, in a JsonTree of any JSON
  std::vector<JsonValue> children;  // kArray: elements; kObject: members

  // The member with that key, or null. Of equal keys the last counts, as in Java and Python.
  [[nodiscard]] const JsonValue* find(JsonKey wanted) const;
};

// Nesting of arrays and objects that the tree may have; skipped values and defaults nest as they like. Four levels of
// JSON (field list, field, its type's object, a union's list) make at most one level of kMaxSchemaDepth.
inline constexpr int kMaxJsonDepth = 640;
// Values in the tree: what the text of a hostile schema can make us allocate.
inline constexpr size_t kMaxJsonValues = 1 << 20;

// What of a text becomes a tree.
enum class JsonContent : uint8_t {
  kSchema,  // the attributes of JsonKey; a default as raw text
  kAny,     // every member, by `name`: the value of a default
};

// Owns the text that the tree's views point into.
class JsonTree {
 public:
  // Throws Error (kSchema): variant "ParseError" where the text is not JSON, with the position in the message;
  // "InvalidSchema" where it is too large or too deep.
  //
  // simdjson's On-Demand front end walks the text, since its DOM refuses documents with numbers such as 1e400 or 30
  // digits of an integer, which a default may hold. What On-Demand skips (the inside of defaults and of unknown
  // attributes) must be JSON all the same (json_syntax.h). NaN, Infinity and -Infinity are let through, because
  // Python's json module writes them.
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

// A scalar's text without white space around it.
std::string_view json_token(const JsonValue& value);

// The value of an integer literal ("10", "-3"); nothing for other numbers ("10.0", "1e1"), other kinds, and what does
// not fit 64 bits.
std::optional<int64_t> json_integer(const JsonValue& value);

// `raw` without white space between tokens.
std::string minified(std::string_view raw);

// "a string", "an object", ... for messages.
std::string_view kind_name(JsonKind kind);

}  // namespace jetliner
