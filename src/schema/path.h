// A place in a schema, for the context of errors: "User.address.city", "User.tags[]", "User.scores{}".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jetliner {

// Text from a schema for a message: in quotes, cut after 80 bytes, "?" for control characters.
std::string in_quotes(std::string_view text);

// A step from a type into a part of it, and its text.
enum class SchemaPart : uint8_t {
  kName,    // a field, or the root: ".name"
  kItems,   // of an array: "[]"
  kValues,  // of a map: "{}"
};

class SchemaPath {
 public:
  // The path includes a part of the schema while a Step of it lives.
  class Step {
   public:
    // The name must outlive the step.
    Step(SchemaPath& path, std::string_view name) : path_(path) {
      path_.segments_.push_back({SchemaPart::kName, name});
    }
    Step(SchemaPath& path, SchemaPart part) : path_(path) { path_.segments_.push_back({part, {}}); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { path_.segments_.pop_back(); }

   private:
    SchemaPath& path_;
  };

  [[nodiscard]] bool empty() const { return segments_.empty(); }
  [[nodiscard]] std::string text() const;

  // Throws Error (kSchema), variant kInvalidSchema, with this place as context.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  struct Segment {
    SchemaPart part;
    std::string_view name;
  };
  std::vector<Segment> segments_;
};

}  // namespace jetliner
