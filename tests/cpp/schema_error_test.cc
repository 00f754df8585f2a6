#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/json.h"
#include "schema/schema.h"
#include "schema_json.h"
#include "schema_text.h"

namespace jetliner {
namespace {

using ::testing::HasSubstr;

struct Case {
  std::string json;
  std::string message;  // a part of it
  std::string context;
};

void expect_invalid(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    const auto error = schema_error(c.json);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::kSchema);
    EXPECT_EQ(error->variant(), ErrorVariant::kInvalidSchema);
    EXPECT_THAT(error->what(), HasSubstr(c.message));
    EXPECT_EQ(error->place().context, c.context);
  }
}

TEST(SchemaError, NotATypeAtAll) {
  expect_invalid({
      {"5", "not a number", ""},
      {"null", "not null", ""},
      {"true", "not a boolean", ""},
      {"{}", "needs \"type\"", ""},
      {R"({"name":"x"})", "needs \"type\"", ""},
      {R"({"type":5})", "not a number", ""},
      {one_field("null"), "not null", "R.f"},
      {one_field("{}"), "needs \"type\"", "R.f"},
      {one_field(R"({"type":"array","items":7})"), "not a number", "R.f[]"},
      {one_field(R"(["null",true])"), "not a boolean", "R.f"},
  });
}

TEST(SchemaError, UndefinedNames) {
  expect_invalid({
      {R"("Foo")", "undefined name \"Foo\"", ""},
      {R"("")", "undefined name \"\"", ""},
      {R"([{"type":"fixed","name":"","size":1},{"type":"array","items":""}])", "undefined name \"\"", "[]"},
      {R"([{"type":"fixed","name":"","size":1},{"type":"array","items":{"type":"."}}])", "undefined name \".\"", "[]"},
      {R"("Int")", "undefined name \"Int\"", ""},
      {R"({"type":"Foo"})", "undefined name \"Foo\"", ""},
      {one_field("\"Foo\""), "undefined name \"Foo\"", "R.f"},
      {one_field(R"({"type":"map","values":{"type":"array","items":"strin"}})"), "undefined name \"strin\"", "R.f{}[]"},
      {R"({"type":"record","name":"User","fields":[{"name":"address","type":{"type":"record","name":"Address",
          "fields":[{"name":"city","type":"strin"}]}}]})",
       "undefined name \"strin\"", "User.address.city"},
      {R"({"type":"record","name":"a.b.User","fields":[{"name":"x","type":"Foo"}]})",
       "undefined name \"Foo\" (in full \"a.b.Foo\")", "User.x"},
      // Not before its definition.
      {R"({"type":"record","name":"R","fields":[{"name":"a","type":"F"},
          {"name":"b","type":{"type":"fixed","name":"F","size":1}}]})",
       "undefined name \"F\"", "R.a"},
      {one_field("\"array\""), "needs its attributes", "R.f"},
      {"\"record\"", "needs its attributes", ""},
  });
}

TEST(SchemaError, Names) {
  expect_invalid({
      {R"({"type":"record","fields":[]})", "this record needs \"name\"", ""},
      {R"({"type":"error","name":5,"fields":[]})", "this record needs \"name\"", ""},
      {R"({"type":"enum","symbols":["a"]})", "this enum needs \"name\"", ""},
      {R"({"type":"fixed","size":1})", "this fixed needs \"name\"", ""},
      {R"({"type":"record","name":null,"fields":[]})", "this record needs \"name\"", ""},
      {R"({"type":"fixed","name":"X","namespace":5,"size":1})", "\"namespace\"", ""},
      {R"({"type":"fixed","name":"a\u0000b","size":1})", "U+0000", ""},
      {R"({"type":"record","name":"R","fields":[{"name":"a\u0000b","type":"int"}]})", "U+0000", "R"},
      {R"({"type":"fixed","name":"int","size":1})", "name of a primitive type", "int"},
      {R"({"type":"record","name":"string","namespace":"a","fields":[]})", "name of a primitive type", "string"},
      {one_field(R"({"type":"enum","name":"x.bytes","symbols":[]})"), "name of a primitive type", "R.f"},
  });
}

// Trap: duplicate names are not accepted.
TEST(SchemaError, TrapDuplicates) {
  expect_invalid({
      {R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"},
          {"name":"a","type":"long"}]})",
       "two fields called \"a\"", "R"},
      {R"({"type":"enum","name":"E","symbols":["a","b","a"]})", "symbol \"a\" twice", "E"},
      {one_field(R"({"type":"enum","name":"E","symbols":["a","a"]})"), "symbol \"a\" twice", "R.f"},
      {R"([{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"F","size":1}])", "union has \"F\" twice", ""},
      {one_field(R"({"type":"fixed","name":"R","size":1})"), "\"R\" is defined twice", "R.f"},
      {R"({"type":"record","name":"R","namespace":"n","fields":[
          {"name":"a","type":{"type":"fixed","name":"F","size":1}},
          {"name":"b","type":{"type":"enum","name":"n.F","symbols":[]}}]})",
       "\"n.F\" is defined twice", "R.b"},
  });
}

TEST(SchemaError, Unions) {
  expect_invalid({
      {"[]", "at least one branch", ""},
      {one_field("[]"), "at least one branch", "R.f"},
      {R"(["int","int"])", "\"int\" twice", ""},
      {R"(["null","string","null"])", "\"null\" twice", ""},
      {R"(["null","null","int"])", "\"null\" twice", ""},
      {R"([{"type":"fixed","name":"","size":1},{"type":"record","name":"","fields":[]}])",
       "two types with an empty name", ""},
      {R"(["int",{"type":"int"}])", "\"int\" twice", ""},
      {R"(["int",{"type":"int","logicalType":"date"}])", "\"int\" twice", ""},
      {R"([{"type":"long","logicalType":"timestamp-millis"},{"type":"long","logicalType":"time-micros"}])",
       "\"long\" twice", ""},
      {R"([{"type":"array","items":"int"},{"type":"array","items":"long"}])", "\"array\" twice", ""},
      {R"([{"type":"map","values":"int"},{"type":"map","values":"long"}])", "\"map\" twice", ""},
      {R"([{"type":"fixed","name":"F","size":1},"F"])", "\"F\" twice", ""},
      {R"([{"type":"fixed","name":"n.F","size":1},{"type":"n.F"}])", "\"n.F\" twice", ""},
      {R"([{"type":"array","items":"int"},{"type":"fixed","name":"array","size":1}])", "\"array\" twice", ""},
      {R"(["null",["int","string"]])", "may not contain a union", ""},
      {R"(["null",{"type":["int","string"]}])", "may not contain a union", ""},
      {one_field(R"(["null",["int"]])"), "may not contain a union", "R.f"},
  });
}

TEST(SchemaError, MissingOrWrongAttributes) {
  expect_invalid({
      {R"({"type":"array"})", "an array needs \"items\"", ""},
      {R"({"type":"array","values":"int"})", "an array needs \"items\"", ""},
      {R"({"type":"map"})", "a map needs \"values\"", ""},
      {R"({"type":"record","name":"R"})", "a record needs \"fields\"", "R"},
      {R"({"type":"record","name":"R","fields":{}})", "a record needs \"fields\"", "R"},
      {R"({"type":"record","name":"R","fields":["int"]})", "a field is an object", "R"},
      {R"({"type":"record","name":"R","fields":[{"type":"int"}]})", "a field needs \"name\"", "R"},
      {R"({"type":"record","name":"R","fields":[{"name":1,"type":"int"}]})", "a field needs \"name\"", "R"},
      {R"({"type":"record","name":"R","fields":[{"name":"x"}]})", "a field needs \"type\"", "R.x"},
      {R"({"type":"enum","name":"E"})", "an enum needs \"symbols\"", "E"},
      {R"({"type":"enum","name":"E","symbols":"a"})", "an enum needs \"symbols\"", "E"},
      {R"({"type":"enum","name":"E","symbols":["a",1]})", "symbols are strings, not a number", "E"},
  });
}

TEST(SchemaError, FixedSize) {
  for (const std::string size : {"-1", "2147483648", "1.0", "1e2", "\"16\"", "null", "[]", "1e400",
                                 "123456789012345678901234567890", "-9223372036854775809"}) {
    expect_invalid({{R"({"type":"fixed","name":"F","size":)" + size + "}", "integer from 0 to 2147483647", "F"}});
  }
  expect_invalid({{R"({"type":"fixed","name":"F"})", "a fixed needs \"size\"", "F"}});
}

TEST(SchemaError, NotJson) {
  struct Place {
    std::string json;
    std::string message;
  };
  for (const Place& c :
       std::vector<Place>{{"", "not valid JSON"},
                          {"   ", "not valid JSON"},
                          {"long", "at byte 0 (line 1, column 1)"},
                          {"\"long", "never closed"},
                          {"\"long\" x", "at byte 7"},
                          {"\"long\"\"int\"", "at byte 6"},
                          {"5 5", "at byte 2"},
                          {"{\"type\":\"int\"", "at byte 13 (line 1, column 14): an array or object is not closed"},
                          {"{\"type\":\"int\"}}", "at byte 14"},
                          {"{\"type\" \"int\"}", "at byte 8"},
                          {"{\"type\":,}", "at byte 8"},
                          {"{\n  \"type\":\n    tru\n}", "line 3, column 5"},
                          {"{\"doc\":hello,\"type\":\"int\"}", "at byte 7"},
                          {"[\"null\" \"int\"]", "at byte 8"},
                          {"[\"null\",]", "at byte 8"},
                          {"{'type':'int'}", "not valid JSON"},
                          {"{\"type\":\"a\\qb\"}", "at byte 8"},
                          {"{\"type\":\"\\ud800\\q\"}", "at byte 8"},
                          {"{\"type\":\"\\udc0\"}", "at byte 8"},
                          {"{\"\\ud800\\u12\":1}", "at byte 1"},
                          {"{\"type\":\"int\"} /* ", "not valid JSON"},
                          {"{\"type\":\"a\nb\"}", "not valid JSON"},
                          {"{\"size\":01,\"type\":\"int\"}", "at byte 8"},
                          {"{\"size\":1.,\"type\":\"int\"}", "at byte 8"},
                          {"{\"default\":[[[,\"type\":\"int\"}", "not valid JSON"},
                          {"{\"type\":\"\xff\"}", "at byte 9 (line 1, column 10): the text is not UTF-8"},
                          {"\"\xed\xa0\x80\"", "at byte 1"},
                          {std::string("\"in\0t\"", 6), "not valid JSON"},
                          {"\xef\xbb\xbf", "not valid JSON"}}) {
    SCOPED_TRACE(c.json);
    const auto error = schema_error(c.json);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::kSchema);
    EXPECT_EQ(error->variant(), ErrorVariant::kParseError);
    EXPECT_THAT(error->what(), HasSubstr(c.message));
  }
}

// Found by fuzzing: skipped values were checked for matching brackets only, so they could be anything else.
TEST(SchemaError, WhatIsNotLookedIntoIsJsonToo) {
  for (const std::string key : {"default", "doc", "unknown"}) {
    for (const std::string value : {R"({"x":"a","y"&:[1]})", R"({"x":1 "y":2})", "[1 2]", "[1,]", "[tru]", "[[1}]",
                                    R"(["\x"])", R"({"a"})", R"({1:2})", "[01]", R"([{"a":[}]])"}) {
      SCOPED_TRACE(key + " " + value);
      const auto error = schema_error(R"({"type":"record","name":"R","fields":[{"name":"f","type":"int",")" + key +
                                      "\":" + value + "}]}");
      ASSERT_TRUE(error);
      EXPECT_EQ(error->variant(), ErrorVariant::kParseError);
    }
  }
}

TEST(SchemaError, EveryTruncationIsAnError) {
  const std::string json =
      R"({"type":"record","name":"a.R","doc":"d","fields":[{"name":"f","type":["null",{"type":"fixed","name":"F","size":12}],)"
      R"("default":{"x":[1,"y\u00e9"]}},{"name":"g","type":{"type":"array","items":"F"},"aliases":["h"]}]})";
  ASSERT_FALSE(schema_error(json));
  for (size_t n = 0; n < json.size(); ++n) {
    const auto error = schema_error(json.substr(0, n));
    ASSERT_TRUE(error) << n;
    EXPECT_EQ(error->variant(), ErrorVariant::kParseError) << n;
  }
}

TEST(SchemaError, TooLarge) {
  const std::string json = "\"int\"" + std::string(kMaxSchemaBytes, ' ');
  expect_invalid({{json, "at most 33554432", ""}});
  EXPECT_FALSE(schema_error(json.substr(0, kMaxSchemaBytes)));
}

TEST(SchemaError, TooManyValues) {
  std::string json = R"({"type":"enum","name":"E","symbols":["")";
  for (size_t i = 0; i <= kMaxJsonValues; ++i) json += ",\"\"";
  expect_invalid({{json + "]}", "JSON values", ""}});
}

TEST(SchemaError, LongAndUnprintableNamesAreCutInMessages) {
  const auto error = schema_error(one_field("\"" + std::string(100'000, 'x') + "\""));
  ASSERT_TRUE(error);
  EXPECT_LT(std::string_view(error->what()).size(), 400U);
  const auto control = schema_error(R"("a\nb\u001b[31m")");
  ASSERT_TRUE(control);
  EXPECT_THAT(control->what(), HasSubstr("\"a?b?[31m\""));
}

}  // namespace
}  // namespace jetliner
