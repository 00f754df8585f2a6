// JSON that people and other writers make: with comments, and with half a surrogate pair.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "schema/json_comments.h"
#include "schema/json_unescape.h"
#include "schema_text.h"

namespace jetliner {
namespace {

struct Case {
  std::string text;
  std::optional<std::string> result;
};

TEST(JsonComments, BecomeBlanks) {
  for (const Case& c : std::vector<Case>{{"1 // x", "1     "},
                                         {"//\n1", "  \n1"},
                                         {"// x\r\n1//", "    \r\n1  "},
                                         {"/**/1/* \n*/2", "    1   \n  2"},
                                         {"/*/ */1", "      1"},
                                         {"/* // */1// /* */", "        1        "},
                                         {R"("// /* " // ")", R"("// /* "     )"},
                                         {R"("\"// " "\\"//)", R"("\"// " "\\"  )"},
                                         {"1 /* x", "1 /* x"},
                                         {"1 / 2 // x", "1 / 2 // x"},
                                         {"1 \"// x", "1 \"// x"},
                                         {"/", "/"},
                                         {"", ""}}) {
    EXPECT_EQ(blank_comments(c.text), c.result) << c.text;
  }
}

TEST(JsonComments, InSchemas) {
  EXPECT_EQ(
      schema_text("/* ours */ {\"type\": // a\n\"record\", \"name\": \"R\",\n// b\n\"fields\": [{\"name\": \"//x\", "
                  "\"default\": {\"a\" /*c*/ : 1}, \"type\": \"int\" /* d */}]} // e"),
      "record R{//x:int}");
  const auto error = schema_error("// a\n{\"type\": /* b */ tru}");
  ASSERT_TRUE(error);
  EXPECT_NE(std::string_view(error->what()).find("at byte 22 (line 2, column 18)"), std::string_view::npos)
      << error->what();
  for (const char* json : {"1/**/2", "\"int\" /* x", "\"int\" / x", "{\"type\":\"int\"} # x"})
    EXPECT_TRUE(schema_error(json)) << json;
}

TEST(JsonUnescape, Strings) {
  for (const Case& c : std::vector<Case>{{R"(")", ""},
                                         {R"(a")", "a"},
                                         {R"(\"\\\/\b\f\n\r\t" rest)", "\"\\/\b\f\n\r\t"},
                                         {R"(\u0041\u00e9\u20AC")", "A\u00e9\u20ac"},
                                         {R"(\ud83d\ude00")", "\U0001f600"},
                                         {R"(\udbff\udfff\ud800\udc00")", "\U0010ffff\U00010000"},
                                         {R"(\ud83d")", "\ufffd"},
                                         {R"(\ude00")", "\ufffd"},
                                         {R"(\ud83dx\ude00")", "\ufffdx\ufffd"},
                                         {R"(\ud83d\ud83d\ude00")", "\ufffd\U0001f600"},
                                         {R"(\ude00\ud83d")", "\ufffd\ufffd"},
                                         {R"(\ud83d\u0041")", "\ufffdA"},
                                         {R"(\ud83d\n")", "\ufffd\n"},
                                         {R"(\ud83d\u12")", std::nullopt},
                                         {R"(\u12")", std::nullopt},
                                         {R"(\u+123")", std::nullopt},
                                         {R"(\u-123")", std::nullopt},
                                         {R"(\x")", std::nullopt},
                                         {R"(\)", std::nullopt},
                                         {R"(\u00)", std::nullopt},
                                         {"a", std::nullopt}}) {
    EXPECT_EQ(unescape_json(c.text), c.result) << c.text;
  }
}

// Names and values of attributes, known and unknown.
TEST(JsonUnescape, HalfASurrogatePairAnywhereInASchema) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"R","doc":"\ud83d","\udc00":1,"aliases":["\ud83d"],"fields":[
      {"name":"f","type":"string","default":"\ud83d","doc":"\ud83d"},
      {"name":"g","type":{"type":"string","logicalType":"\ud83d"},"default":["\ud83d"]},
      {"name":"h\ud83d","type":{"type":"enum","name":"E","symbols":["a\udc00"],"default":"\ud83d"}}]})"),
            "record R{f:string,g:string,h\ufffd:enum E(a\ufffd)}");
}

}  // namespace
}  // namespace jetliner
