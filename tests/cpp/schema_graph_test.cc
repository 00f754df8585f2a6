#include "schema/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "schema/schema.h"
#include "schema_json.h"
#include "schema_text.h"

namespace jetliner {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// Full names of the records that are marked as recursive.
std::vector<std::string> recursive_records(std::string_view json) {
  const Schema schema = parse_schema(json);
  std::vector<std::string> names;
  for (NodeId id = 0; id < schema.size(); ++id) {
    if (schema.node(id).recursive) names.push_back(schema.node(id).name);
  }
  return names;
}

TEST(SchemaGraph, DirectRecursion) {
  EXPECT_THAT(recursive_records(one_field(R"(["null","R"])")), UnorderedElementsAre("R"));
  EXPECT_THAT(recursive_records(one_field(R"({"type":"array","items":"R"})")), UnorderedElementsAre("R"));
  EXPECT_THAT(recursive_records(one_field(R"({"type":"map","values":["null",{"type":"array","items":"R"}]})")),
              UnorderedElementsAre("R"));
  // A record that always contains itself has no finite value, but the schema is valid.
  EXPECT_THAT(recursive_records(one_field("\"R\"")), UnorderedElementsAre("R"));
  EXPECT_THAT(recursive_records(one_field("\"int\"")), UnorderedElementsAre());
}

TEST(SchemaGraph, OnlyRecordsOnACycleAreRecursive) {
  EXPECT_THAT(recursive_records(R"({"type":"record","name":"Top","fields":[
      {"name":"tree","type":{"type":"record","name":"Tree","fields":[
          {"name":"payload","type":{"type":"record","name":"Payload","fields":[{"name":"x","type":"int"}]}},
          {"name":"left","type":["null","Tree"]}, {"name":"right","type":["null","Tree"]}]}},
      {"name":"again","type":"Payload"}]})"),
              UnorderedElementsAre("Tree"));
}

TEST(SchemaGraph, MutualRecursion) {
  EXPECT_THAT(recursive_records(R"({"type":"record","name":"A","fields":[
      {"name":"b","type":{"type":"record","name":"B","fields":[
          {"name":"c","type":{"type":"record","name":"C","fields":[{"name":"a","type":["null","A"]}]}},
          {"name":"d","type":{"type":"record","name":"D","fields":[]}}]}}]})"),
              UnorderedElementsAre("A", "B", "C"));
}

TEST(SchemaGraph, TwoCyclesThatShareARecord) {
  EXPECT_THAT(recursive_records(R"({"type":"record","name":"A","fields":[
      {"name":"b","type":{"type":"record","name":"B","fields":[{"name":"a","type":["null","A"]}]}},
      {"name":"c","type":{"type":"record","name":"C","fields":[{"name":"b","type":"B"}]}},
      {"name":"e","type":{"type":"record","name":"E","fields":[{"name":"e","type":["null","E"]}]}}]})"),
              UnorderedElementsAre("A", "B", "C", "E"));
}

std::string nested_arrays(int depth) {
  std::string json;
  for (int i = 1; i < depth; ++i) json += R"({"type":"array","items":)";
  return json + "\"int\"" + std::string(static_cast<size_t>(depth - 1), '}');
}

// Trap: deep nesting: a limit and an error, no stack overflow.
TEST(SchemaGraph, TrapDepthLimit) {
  EXPECT_FALSE(schema_error(nested_arrays(kMaxSchemaDepth)));
  for (const int depth : {kMaxSchemaDepth + 1, 200, 1000, 200'000}) {
    SCOPED_TRACE(depth);
    const auto error = schema_error(nested_arrays(depth));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->variant(), ErrorVariant::kInvalidSchema);
    EXPECT_THAT(error->what(), HasSubstr("levels deep"));
  }
}

TEST(SchemaGraph, TrapDepthLimitInRecordsUnionsAndWrappers) {
  std::string records = "\"int\"";
  std::string nullables = "\"int\"";
  std::string wrapped = "\"int\"";
  for (int i = 0; i < 300; ++i) {
    records =
        R"({"type":"record","name":"R)" + std::to_string(i) + R"(","fields":[{"name":"f","type":)" + records + "}]}";
    nullables = R"(["null",{"type":"map","values":)" + nullables + "}]";
    wrapped = R"({"type":)" + wrapped + "}";
  }
  for (const std::string& json : {records, nullables, wrapped, std::string(100'000, '[') + std::string(100'000, ']')}) {
    const auto error = schema_error(json);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::kSchema);
    EXPECT_EQ(error->variant(), ErrorVariant::kInvalidSchema);
    EXPECT_THAT(error->what(), HasSubstr("levels deep"));
  }
}

// Types that nest by reference, not in the text: R0 { }, R1 { f: R0 }, R2 { f: R1 } ...
std::string chain_of_references(int n, bool twice) {
  std::string fields;
  for (int i = 0; i < n; ++i) {
    const std::string index = std::to_string(i);
    const std::string type = i == 0 ? "int" : "R" + std::to_string(i - 1);
    if (i > 0) fields += ",";
    fields += R"({"name":"f)" + index + R"(","type":{"type":"record","name":"R)" + index +
              R"(","fields":[{"name":"a","type":")" + type + "\"}";
    if (twice) fields += R"(,{"name":"b","type":")" + type + "\"}";
    fields += "]}}";
  }
  return R"({"type":"record","name":"Top","fields":[)" + fields + "]}";
}

TEST(SchemaGraph, TrapDepthLimitFollowsReferences) {
  EXPECT_FALSE(schema_error(chain_of_references(kMaxSchemaDepth - 2, false)));
  for (const int n : {kMaxSchemaDepth, 20'000}) {
    const auto error = schema_error(chain_of_references(n, false));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->variant(), ErrorVariant::kInvalidSchema);
    EXPECT_THAT(error->what(), HasSubstr("levels deep"));
    EXPECT_THAT(error->place().context, HasSubstr("Top.f"));
  }
}

TEST(SchemaGraph, ReferencesThatDoubleAreRefusedSoon) {
  EXPECT_FALSE(schema_error(chain_of_references(10, true)));
  const auto begin = std::chrono::steady_clock::now();
  const auto error = schema_error(chain_of_references(60, true));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->variant(), ErrorVariant::kInvalidSchema);
  EXPECT_THAT(error->what(), HasSubstr("each reference to a named type stands for its definition"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

// Records that all refer to each other: expanding follows every path without repetition, n! of them.
TEST(SchemaGraph, DenseRecursionIsRefusedSoon) {
  constexpr int kRecords = 14;
  std::string json;
  for (int i = kRecords; i-- > 0;) {
    std::string fields;
    for (int j = 0; j <= i; ++j) {
      fields += R"({"name":"f)" + std::to_string(j) + R"(","type":["null","R)" + std::to_string(j) + "\"]},";
    }
    const std::string inner = json.empty() ? "\"int\"" : json;
    json = R"({"type":"record","name":"R)" + std::to_string(i) + R"(","fields":[)" + fields +
           R"({"name":"next","type":)" + inner + "}";
    // References to the records inside, which are defined by now.
    for (int j = i + 1; j < kRecords; ++j) {
      json += R"(,{"name":"g)" + std::to_string(j) + R"(","type":["null","R)" + std::to_string(j) + "\"]}";
    }
    json += "]}";
  }
  const auto error = schema_error(json);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->variant(), ErrorVariant::kInvalidSchema);
  EXPECT_THAT(error->what(), HasSubstr("each reference to a named type stands for its definition"));
}

TEST(SchemaGraph, WideSchemasAreFine) {
  std::string fields;
  for (int i = 0; i < 20'000; ++i) {
    if (i > 0) fields += ",";
    fields += R"({"name":"column_)" + std::to_string(i) + R"(","type":["null","string"],"default":null})";
  }
  const Schema schema = parse_schema(R"({"type":"record","name":"Wide","fields":[)" + fields + "]}");
  EXPECT_EQ(schema.node(schema.root()).fields.size(), 20'000U);
}

}  // namespace
}  // namespace jetliner
