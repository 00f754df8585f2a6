#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "schema/schema.h"
#include "schema_json.h"
#include "schema_text.h"

namespace jetliner {
namespace {

struct Case {
  std::string json;
  std::string text;
};

void expect_texts(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.json);
    EXPECT_EQ(schema_text(c.json), c.text);
    EXPECT_EQ(schema_text(one_field(c.json)), "record R{f:" + c.text + "}");
  }
}

const std::vector<std::string> kPrimitives = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"};

TEST(SchemaLogical, EveryLogicalTypeFitsItsBaseOnly) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> kFits = {
      {"date", {"int"}},
      {"time-millis", {"int"}},
      {"time-micros", {"long"}},
      {"timestamp-millis", {"long"}},
      {"timestamp-micros", {"long"}},
      {"timestamp-nanos", {"long"}},
      {"local-timestamp-millis", {"long"}},
      {"local-timestamp-micros", {"long"}},
      {"local-timestamp-nanos", {"long"}},
      {"uuid", {"string"}},
      {"big-decimal", {"bytes"}},
      {"duration", {}},
      {"no-such-type", {}},
      {"Date", {}},
      {"", {}},
  };
  for (const auto& [logical, bases] : kFits) {
    for (const std::string& base : kPrimitives) {
      const bool fits = std::find(bases.begin(), bases.end(), base) != bases.end();
      std::vector<Case> cases = {
          {R"({"type":")" + base + R"(","logicalType":")" + logical + "\"}", fits ? base + "/" + logical : base}};
      expect_texts(cases);
    }
  }
}

TEST(SchemaLogical, Fixed) {
  expect_texts({
      {R"({"type":"fixed","name":"F","size":12,"logicalType":"duration"})", "fixed F(12)/duration"},
      {R"({"type":"fixed","name":"F","size":11,"logicalType":"duration"})", "fixed F(11)"},
      {R"({"type":"fixed","name":"F","size":16,"logicalType":"duration"})", "fixed F(16)"},
      {R"({"type":"fixed","name":"F","size":16,"logicalType":"uuid"})", "fixed F(16)/uuid"},
      {R"({"type":"fixed","name":"F","size":12,"logicalType":"uuid"})", "fixed F(12)"},
      {R"({"type":"fixed","name":"F","size":16,"logicalType":"big-decimal"})", "fixed F(16)"},
      {R"({"logicalType":"uuid","size":16,"name":"F","type":"fixed"})", "fixed F(16)/uuid"},
  });
}

std::string decimal_on_bytes(const std::string& attributes) {
  return R"({"type":"bytes","logicalType":"decimal")" + attributes + "}";
}

// Trap: unknown or malformed logical types fall back to the underlying type.
TEST(SchemaLogical, TrapMalformedDecimalsFallBackToBytes) {
  expect_texts({
      {decimal_on_bytes(R"(,"precision":10,"scale":2)"), "bytes/decimal(10,2)"},
      {decimal_on_bytes(R"(,"precision":10)"), "bytes/decimal(10,0)"},
      {decimal_on_bytes(R"(,"precision":10,"scale":10)"), "bytes/decimal(10,10)"},
      {decimal_on_bytes(R"(,"precision":1,"scale":0)"), "bytes/decimal(1,0)"},
      {decimal_on_bytes(R"(,"precision":77,"scale":38)"), "bytes/decimal(77,38)"},
      {decimal_on_bytes(R"(,"precision":2147483647)"), "bytes/decimal(2147483647,0)"},
      {decimal_on_bytes(""), "bytes"},
      {decimal_on_bytes(R"(,"scale":2)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":0)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":-1)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":10,"scale":11)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":10,"scale":-1)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":10.0,"scale":2)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":10,"scale":2.5)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":1e1)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":NaN)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":null)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":10,"scale":null)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":[10])"), "bytes"},
      {decimal_on_bytes(R"(,"precision":2147483648)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":123456789012345678901234567890)"), "bytes"},
      {decimal_on_bytes(R"(,"precision":1e400)"), "bytes"},
      {R"({"type":"string","logicalType":"decimal","precision":10})", "string"},
      {R"({"type":"double","logicalType":"decimal","precision":10})", "double"},
  });
}

// Hive writes precision and scale in quotes.
TEST(SchemaLogical, QuotedDecimalAttributes) {
  expect_texts({
      {decimal_on_bytes(R"(,"precision":"5","scale":"2")"), "bytes/decimal(5,2)"},
      {decimal_on_bytes(R"(,"precision":"10","scale":2)"), "bytes/decimal(10,2)"},
      {decimal_on_bytes(R"(,"precision":10,"scale":"0")"), "bytes/decimal(10,0)"},
      {R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":"4","scale":"1"})",
       "fixed F(2)/decimal(4,1)"},
      {R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":"5"})", "fixed F(2)"},
      {decimal_on_bytes(R"(,"precision":"5","scale":"6")"), "bytes"},
      {decimal_on_bytes(R"(,"precision":"2147483648")"), "bytes"},
      {decimal_on_bytes(R"(,"precision":"123456789012345678901234567890")"), "bytes"},
  });
  for (const std::string value :
       {"", " ", "+5", "-5", "-0", "05", "00", "5.0", "5e0", "0x5", " 5", "5 ", "five", "5,"}) {
    expect_texts({{decimal_on_bytes(R"(,"precision":")" + value + "\""), "bytes"},
                  {decimal_on_bytes(R"(,"precision":9,"scale":")" + value + "\""), "bytes"}});
  }
}

TEST(SchemaLogical, DecimalOnFixedMustFitTheBytes) {
  struct Limit {
    int size;
    int precision;  // floor(log10(2^(8 * size - 1) - 1))
  };
  for (const Limit& limit : {Limit{1, 2}, Limit{2, 4}, Limit{3, 6}, Limit{4, 9}, Limit{5, 11}, Limit{7, 16},
                             Limit{8, 18}, Limit{9, 21}, Limit{12, 28}, Limit{16, 38}, Limit{17, 40}, Limit{32, 76}}) {
    const std::string size = std::to_string(limit.size);
    const auto decimal = [&](int precision) {
      return schema_text(R"({"type":"fixed","name":"F","logicalType":"decimal","size":)" + size + R"(,"precision":)" +
                         std::to_string(precision) + "}");
    };
    EXPECT_EQ(decimal(limit.precision), "fixed F(" + size + ")/decimal(" + std::to_string(limit.precision) + ",0)");
    EXPECT_EQ(decimal(limit.precision + 1), "fixed F(" + size + ")");
  }
  EXPECT_EQ(schema_text(R"({"type":"fixed","name":"F","logicalType":"decimal","size":0,"precision":1})"), "fixed F(0)");
}

// Iceberg's timestamps without a zone.
TEST(SchemaLogical, AdjustToUtc) {
  for (const std::string unit : {"millis", "micros", "nanos"}) {
    const auto adjusted = [&](const std::string& logical, const std::string& value) {
      return R"({"type":"long","logicalType":")" + logical + "-" + unit + R"(","adjust-to-utc":)" + value + "}";
    };
    expect_texts({{adjusted("timestamp", "false"), "long/local-timestamp-" + unit},
                  {adjusted("timestamp", "\n false\t"), "long/local-timestamp-" + unit},
                  {adjusted("local-timestamp", "true"), "long/local-timestamp-" + unit},
                  {adjusted("local-timestamp", "false"), "long/local-timestamp-" + unit}});
    for (const std::string other : {"true", "null", "0", "\"false\"", "[]", "[false]", "{\"a\":false}"}) {
      expect_texts({{adjusted("timestamp", other), "long/timestamp-" + unit}});
    }
  }
  expect_texts({{R"({"type":"long","logicalType":"time-micros","adjust-to-utc":false})", "long/time-micros"},
                {R"({"type":"long","adjust-to-utc":false})", "long"},
                {R"({"type":{"type":"long"},"logicalType":"timestamp-micros","adjust-to-utc":false})",
                 "long/local-timestamp-micros"}});
}

// Trap: a date on a string.
TEST(SchemaLogical, TrapDateOnAString) { expect_texts({{R"({"type":"string","logicalType":"date"})", "string"}}); }

TEST(SchemaLogical, NotAString) {
  for (const std::string value : {"null", "5", "[\"date\"]", "{\"type\":\"date\"}", "true"}) {
    expect_texts({{R"({"type":"int","logicalType":)" + value + "}", "int"}});
  }
}

TEST(SchemaLogical, IgnoredOnOtherTypes) {
  expect_texts({
      {R"({"type":"array","items":"int","logicalType":"date"})", "array<int>"},
      {R"({"type":"array","items":"int","logicalType":"map"})", "array/map<int>"},  // of no effect on these items
      {R"({"type":"int","logicalType":"map"})", "int"},
      {R"({"type":"map","values":"int","logicalType":"map"})", "map<int>"},
      {R"({"type":"map","values":"long","logicalType":"timestamp-millis"})", "map<long>"},
      {R"({"type":"record","name":"S","fields":[],"logicalType":"uuid"})", "record S{}"},
      {R"({"type":"enum","name":"E","symbols":["a"],"logicalType":"uuid"})", "enum E(a)"},
      {R"({"type":["null","int"],"logicalType":"date"})", "union[null,int]"},
  });
}

TEST(SchemaLogical, InsideNestedTypes) {
  expect_texts({
      {R"(["null",{"type":"int","logicalType":"date"}])", "union[null,int/date]"},
      {R"({"type":"array","items":{"type":"long","logicalType":"timestamp-nanos"}})", "array<long/timestamp-nanos>"},
      {R"(["null",{"type":"int","logicalType":"date"},{"type":"long","logicalType":"time-micros"}])",
       "union[null,int/date,long/time-micros]"},
  });
}

TEST(SchemaLogical, WrappedTypeInnerWinsOuterFillsIn) {
  expect_texts({
      {R"({"type":{"type":"long"},"logicalType":"timestamp-millis"})", "long/timestamp-millis"},
      {R"({"type":{"type":"long","logicalType":"time-micros"},"logicalType":"timestamp-millis"})", "long/time-micros"},
      {R"({"type":{"type":"long","logicalType":"nonsense"},"logicalType":"timestamp-millis"})",
       "long/timestamp-millis"},
      {R"({"type":{"type":"long","logicalType":"timestamp-micros"}})", "long/timestamp-micros"},
      {R"({"type":{"type":"long"},"logicalType":"date"})", "long"},
      {R"({"type":{"type":{"type":"bytes"}},"logicalType":"decimal","precision":4,"scale":1})", "bytes/decimal(4,1)"},
      {R"({"type":{"type":"fixed","name":"F","size":12},"logicalType":"duration"})", "fixed F(12)/duration"},
      {R"({"type":{"type":"array","items":"int"},"logicalType":"date"})", "array<int>"},
      {R"({"type":["null","int"],"logicalType":"date"})", "union[null,int]"},
  });
}

TEST(SchemaLogical, BesideAReferenceIsIgnored) {
  EXPECT_EQ(schema_text(R"([{"type":"fixed","name":"F","size":16},
                            {"type":"array","items":{"type":"F","logicalType":"uuid"}},
                            {"type":"map","values":{"type":{"type":"F"},"logicalType":"uuid"}}])"),
            "union[fixed F(16),array<fixed F(16)>,map<fixed F(16)>]");
}

// A logical type beside the field's type belongs to the field and is ignored, as in Avro's own libraries.
TEST(SchemaLogical, OnTheFieldIsIgnored) {
  EXPECT_EQ(schema_text(R"({"type":"record","name":"R","fields":[
                            {"name":"f","type":"long","logicalType":"timestamp-millis"}]})"),
            "record R{f:long}");
}

}  // namespace
}  // namespace jetliner
