// Schemas by which files are written: names that are not valid, and defaults that do not fit.
#include "resolution/schema_faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "schema_json.h"

namespace jetliner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> names_of(const std::string& json) { return bad_names(parse_schema(json)); }
std::vector<std::string> defaults_of(const std::string& json) { return bad_defaults(parse_schema(json)); }

std::string with_default(std::string_view name, std::string_view type, std::string_view value) {
  return R"({"name":")" + std::string(name) + R"(","type":)" + std::string(type) + R"(,"default":)" +
         std::string(value) + "}";
}

TEST(SchemaFaults, ValidNames) {
  EXPECT_THAT(names_of("\"long\""), IsEmpty());
  EXPECT_THAT(names_of(record_json(field_json("_a1", enum_json(R"("A","_b")")), "com.example.R")), IsEmpty());
  // Polars' own writer.
  EXPECT_THAT(names_of(record_json(field_json("a", "\"int\""), "")), IsEmpty());
  // Aliases name what is in other schemas.
  EXPECT_THAT(names_of(record_json(R"({"name":"a","type":"int","aliases":["x y"]})")), IsEmpty());
}

TEST(SchemaFaults, EveryInvalidNameIsListedWithItsPlace) {
  const auto lines = [](const std::vector<std::string>& names) {
    std::vector<std::string> all;
    for (const std::string& name : names) all.push_back("the name of " + name + " is not valid in Avro");
    return all;
  };
  EXPECT_EQ(names_of(record_json(field_json("a b", "\"int\""))), lines({R"(field "R.a b")"}));
  EXPECT_EQ(names_of(record_json(field_json("a", "\"int\""), "my-row")), lines({R"(record "my-row")"}));
  EXPECT_EQ(names_of(record_json(field_json("a", "\"int\""), "9x.R")), lines({R"(record "9x.R" at "R")"}));
  EXPECT_EQ(names_of(record_json(field_json("a", "\"int\""), "x..R")), lines({R"(record "x..R" at "R")"}));
  const std::string kinds = enum_json(R"("A","x y","")");
  const std::string inner = record_json(field_json("é", nullable(kinds)), "I");
  EXPECT_EQ(
      names_of(record_json(field_json("l", array_of(inner)) + "," + field_json("", map_of("\"E\"")))),
      lines({R"(field "R.")", R"(field "R.l[].é")", R"(symbol "x y" at "R.l[].é")", R"(symbol "" at "R.l[].é")"}));
  EXPECT_EQ(names_of(R"({"type":"fixed","name":"f-1","size":2})"), lines({R"(fixed "f-1")"}));
}

TEST(SchemaFaults, OnlyTheFirstOnesAreListed) {
  std::string fields;
  for (int i = 0; i < 150; ++i) {
    fields += (i > 0 ? "," : "") + with_default("a-" + std::to_string(i), "\"int\"", "null");
  }
  EXPECT_EQ(names_of(record_json(fields)).size(), kMostFaults);
  EXPECT_EQ(defaults_of(record_json(fields)).size(), kMostFaults);
}

TEST(SchemaFaults, ARecursiveSchemaEnds) {
  EXPECT_EQ(names_of(record_json(field_json("a-b", nullable("\"R\"")))).size(), 1U);
}

TEST(SchemaFaults, DefaultsThatFit) {
  EXPECT_THAT(defaults_of("\"long\""), IsEmpty());
  EXPECT_THAT(defaults_of(record_json(with_default("a", nullable("\"int\""), "null") + "," +
                                      with_default("b", nullable("\"int\""), "1") + "," +
                                      with_default("c", enum_json(R"("A","B")", R"(,"default":"A")"), "\"B\""))),
              IsEmpty());
}

TEST(SchemaFaults, EveryDefaultThatDoesNotFitIsListed) {
  const std::string inner = record_json(with_default("n", "\"int\"", "null"), "I");
  EXPECT_THAT(defaults_of(record_json(with_default("a", "\"int\"", "\"x\"") + "," + field_json("l", array_of(inner)) +
                                      "," + field_json("e", enum_json(R"("A","B")", R"(,"default":"C")")))),
              ElementsAre(R"(the default of field "R.a" does not fit: "x" is no value of type int)",
                          R"(the default of field "R.l[].n" does not fit: null is no value of type int)",
                          R"(the default of the enum at "R.e" is none of its symbols)"));
}

}  // namespace
}  // namespace jetliner
