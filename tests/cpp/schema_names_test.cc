#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/names.h"
#include "schema/schema.h"
#include "schema_text.h"

namespace jetliner {
namespace {

using ::testing::ElementsAre;

TEST(SchemaNames, FullName) {
  struct Case {
    const char* name;
    const char* space;
    const char* text;
  };
  for (const Case& c : {Case{"X", "", "X"}, Case{"X", "a.b", "a.b.X"}, Case{"c.X", "a.b", "c.X"},
                        Case{".X", "a.b", "X"}, Case{"a.b.X", "", "a.b.X"}}) {
    EXPECT_EQ(full_name(c.name, c.space).text(), c.text);
  }
}

// The full name of a root type that is declared with these attributes.
std::string declared(const std::string& attributes) {
  const Schema schema = parse_schema(R"({"type":"fixed","size":1,)" + attributes + "}");
  return schema.node(schema.root()).name;
}

TEST(SchemaNames, DeclaredNames) {
  EXPECT_EQ(declared(R"("name":"X")"), "X");
  EXPECT_EQ(declared(R"("name":"X","namespace":"a.b")"), "a.b.X");
  EXPECT_EQ(declared(R"("name":"X","namespace":"")"), "X");
  EXPECT_EQ(declared(R"("name":"X","namespace":null)"), "X");
  EXPECT_EQ(declared(R"("name":"c.X","namespace":"a.b")"), "c.X");
  EXPECT_EQ(declared(R"("name":".X","namespace":"a.b")"), "X");
}

TEST(SchemaNames, NamespaceIsInheritedFromTheEnclosingNamedType) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"R","namespace":"a","fields":[
      {"name":"x","type":{"type":"array","namespace":"ignored","items":{"type":"enum","name":"E","symbols":["s"]}}},
      {"name":"y","type":{"type":"record","name":"b.c.S","fields":[
          {"name":"z","type":{"type":"fixed","name":"F","size":1}},
          {"name":"e","type":"a.E"}, {"name":"r","type":["null","a.R"]}]}},
      {"name":"w","type":"b.c.F"}, {"name":"v","type":"E"}]})"),
            "record a.R{x:array<enum a.E(s)>,y:record b.c.S{z:fixed b.c.F(1),e:enum a.E(s),r:union[null,^a.R]},"
            "w:fixed b.c.F(1),v:enum a.E(s)}");
}

TEST(SchemaNames, NamespaceComesFromTheDottedNameOfTheEnclosingType) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"x.y.R","namespace":"a","fields":[
      {"name":"f","type":{"type":"fixed","name":"F","size":1}}]})"),
            "record x.y.R{f:fixed x.y.F(1)}");
}

TEST(SchemaNames, EmptyNamespaceLeavesTheEnclosingOne) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"R","namespace":"a","fields":[
      {"name":"f","type":{"type":"record","name":"S","namespace":"","fields":[
          {"name":"g","type":{"type":"fixed","name":"F","size":1}}]}},
      {"name":"h","type":{"type":"fixed","name":"F","size":2}}]})"),
            "record a.R{f:record S{g:fixed F(1)},h:fixed a.F(2)}");
}

TEST(SchemaNames, ReferenceInTheOwnNamespaceWinsOverTheNullNamespace) {
  const std::string fields = R"([
      {"name":"o","type":{"type":"fixed","name":".F","size":1}},
      {"name":"n","type":{"type":"fixed","name":"F","size":2}},
      {"name":"r","type":"F"}, {"name":"q","type":".F"}, {"name":"p","type":{"type":"F"}}])";
  EXPECT_EQ(schema_text(R"({"type":"record","name":"R","namespace":"a","fields":)" + fields + "}"),
            "record a.R{o:fixed F(1),n:fixed a.F(2),r:fixed a.F(2),q:fixed F(1),p:fixed a.F(2)}");
}

TEST(SchemaNames, ReferenceFallsBackToTheNullNamespace) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"R","namespace":"a","fields":[
      {"name":"o","type":{"type":"fixed","name":"F","namespace":"","size":1}}, {"name":"r","type":"F"}]})"),
            "record a.R{o:fixed F(1),r:fixed F(1)}");
}

TEST(SchemaNames, AliasesOfTypesAreResolvedAgainstTheNamesOwnNamespace) {
  const Schema schema =
      parse_schema(R"({"type":"record","name":"a.b","namespace":"z","aliases":["c","x.y",".w"],"fields":[]})");
  EXPECT_THAT(schema.node(schema.root()).aliases, ElementsAre("a.c", "x.y", "w"));
}

TEST(SchemaNames, AliasIsNoDefinition) {
  EXPECT_TRUE(schema_error(R"([{"type":"fixed","name":"A","aliases":["B"],"size":1},{"type":"array","items":"B"}])"));
  EXPECT_EQ(
      schema_text(R"([{"type":"fixed","name":"A","aliases":["B"],"size":1},{"type":"fixed","name":"B","size":2}])"),
      "union[fixed A(1),fixed B(2)]");
}

// Trap: a named type used twice is not recursion.
TEST(SchemaNames, TrapNamedTypeUsedTwiceIsNotRecursion) {
  const Schema schema = parse_schema(R"({"type":"record","name":"R","fields":[
      {"name":"a","type":{"type":"record","name":"P","fields":[{"name":"x","type":"int"}]}},
      {"name":"b","type":"P"}, {"name":"c","type":{"type":"array","items":"P"}}]})");
  const SchemaNode& root = schema.node(schema.root());
  EXPECT_FALSE(root.recursive);
  EXPECT_FALSE(schema.node(root.fields[0].type).recursive);
  EXPECT_EQ(root.fields[0].type, root.fields[1].type);
}

// Trap: a field may be called like its type, or like a primitive.
TEST(SchemaNames, TrapFieldCalledLikeItsType) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"R","fields":[
      {"name":"P","type":{"type":"fixed","name":"P","size":1}}, {"name":"R","type":["null","R"]},
      {"name":"string","type":"string"}, {"name":"record","type":"int"}, {"name":"type","type":"long"}]})"),
            "record R{P:fixed P(1),R:union[null,^R],string:string,record:int,type:long}");
}

TEST(SchemaNames, AnyCharactersAreAccepted) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"my-record 1","namespace":"org.e-x","fields":[
      {"name":"1st col","type":{"type":"enum","name":"größe/é","symbols":["a"]}},
      {"name":"a.b","type":"int"}, {"name":"","type":{"type":"fixed","name":"$F","size":1}}]})"),
            "record org.e-x.my-record 1{1st col:enum org.e-x.größe/é(a),a.b:int,:fixed org.e-x.$F(1)}");
}

// As Polars' own writer names its record.
TEST(SchemaNames, EmptyNamesAreTypesOfTheirOwn) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"","namespace":"a","fields":[
      {"name":"x","type":{"type":"record","name":"","fields":[{"name":"y","type":"int"}]}},
      {"name":"e","type":{"type":"enum","name":"","symbols":["s"]}},
      {"name":"n","type":{"type":"fixed","name":"F","size":1}},
      {"name":"f","type":["null",{"type":"fixed","name":"b.","size":2}]}, {"name":"r","type":"F"}]})"),
            "record {x:record {y:int},e:enum (s),n:fixed a.F(1),f:union[null,fixed (2)],r:fixed a.F(1)}");
}

TEST(SchemaNames, TypesCalledLikeComplexTypes) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"record","fields":[
      {"name":"f","type":["null","record"]}, {"name":"g","type":{"type":"fixed","name":"map","size":1}},
      {"name":"h","type":"map"}]})"),
            "record record{f:union[null,^record],g:fixed map(1),h:fixed map(1)}");
}

}  // namespace
}  // namespace jetliner
