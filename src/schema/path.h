// Where in a schema something is, for the context of errors: "User.address.city", "User.tags[]", "User.scores{}".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jetliner {

// Text from a schema between quotes, cut to a length that a message can bear, control characters as "?".
std::string quoted(std::string_view text);

// How a part of the schema hangs on what is around it, and how it is written.
enum class SchemaPart : uint8_t {
  kName,    // a field, or the root: ".name"
  kItems,   // "[]"
  kValues,  // "{}"
};

class SchemaPath {
 public:
  // Enters a part of the schema for as long as it lives.
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

  // Error (kSchema) "InvalidSchema" at this place.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  struct Segment {
    SchemaPart part;
    std::string_view name;
  };
  std::vector<Segment> segments_;
};

}  // namespace jetliner
