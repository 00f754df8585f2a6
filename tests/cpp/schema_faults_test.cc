// Schemas by which files are written: names that are not valid, and defaults that do not fit.
#include "resolution/schema_faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "jetliner/error.h"
#include "schema_json.h"

namespace jetliner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The names in the message, and the context; "" where all names are valid.
std::string names_of(const std::string& json) {
  try {
    check_names(parse_schema(json));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kSchema);
    EXPECT_EQ(error.variant(), ErrorVariant::kInvalidName);
    const std::string text = error.what();
    const std::string start = "the schema has names that are not valid in Avro: ";
    const size_t end = text.find(". Valid names match [A-Za-z_]");
    EXPECT_TRUE(text.starts_with(start)) << text;
    return text.substr(start.size(), end - start.size()) + " @ " + error.place().context;
  }
  return "";
}

std::vector<std::string> defaults_of(const std::string& json) { return bad_defaults(parse_schema(json)); }

std::string with_default(std::string_view name, std::string_view type, std::string_view value) {
  return R"({"name":")" + std::string(name) + R"(","type":)" + std::string(type) + R"(,"default":)" +
         std::string(value) + "}";
}

TEST(SchemaFaults, ValidNames) {
  EXPECT_EQ(names_of("\"long\""), "");
  EXPECT_EQ(names_of(record_json(field_json("_a1", enum_json(R"("A","_b")")), "com.example.R")), "");
  // Polars' own writer.
  EXPECT_EQ(names_of(record_json(field_json("a", "\"int\""), "")), "");
  // Aliases name what is in other schemas.
  EXPECT_EQ(names_of(record_json(R"({"name":"a","type":"int","aliases":["x y"]})")), "");
}

TEST(SchemaFaults, EveryInvalidNameIsListedWithItsPlace) {
  EXPECT_EQ(names_of(record_json(field_json("a b", "\"int\""))), R"(field "R.a b" @ R.a b)");
  EXPECT_EQ(names_of(record_json(field_json("a", "\"int\""), "my-row")), R"(record "my-row" @ my-row)");
  EXPECT_EQ(names_of(record_json(field_json("a", "\"int\""), "9x.R")), R"(record "9x.R" at "R" @ R)");
  EXPECT_EQ(names_of(record_json(field_json("a", "\"int\""), "x..R")), R"(record "x..R" at "R" @ R)");
  const std::string kinds = enum_json(R"("A","x y","")");
  const std::string inner = record_json(field_json("é", nullable(kinds)), "I");
  EXPECT_EQ(names_of(record_json(field_json("l", array_of(inner)) + "," + field_json("", map_of("\"E\"")))),
            R"(field "R.", field "R.l[].é", symbol "x y" at "R.l[].é", symbol "" at "R.l[].é" @ R.)");
  EXPECT_EQ(names_of(R"({"type":"fixed","name":"f-1","size":2})"), R"(fixed "f-1" @ f-1)");
}

TEST(SchemaFaults, ARecursiveSchemaEnds) {
  EXPECT_EQ(names_of(record_json(field_json("a-b", nullable("\"R\"")))), R"(field "R.a-b" @ R.a-b)");
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
