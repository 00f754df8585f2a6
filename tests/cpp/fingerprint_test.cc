// Keys of schemas: equal for schemas that are read alike, different for all others.
#include "schema/fingerprint.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "schema_text.h"

namespace jetliner {
namespace {

std::string documented(const std::string& doc_json) {
  return R"({"type":"record","name":"R","doc":)" + doc_json + R"(,"fields":[{"name":"a","type":"int"}]})";
}

TEST(TextKey, TextsOfDocAndSpaceDoNotCount) {
  const std::string key = text_key(documented(R"("one")"));
  for (const char* const doc : {R"("")", R"("a \"quoted\" word \\")", R"("line\n\u00e9")", "\"\xc3\xa9\"", R"("doc")",
                                R"("{\"doc\": 1}")", R"(  "one"  )"}) {
    EXPECT_EQ(text_key(documented(doc)), key) << doc;
  }
  EXPECT_EQ(text_key("\n{ \"type\" : \"record\" ,\t\"name\":\"R\",\"doc\" : \"x\" ,\r\n\"fields\":[ {\"name\":\"a\","
                     "\"type\":\"int\"} ] }"),
            key);
}

TEST(TextKey, AllElseCounts) {
  const std::vector<std::string> texts{
      documented(R"("one")"),
      documented("1"),
      documented("null"),
      documented(R"({"doc":1})"),
      documented(R"(["doc","one"])"),
      documented(R"(["doc","two"])"),
      documented(R"("one","doc":"two")"),
      // The parser decides about these, so they stay as they are.
      documented("\"\xff\""),
      documented("\"\xfe\""),
      documented("\"a\nb\""),
      documented(R"("\q")"),
      documented(R"("\ud800")"),
      documented(R"("\u12")"),
      documented(R"("one)"),
      documented(R"("one"/*"*/)"),
      documented(R"("one"/*'*/)"),
      R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})",
      R"({"type":"record","name":"R","doc":"","fields":[{"name":"doc","type":"int"}]})",
      R"({"type":"record","name":"R","doc":"","fields":[{"name":"a b","type":"int"}]})",
      R"({"type":"record","name":"R","doc":"","fields":[{"name":"a  b","type":"int"}]})",
      R"([1 2])",
      R"([12])",
      R"(["doc" "one"])",
      R"(["doc" "two"])",
      "",
      " ",
      "\"",
      "\"doc\"",
      "\"doc\":",
  };
  std::set<std::string> keys;
  for (const std::string& text : texts) keys.insert(text_key(text));
  EXPECT_EQ(keys.size(), texts.size() - 1);  // "" and " "
}

// A key never makes a schema of something that is none.
TEST(TextKey, AKeyIsValidIfItsTextIs) {
  for (const std::string& text :
       {documented(R"("one")"), documented(R"("\q")"), documented("\"\xff\""), documented("\"a\nb\""),
        documented(R"("\u12")"), documented(R"("\ud800")"), documented(R"("one)"), std::string("[1 2]")}) {
    EXPECT_EQ(schema_error(text_key(text)).has_value(), schema_error(text).has_value()) << text;
  }
}

TEST(TextKey, VeryLongTextsAreTheirOwnKeys) {
  const std::string text = documented('"' + std::string(2 << 20, 'x') + '"');
  EXPECT_EQ(text_key(text), text);
}

std::string meaning(const std::string& json) { return meaning_of(parse_schema(json)); }

std::string field(const std::string& type, const std::string& more = "") {
  return R"({"type":"record","name":"R","fields":[{"name":"a","type":)" + type + more + "}]}";
}

TEST(Meaning, DocumentationAndAttributesOfOthersDoNotCount) {
  const std::string expected = meaning(field(R"("int")"));
  EXPECT_EQ(meaning(field(R"("int")", R"(,"doc":"x","order":"ignore","connect.name":"y","field-id":7)")), expected);
  EXPECT_EQ(meaning(field(R"({"type":"int"})")), expected);
  EXPECT_EQ(meaning(field(R"({"type":"int","logicalType":"unheard-of"})")), expected);
  EXPECT_EQ(meaning(field(R"("int")", R"(,"default":1,"aliases":["b"])")), expected);
  EXPECT_EQ(meaning(R"({"fields":[{"type":"int","name":"a"}],"name":"R","type":"record","aliases":["S"]})"), expected);
}

TEST(Meaning, EverythingThatDecidesAboutValuesCounts) {
  const std::vector<std::string> schemas{
      field(R"("int")"),
      field(R"("long")"),
      field(R"({"type":"int","logicalType":"date"})"),
      field(R"({"type":"int","logicalType":"time-millis"})"),
      field(R"(["null","int"])"),
      field(R"(["int","null"])"),
      field(R"({"type":"array","items":"int"})"),
      field(R"({"type":"map","values":"int"})"),
      field(R"({"type":"map","values":["int","null"]})"),
      field(R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})"),
      field(R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":3})"),
      field(R"({"type":"bytes","logicalType":"decimal","precision":8,"scale":2})"),
      field(R"({"type":"fixed","name":"F","size":4})"),
      field(R"({"type":"fixed","name":"F","size":5})"),
      field(R"({"type":"fixed","name":"G","size":4})"),
      field(R"({"type":"enum","name":"E","symbols":["A","B"]})"),
      field(R"({"type":"enum","name":"E","symbols":["B","A"]})"),
      field(R"({"type":"enum","name":"E","symbols":["A","BC"]})"),
      field(R"({"type":"enum","name":"E","symbols":["AB","C"]})"),
      field(R"({"type":"record","name":"R2","fields":[]})"),
      R"({"type":"record","name":"R","fields":[{"name":"b","type":"int"}]})",
      R"({"type":"record","name":"S","fields":[{"name":"a","type":"int"}]})",
      R"({"type":"record","name":"n.R","fields":[{"name":"a","type":"int"}]})",
      R"({"type":"record","name":"R","fields":[]})",
      R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]})",
      R"({"type":"record","name":"R","fields":[{"name":"b","type":"int"},{"name":"a","type":"int"}]})",
      R"({"type":"record","name":"R","fields":[{"name":"a","type":["null","R"]}]})",
      R"("int")",
  };
  std::set<std::string> meanings;
  for (const std::string& schema : schemas) meanings.insert(meaning(schema));
  EXPECT_EQ(meanings.size(), schemas.size());
}

}  // namespace
}  // namespace jetliner
