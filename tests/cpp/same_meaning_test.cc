// Types that are defined twice.
#include "schema/same_meaning.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "schema_json.h"
#include "schema_text.h"

namespace jetliner {
namespace {

std::string record_of(const std::string& name, const std::string& fields, const std::string& more = "") {
  return R"({"type":"record","name":")" + name + "\"," + more + R"("fields":[)" + fields + "]}";
}

std::string field_of(const std::string& name, const std::string& type, const std::string& more = "") {
  return R"({"name":")" + name + R"(","type":)" + type + more + "}";
}

// A record with two fields.
std::string two(const std::string& first, const std::string& second) {
  return record_of("R", field_of("a", first) + "," + field_of("b", second));
}

// "accepted", or "message @ place".
std::string outcome_of(const std::string& first, const std::string& second) {
  const auto error = schema_error(two(first, second));
  return error ? std::string(error->what()) + " @ " + error->place().context : "accepted";
}

TEST(SameMeaning, OtherDocumentationDefaultsAndAttributes) {
  const std::string plain = record_of("P", field_of("x", "\"int\"") + "," + field_of("y", R"(["null","P"])"));
  for (const std::string& again :
       {plain,
        record_of("P",
                  field_of("x", "\"int\"", R"(,"default":1,"doc":"d","order":"ignore")") + "," +
                      field_of("y", R"(["null",{"type":"P","a":1}])", R"(,"default":null,"aliases":["z"])"),
                  R"("doc":"other","connect.name":"c","aliases":["Q"],"logicalType":"none",)"),
        record_of("P", field_of("x", R"({"type":"int","logicalType":"unknown"})") + "," +
                           field_of("y", "[\"null\"," + plain + "]"))}) {
    EXPECT_EQ(outcome_of(plain, again), "accepted") << again;
    EXPECT_EQ(outcome_of(again, plain), "accepted") << again;
  }
  const std::string fixed = R"({"type":"fixed","name":"n.F","size":2)";
  EXPECT_EQ(outcome_of(fixed + "}", fixed + R"(,"doc":"d","logicalType":"uuid"})"), "accepted");
  const std::string enumeration = R"({"type":"enum","name":"E","symbols":["x","y"])";
  EXPECT_EQ(outcome_of(enumeration + "}", enumeration + R"(,"default":"y"})"), "accepted");
  EXPECT_EQ(outcome_of(R"({"type":"fixed","name":"n.F","size":2})",
                       R"({"type":"fixed","name":"F","namespace":"n","size":2})"),
            "accepted");
}

TEST(SameMeaning, DifferencesNameBothPlaces) {
  const std::string start = "the name \"P\" is defined twice, with different meanings: at \"R.a\" and at \"R.b\" (";
  const auto record = [](const std::string& type) { return record_of("P", field_of("x", type)); };
  const auto fixed = [](const std::string& more) { return R"({"type":"fixed","name":"P",)" + more + "}"; };
  const auto enumeration = [](const std::string& symbols) {
    return R"({"type":"enum","name":"P","symbols":[)" + symbols + "]}";
  };
  struct Case {
    std::string first;
    std::string second;
    std::string difference;
  };
  for (const Case& c : std::vector<Case>{
           {record("\"int\""), record("\"long\""), "field \"x\": int or long"},
           {record("\"int\""), record(R"({"type":"int","logicalType":"date"})"), "field \"x\": int or int (date)"},
           {record(R"({"type":"long","logicalType":"timestamp-micros"})"),
            record(R"({"type":"long","logicalType":"timestamp-micros","adjust-to-utc":false})"),
            "field \"x\": long (timestamp-micros) or long (local-timestamp-micros)"},
           {record(R"({"type":"bytes","logicalType":"decimal","precision":3})"),
            record(R"({"type":"bytes","logicalType":"decimal","precision":3,"scale":1})"),
            "field \"x\": bytes (decimal(3,0)) or bytes (decimal(3,1))"},
           {record(R"({"type":"array","items":{"type":"map","values":"int"}})"),
            record(R"({"type":"array","items":{"type":"map","values":"string"}})"), "field \"x\": int or string"},
           {record(R"(["null","int"])"), record(R"(["int","null"])"), "field \"x\": null or int"},
           {record(R"(["null","int"])"), record(R"(["null","int","long"])"), "field \"x\": a union of 2 or 3 branches"},
           {record("\"int\""), record_of("P", field_of("y", "\"int\"")), "record \"P\" has a field \"x\" or \"y\""},
           {record("\"int\""), record_of("P", ""), "record \"P\" has 1 or 0 fields"},
           {record("\"int\""), fixed(R"("size":1)"), "record \"P\" or fixed \"P\" of 1 bytes"},
           {fixed(R"("size":2)"), fixed(R"("size":1)"), "fixed \"P\" of 2 bytes or fixed \"P\" of 1 bytes"},
           {enumeration("\"u\",\"v\""), enumeration("\"v\",\"u\""),
            "enum \"P\" has other symbols, or in another order"},
           {enumeration("\"u\""), enumeration("\"u\",\"v\""), "enum \"P\" has other symbols, or in another order"}}) {
    EXPECT_EQ(outcome_of(c.first, c.second), start + c.difference + ") @ R.b");
  }
}

TEST(SameMeaning, PlacesOfDefinitions) {
  const std::string one = R"({"type":"fixed","name":"n.F","size":1})";
  const std::string other = R"({"type":"fixed","name":"n.F","size":2})";
  const auto places = [](const std::string& json) {
    const std::string message = schema_error(json)->what();
    const size_t start = message.find("at \"");
    return message.substr(start, message.find(" (") - start);
  };
  EXPECT_EQ(places(two(R"({"type":"array","items":)" + one + "}", R"(["null",{"type":"map","values":)" + other + "}]")),
            "at \"R.a[]\" and at \"R.b{}\"");
  EXPECT_EQ(places("[" + one + R"(,{"type":"array","items":)" + other + "}]"), "at \"F\" and at \"[]\"");
  EXPECT_EQ(places(record_of("", field_of("a", one) + "," + field_of("b", "\"n.F\"") + "," + field_of("c", other))),
            "at \"a\" and at \"c\"");
  // Within its own definition.
  EXPECT_EQ(places(one_field(R"({"type":"fixed","name":"R","size":1})")), "at \"R\" and at \"R.f\"");
  // A third definition.
  EXPECT_EQ(places(two(one, record_of("S", field_of("x", one) + "," + field_of("y", other)))),
            "at \"R.b.x\" and at \"R.b.y\"");
}

// A name means its latest definition, so each definition of a recursive type contains itself.
TEST(SameMeaning, RecordsWithinThemselves) {
  const std::string list = record_of("L", field_of("n", R"(["null","L"])"));
  EXPECT_EQ(schema_text(two(list, list)), "record R{a:record L{n:union[null,^L]},b:record L{n:union[null,^L]}}");
  // The same type, unfolded once: what differs is only where it begins to repeat itself.
  const std::string unfolded = record_of("L", field_of("n", "[\"null\"," + list + "]"));
  EXPECT_EQ(schema_text(unfolded), "record L{n:union[null,record L{n:union[null,^L]}]}");
  EXPECT_EQ(outcome_of(list, unfolded), "accepted");
  EXPECT_EQ(outcome_of(unfolded, list), "accepted");
  const std::string other = record_of("L", field_of("n", R"(["null",{"type":"array","items":"L"}])"));
  EXPECT_EQ(
      outcome_of(list, other),
      "the name \"L\" is defined twice, with different meanings: at \"R.a\" and at \"R.b\" (field \"n\": record \"L\" "
      "or array) @ R.b");
}

// Each level is used twice by the next. A comparison that walks all of it takes 2^100 steps.
TEST(SameMeaning, TimeIsBoundedForTypesThatRepeat) {
  const auto doubled = [](int levels, const std::string& deepest) {
    std::string type = deepest;
    std::string below = deepest;
    for (int i = 0; i < levels; ++i) {
      const std::string name = "T" + std::to_string(i);
      type = record_of(name, field_of("x", type) + "," + field_of("y", below));
      below = "\"" + name + "\"";
    }
    return type;
  };
  EXPECT_EQ(outcome_of(doubled(10, "\"int\""), doubled(10, "\"int\"")), "accepted");
  EXPECT_NE(outcome_of(doubled(10, "\"int\""), doubled(10, "\"long\"")), "accepted");
  EXPECT_NE(outcome_of(doubled(100, "\"int\""), doubled(100, "\"int\"")).find("more than 262144 types"),
            std::string::npos);
  EXPECT_NE(outcome_of(doubled(100, "\"int\""), doubled(100, "\"long\"")).find("different meanings"),
            std::string::npos);
  // Many definitions of one name.
  std::string fields;
  for (int i = 0; i < 500; ++i) {
    fields += (i > 0 ? "," : "") + field_of("f" + std::to_string(i), doubled(2, "\"int\""));
  }
  EXPECT_FALSE(schema_error(record_of("R", fields)));
}

TEST(SameMeaning, AsDeepAsSchemasMayBe) {
  const auto deep = [](const std::string& deepest) {
    std::string type = deepest;
    for (int i = 0; i < 120; ++i) type = record_of("D" + std::to_string(i), field_of("x", type));
    return type;
  };
  EXPECT_EQ(outcome_of(deep("\"int\""), deep("\"int\"")), "accepted");
  EXPECT_NE(outcome_of(deep("\"int\""), deep("\"long\"")), "accepted");
}

}  // namespace
}  // namespace jetliner
