// The least bytes of a value's encoding, by its schema: what bounds the rows that a block can hold.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "avro_writer.h"
#include "plan/plan.h"
#include "schema/schema.h"

namespace jetliner {
namespace {

uint64_t least(const std::string& schema_json) {
  const Schema schema = parse_schema(schema_json);
  const std::vector<uint64_t> bytes = min_encoded_bytes(schema);
  EXPECT_EQ(bytes.size(), schema.size());
  return bytes.at(schema.root());
}

std::string fixed(const std::string& size, const std::string& name = "F") {
  return R"({"type":"fixed","name":")" + name + R"(","size":)" + size + "}";
}

TEST(MinBytes, Primitives) {
  EXPECT_EQ(least("\"null\""), 0U);
  EXPECT_EQ(least("\"boolean\""), 1U);
  EXPECT_EQ(least("\"int\""), 1U);
  EXPECT_EQ(least("\"long\""), 1U);
  EXPECT_EQ(least("\"float\""), 4U);
  EXPECT_EQ(least("\"double\""), 8U);
  EXPECT_EQ(least("\"bytes\""), 1U);   // its length
  EXPECT_EQ(least("\"string\""), 1U);  // its length
}

TEST(MinBytes, NamedTypes) {
  EXPECT_EQ(least(fixed("16")), 16U);
  EXPECT_EQ(least(R"({"type":"enum","name":"E","symbols":["A"]})"), 1U);
}

TEST(MinBytes, LogicalTypesTakeWhatTheirTypesTake) {
  EXPECT_EQ(least(R"({"type":"fixed","name":"F","size":12,"logicalType":"duration"})"), 12U);
  EXPECT_EQ(least(R"({"type":"bytes","logicalType":"decimal","precision":9})"), 1U);
  EXPECT_EQ(least(R"({"type":"long","logicalType":"timestamp-micros"})"), 1U);
}

TEST(MinBytes, ArraysAndMapsMayBeEmpty) {
  EXPECT_EQ(least(R"({"type":"array","items":"double"})"), 1U);
  EXPECT_EQ(least(R"({"type":"map","values":"double"})"), 1U);
}

TEST(MinBytes, RecordsAreTheSumOfTheirFields) {
  EXPECT_EQ(least(record_json("")), 0U);
  EXPECT_EQ(least(record_json(field_json("a", "\"null\""))), 0U);
  EXPECT_EQ(least(record_json(field_json("a", "\"double\"") + "," + field_json("b", "\"int\""))), 9U);
  const std::string inner = record_json(field_json("a", "\"float\"") + "," + field_json("b", "\"long\""), "Inner");
  // The second use of the type counts as much as the first.
  EXPECT_EQ(least(record_json(field_json("x", inner) + "," + field_json("y", "\"Inner\""))), 10U);
}

TEST(MinBytes, UnionsAreTheirSmallestBranchAndItsIndex) {
  EXPECT_EQ(least(R"(["null","double"])"), 1U);
  EXPECT_EQ(least(R"(["double","null"])"), 1U);
  EXPECT_EQ(least(R"(["double","float"])"), 5U);
  EXPECT_EQ(least(R"(["long"])"), 2U);
}

TEST(MinBytes, RecursiveRecordsCountNothingWhereTheyRecur) {
  const std::string list =
      record_json(field_json("n", "\"double\"") + "," + field_json("next", R"(["null","List"])"), "List");
  EXPECT_EQ(least(list), 9U);
  // No value is finite, but the walk is.
  EXPECT_EQ(least(record_json(field_json("n", "\"int\"") + "," + field_json("self", "\"Self\""), "Self")), 1U);
}

TEST(MinBytes, EveryNodeHasItsOwn) {
  const Schema schema = parse_schema(record_json(field_json("a", R"({"type":"array","items":"double"})")));
  const std::vector<uint64_t> bytes = min_encoded_bytes(schema);
  const NodeId array = schema.node(schema.root()).fields[0].type;
  EXPECT_EQ(bytes[schema.root()], 1U);
  EXPECT_EQ(bytes[array], 1U);
  EXPECT_EQ(bytes[schema.node(array).items], 8U);
}

// Three records within each other, each with 53 fields of the one before: the sum is larger than 2^48.
TEST(MinBytes, SumsStopBelowTheLargestNumber) {
  std::string type = fixed("2000000000", "R0");
  for (int depth = 1; depth <= 3; ++depth) {
    std::string fields = field_json("f", type);
    const std::string again = "\"R" + std::to_string(depth - 1) + "\"";
    for (int i = 1; i < 53; ++i) fields += "," + field_json("f" + std::to_string(i), again);
    type = record_json(fields, "R" + std::to_string(depth));
  }
  EXPECT_EQ(least(type), uint64_t{1} << 48);
}

}  // namespace
}  // namespace jetliner
