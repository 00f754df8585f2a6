#include "schema/json_syntax.h"

#include <gtest/gtest.h>

#include <string>

namespace jetliner {
namespace {

constexpr size_t kFine = std::string_view::npos;

TEST(JsonSyntax, Values) {
  for (const std::string text : {"0", "-0", "12.5e-3", "1E+9", "NaN", "-Infinity", "null", "true", "false", "\"\"",
                                 R"("a\"\\\/\b\f\n\r\t\u00fF")", "[]", "{}", "[ ]", " { } ", "[1,[2,{}],\"]\"]",
                                 R"({"a":{"b":[null,{"c":"}"}]},"":0})", "[[[[]]]]", "\t[\n1 ,\r2 ] "}) {
    EXPECT_EQ(find_json_error(text), kFine) << text;
  }
}

TEST(JsonSyntax, Errors) {
  const std::pair<std::string, size_t> cases[] = {
      {"", 0},           {" ", 1},         {"1 2", 2}, {"[", 1},       {"[1", 2},          {"[1,", 3},
      {"[1,]", 3},       {"[1 2]", 3},     {"[1}", 2}, {"{1:2}", 1},   {"{\"a\"}", 4},     {"{\"a\":}", 5},
      {"{\"a\":1,}", 7}, {"{\"a\" 1}", 5}, {"tru", 0}, {"01", 0},      {"1.", 0},          {".5", 0},
      {"-", 0},          {"+1", 0},        {"\"a", 2}, {"\"\\x\"", 2}, {"\"\\u12G4\"", 5}, {"\"a\nb\"", 2},
      {"[]]", 2},        {"\"\\", 2},      {",", 0},   {"nan", 0}};
  for (const auto& [text, offset] : cases) EXPECT_EQ(find_json_error(text), offset) << text;
}

TEST(JsonSyntax, AnyDepth) {
  constexpr size_t kDepth = 1'000'000;
  const std::string open(kDepth, '[');
  EXPECT_EQ(find_json_error(open + std::string(kDepth, ']')), kFine);
  EXPECT_EQ(find_json_error(open + std::string(kDepth - 1, ']')), 2 * kDepth - 1);
}

}  // namespace
}  // namespace jetliner
