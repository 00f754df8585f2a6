#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/schema.h"
#include "schema_json.h"
#include "schema_text.h"

namespace jetliner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Case {
  const char* json;
  const char* text;
};

void expect_texts(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    EXPECT_EQ(schema_text(c.json), c.text);
  }
}

TEST(SchemaParse, Primitives) {
  for (const char* name : {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}) {
    const std::string quoted = std::string("\"") + name + "\"";
    EXPECT_EQ(schema_text(quoted), name);
    EXPECT_EQ(schema_text("{\"type\":" + quoted + "}"), name);
    EXPECT_EQ(schema_text("{\"type\":{\"type\":{\"type\":" + quoted + "}}}"), name);
  }
}

TEST(SchemaParse, ComplexTypes) {
  expect_texts({
      {R"({"type":"array","items":"string"})", "array<string>"},
      {R"({"type":"map","values":{"type":"array","items":"long"}})", "map<array<long>>"},
      {R"({"type":"enum","name":"Suit","symbols":["HEARTS","SPADES"]})", "enum Suit(HEARTS,SPADES)"},
      {R"({"type":"fixed","name":"MD5","size":16})", "fixed MD5(16)"},
      {R"({"type":"fixed","name":"Nothing","size":0})", "fixed Nothing(0)"},
      {R"({"type":"fixed","name":"Large","size":2147483647})", "fixed Large(2147483647)"},
      {R"({"type":"record","name":"Empty","fields":[]})", "record Empty{}"},
      {R"({"type":"record","name":"P","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]})",
       "record P{x:int,y:int}"},
      {R"(["null","string"])", "union[null,string]"},
      {R"({"type":["null",{"type":"map","values":"int"}]})", "union[null,map<int>]"},
      {R"({"type":{"type":"array","items":{"type":["null","int"]}}})", "array<union[null,int]>"},
  });
}

TEST(SchemaParse, ErrorTypeIsARecord) {
  EXPECT_EQ(schema_text(R"({"type":"error","name":"Oops","fields":[{"name":"message","type":"string"}]})"),
            "record Oops{message:string}");
}

TEST(SchemaParse, AttributesInAnyOrder) {
  EXPECT_EQ(schema_text(R"({"fields":[{"type":{"items":"T","type":"array"},"name":"f"}],
                           "namespace":"ns","name":"T","type":"record"})"),
            "record ns.T{f:array<^ns.T>}");
}

TEST(SchemaParse, DuplicateKeysLastCounts) { EXPECT_EQ(schema_text(R"({"type":"int","type":"long"})"), "long"); }

TEST(SchemaParse, ByteOrderMarkAndWhiteSpace) {
  EXPECT_EQ(schema_text("\xef\xbb\xbf \t\r\n\"long\"\n "), "long");
  EXPECT_EQ(schema_text("\n{ \"type\" :\t\"array\" ,\r\n \"items\" : \"int\" }\n"), "array<int>");
}

TEST(SchemaParse, EscapesInKeysAndNames) {
  EXPECT_EQ(schema_text(R"({"\u0074ype":"fixed","na\u006de":"\u00e9\ud83d\ude00","size":1})"),
            "fixed \xc3\xa9\xf0\x9f\x98\x80(1)");
}

TEST(SchemaParse, PlainPrimitivesAndNamedTypesAreSharedNodes) {
  const Schema schema = parse_schema(R"({"type":"record","name":"R","fields":[
      {"name":"a","type":"int"}, {"name":"b","type":{"type":"int"}}, {"name":"c","type":{"type":"int","logicalType":"date"}},
      {"name":"d","type":{"type":"fixed","name":"F","size":2}}, {"name":"e","type":"F"}]})");
  const auto& fields = schema.node(schema.root()).fields;
  EXPECT_EQ(fields[0].type, fields[1].type);
  EXPECT_NE(fields[0].type, fields[2].type);
  EXPECT_EQ(fields[3].type, fields[4].type);
}

TEST(SchemaParse, FieldAliasesAndDoc) {
  const Schema schema = parse_schema(R"({"type":"record","name":"R","doc":"a record","fields":[
      {"name":"a","type":"int","aliases":["old","älter"],"doc":"x","order":"descending"}]})");
  EXPECT_THAT(schema.node(schema.root()).fields[0].aliases, ElementsAre("old", "älter"));
}

TEST(SchemaParse, EnumDefault) {
  const auto enum_default = [](std::string_view value) {
    const std::string json = R"({"type":"enum","name":"E","symbols":["A","B"],"default":)" + std::string(value) + "}";
    const Schema schema = parse_schema(json);
    return schema.node(schema.root()).enum_default;
  };
  EXPECT_EQ(enum_default(R"("B")"), "B");
  EXPECT_EQ(enum_default(R"("\u0042")"), "B");
  // Defaults that are not a symbol or not a string are ignored: nothing depends on them without a reader schema.
  EXPECT_EQ(enum_default(R"("C")"), std::nullopt);
  EXPECT_EQ(enum_default("1"), std::nullopt);
  EXPECT_EQ(enum_default("[\"A\"]"), std::nullopt);
  EXPECT_EQ(parse_schema(R"({"type":"enum","name":"E","symbols":["A"]})").node(0).enum_default, std::nullopt);
}

TEST(SchemaParse, EnumSymbolsMayHoldAnyText) {
  expect_texts({{R"({"type":"enum","name":"E","symbols":["a-b","","1","é","null"]})", "enum E(a-b,,1,é,null)"},
                {R"({"type":"enum","name":"E","symbols":[]})", "enum E()"}});
}

// Trap: field defaults may be anything, and must never break reading the schema.
TEST(SchemaParse, TrapFieldDefaultsMayBeAnyJson) {
  const auto default_json = [](const std::string& value) {
    const Schema schema =
        parse_schema(R"({"type":"record","name":"R","fields":[{"name":"f","type":"int","default":)" + value + "}]}");
    return schema.node(schema.root()).fields.at(0).default_json;
  };
  for (const std::string value :
       {"0", "-0", "null", "true", "\"text\"", "\"a b\\\" c\"", "[]", "{}", "1e400", "-1E+999", "NaN", "Infinity",
        "-Infinity", "123456789012345678901234567890", "18446744073709551616", "0.1000000000000000055511151231257827",
        "[1e400,123456789012345678901234567890,NaN]", "{\"a\":{\"b\":[null,{\"c\":\"\\u00ff  x\"}]}}",
        "\"\\u00FF\\u0000\""}) {
    SCOPED_TRACE(value);
    EXPECT_EQ(default_json(value), value);
  }
  EXPECT_EQ(default_json("{ \"a\" : [ 1 ,\n\t2 ] , \"b c\" : \" d \" }"), R"({"a":[1,2],"b c":" d "})");
  EXPECT_EQ(default_json(" \"x \\\\\" "), R"("x \\")");
  // Deeper than any schema may be.
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  EXPECT_EQ(default_json(deep), deep);
  EXPECT_EQ(parse_schema(one_field("\"int\"")).node(0).fields[0].default_json, std::nullopt);
}

TEST(SchemaParse, UnknownAttributesMayHoldAnyJson) {
  for (const std::string value :
       {"null", "1e400", "123456789012345678901234567890", "NaN", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "[]",
        "{\"type\":\"nonsense\",\"fields\":7}", "[[[{\"name\":\"R\"}]]]"}) {
    SCOPED_TRACE(value);
    const std::string json = "{\"doc\":" + value + ",\"type\":\"record\",\"x\":" + value +
                             ",\"name\":\"R\",\"order\":" + value + ",\"fields\":[{\"doc\":" + value +
                             ",\"name\":\"f\",\"order\":" + value + ",\"type\":{\"connect.name\":" + value +
                             ",\"type\":\"array\",\"items\":\"int\",\"zz\":" + value + "}}]}";
    EXPECT_EQ(schema_text(json), "record R{f:array<int>}");
  }
  EXPECT_EQ(schema_text(R"({"type":"int","x":{"\ud83d":"\udc00"}})"), "int");
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  EXPECT_EQ(schema_text(R"({"type":"int","connect.parameters":)" + deep + "}"), "int");
}

TEST(SchemaParse, AttributesOfOtherTypesAreIgnored) {
  expect_texts({{R"({"type":"int","size":-1,"symbols":5,"fields":"x","items":["null"],"name":7})", "int"},
                {R"({"type":"map","values":"int","items":{"type":"no such"},"name":"int"})", "map<int>"}});
}

TEST(SchemaParse, MalformedAliasesAreIgnored) {
  for (const std::string value : {"null", "\"x\"", "5", "{}", "[5,null,[],\"\"]"}) {
    SCOPED_TRACE(value);
    const Schema schema = parse_schema(R"({"type":"record","name":"R","aliases":)" + value +
                                       R"(,"fields":[{"name":"f","type":"int","aliases":)" + value + "}]}");
    EXPECT_THAT(schema.node(schema.root()).aliases, IsEmpty());
    EXPECT_THAT(schema.node(schema.root()).fields[0].aliases, IsEmpty());
  }
}

// Trap: `["T","null"]` puts null second; a union of one branch; of null only; null between several branches.
TEST(SchemaParse, TrapUnionShapes) {
  expect_texts({
      {R"(["string","null"])", "union[string,null]"},
      {R"(["int"])", "union[int]"},
      {R"(["null"])", "union[null]"},
      {R"(["int","null","string",{"type":"array","items":"int"}])", "union[int,null,string,array<int>]"},
      {R"([{"type":"fixed","name":"A","size":1},{"type":"fixed","name":"B","size":1},"bytes"])",
       "union[fixed A(1),fixed B(1),bytes]"},
      {R"([{"type":"record","name":"A","fields":[]},{"type":"error","name":"B","fields":[]}])",
       "union[record A{},record B{}]"},
      {R"([{"type":"array","items":["null","int"]},"null"])", "union[array<union[null,int]>,null]"},
  });
}

TEST(SchemaParse, BranchNames) {
  const Schema schema = parse_schema(R"(["null","int",{"type":"array","items":"int"},{"type":"map","values":"int"},
      {"type":"record","name":"a.R","fields":[]},{"type":"enum","name":"E","symbols":["x"]},
      {"type":"fixed","name":"b.F","size":1},{"type":"long","logicalType":"timestamp-millis"}])");
  std::vector<std::string> names;
  for (const NodeId id : schema.node(schema.root()).branches) names.emplace_back(branch_name(schema.node(id)));
  EXPECT_THAT(names, ElementsAre("null", "int", "array", "map", "a.R", "E", "b.F", "long"));
  EXPECT_EQ(branch_name(schema.node(schema.root())), "union");
}

}  // namespace
}  // namespace jetliner
