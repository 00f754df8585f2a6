// Where in a schema something is, for the context of errors: "User.address.city", "User.tags[]", "User.scores{}".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jetliner {

// Text from a schema between quotes, cut to a length that a message can bear, control characters as "?".
std::string quoted(std::string_view text);

class SchemaPath {
 public:
  // Enters a part of the schema for as long as it lives.
  class Step {
   public:
    // The views must outlive the step.
    Step(SchemaPath& path, std::string_view segment) : path_(path) { path_.segments_.push_back(segment); }
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
  std::vector<std::string_view> segments_;
};

// Segments of array items and map values.
inline constexpr std::string_view kItemsSegment = "[]";
inline constexpr std::string_view kValuesSegment = "{}";

}  // namespace jetliner
