// Recursive records: as JSON text, skipped, and their limits.
#include "decode/walk.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "decoded.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

// A record with a value of the type and a reference to itself. The value inside the reference is what is walked.
std::string holder(std::string_view type) {
  return record_json(field_json("next", R"(["null","R"])") + "," + field_json("v", type));
}

// The JSON text of a value inside a reference, or the outcome of its failure.
std::string json_of(std::string_view type, const Values& data) {
  const std::string schema = holder(type);
  // A row: next = {next: null, v: data}, v = data.
  Values row;
  row.branch(1).branch(0).append(data).append(data);
  TestDecoder decoder(schema);
  const Decoder::Result result = decoder.decode(row, 1);
  // Skipping takes the same bytes.
  TestDecoder other(schema, Texts{"v"});
  const Decoder::Result skipped = other.decode(row, 1);
  if (result.status != Status::kOk) return outcome(decoder.plan(), result);
  EXPECT_EQ(decoder.used_bytes(), row.size());
  EXPECT_EQ(skipped.status, Status::kOk);
  EXPECT_EQ(other.used_bytes(), row.size());
  std::string text = decoder.finish_rows().at(0);
  const std::string before = R"({next:"{"next":null,"v":)";
  EXPECT_EQ(text.substr(0, before.size()), before);
  return text.substr(before.size(), text.find("}\",v:") - before.size());
}

TEST(Walk, PrimitivesAsJson) {
  EXPECT_EQ(json_of("\"null\"", Values()), "null");
  EXPECT_EQ(json_of("\"boolean\"", Values().boolean(true)), "true");
  EXPECT_EQ(json_of("\"int\"", Values().number(-7)), "-7");
  EXPECT_EQ(json_of("\"long\"", Values().number(std::numeric_limits<int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(json_of("\"double\"", Values().real64(0.1)), "0.1");
  EXPECT_EQ(json_of("\"float\"", Values().real32(0.1F)), "0.1");
  EXPECT_EQ(json_of("\"double\"", Values().real64(1e300)), "1e+300");
  EXPECT_EQ(json_of("\"double\"", Values().real64(std::numeric_limits<double>::quiet_NaN())), "null");
  EXPECT_EQ(json_of("\"float\"", Values().real32(-std::numeric_limits<float>::infinity())), "null");
  EXPECT_EQ(json_of("\"bytes\"", Values().bytes_value("00ff10")), "\"AP8Q\"");
  EXPECT_EQ(json_of("\"bytes\"", Values().bytes_value("")), "\"\"");
  EXPECT_EQ(json_of(R"({"type":"fixed","name":"F","size":1})", Values().hex_bytes("ff")), "\"/w==\"");
}

TEST(Walk, StringsAreEscaped) {
  EXPECT_EQ(json_of("\"string\"", Values().string("a\"b\\c\n\r\t\b\x01\x1f é")),
            R"("a\"b\\c\n\r\t\u0008\u0001\u001f é")");
  EXPECT_EQ(json_of("\"string\"", Values().bytes_value("ff")), "string is not valid UTF-8 @ next");
  EXPECT_EQ(json_of(R"({"type":"enum","name":"E","symbols":["A","\"q\""]})", Values().number(1)), R"("\"q\"")");
}

TEST(Walk, LogicalTypesAsJson) {
  EXPECT_EQ(json_of(R"({"type":"int","logicalType":"date"})", Values().number(-1)), "-1");
  EXPECT_EQ(json_of(R"({"type":"long","logicalType":"timestamp-nanos"})", Values().number(5)), "5");
  EXPECT_EQ(
      json_of(R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})", Values().bytes_value("cfc7")),
      "\"-123.45\"");
  EXPECT_EQ(
      json_of(R"({"type":"bytes","logicalType":"big-decimal"})", Values().number(4).bytes_value("3039").number(3)),
      "\"12.345\"");
  EXPECT_EQ(json_of(R"({"type":"bytes","logicalType":"big-decimal"})", Values().bytes_value("02")),
            "big-decimal is not an unscaled value followed by a scale @ next");
  EXPECT_EQ(json_of(R"({"type":"fixed","name":"U","size":16,"logicalType":"uuid"})",
                    Values().hex_bytes("00112233445566778899aabbccddeeff")),
            "\"00112233-4455-6677-8899-aabbccddeeff\"");
  EXPECT_EQ(json_of(R"({"type":"fixed","name":"D","size":12,"logicalType":"duration"})",
                    Values().hex_bytes("01000000 ffff0000 03000000")),
            R"({"months":1,"days":65535,"milliseconds":3})");
  EXPECT_EQ(json_of(R"({"type":"int","logicalType":"arrow.int8"})", Values().number(-1)), "-1");
  EXPECT_EQ(json_of(R"({"type":"long","logicalType":"arrow.timestamp-second"})", Values().number(5)), "5");
  EXPECT_EQ(json_of(R"({"type":"fixed","name":"F","size":8,"logicalType":"arrow.uint64"})",
                    Values().hex_bytes("feffffffffffffff")),
            "18446744073709551614");
  const char* const half = R"({"type":"fixed","name":"F","size":2,"logicalType":"arrow.float16"})";
  EXPECT_EQ(json_of(half, Values().hex_bytes("00c1")), "-2.5");
  EXPECT_EQ(json_of(half, Values().hex_bytes("007e")), "null");  // NaN
}

TEST(Walk, NestedValuesAsJson) {
  EXPECT_EQ(
      json_of(R"({"type":"array","items":["null","int","string"]})",
              Values().number(2).branch(0).branch(1).number(5).sized_block(1, Values().branch(2).string("x")).end()),
      R"([null,5,"x"])");
  EXPECT_EQ(json_of(R"({"type":"map","values":"int"})",
                    Values().number(1).string("a").number(1).number(1).string("b").number(2).end()),
            R"({"a":1,"b":2})");
  EXPECT_EQ(json_of(R"({"type":"map","values":"int"})", Values().end()), "{}");
  EXPECT_EQ(
      json_of(R"({"type":"record","name":"N","fields":[{"name":"x","type":"int"},{"name":"y","type":"boolean"}]})",
              Values().number(1).boolean(false)),
      R"({"x":1,"y":false})");
  EXPECT_EQ(json_of(R"({"type":"record","name":"N","fields":[]})", Values()), "{}");
}

TEST(Walk, WhatIsWrongInside) {
  EXPECT_EQ(json_of("\"boolean\"", Values().hex_bytes("02")), "boolean is neither 0 nor 1 @ next");
  EXPECT_EQ(json_of("\"int\"", Values().number(1LL << 31)), "int does not fit 32 bits @ next");
  EXPECT_EQ(json_of("\"long\"", Values().hex_bytes("ffffffffffffffffff 02")),
            "variable-length integer does not fit 64 bits @ next");
  EXPECT_EQ(json_of("\"long\"", Values().hex_bytes("ffffffffffffffffffff 01")),
            "variable-length integer of more than 10 bytes @ next");
  EXPECT_EQ(json_of("\"string\"", Values().number(-1)), "length is negative or beyond the end of the block @ next");
  EXPECT_EQ(json_of(R"({"type":"enum","name":"E","symbols":["A"]})", Values().number(1)),
            "enum index is outside the list of symbols @ next");
  EXPECT_EQ(json_of(R"(["null","int"])", Values().branch(2)),
            "union branch index is outside the list of branches @ next");
}

// If the size of items were wrong, skipping would end in another place than reading.
TEST(Walk, TheSizeOfABlockOfItemsMustBeRight) {
  EXPECT_EQ(json_of(R"({"type":"array","items":"int"})", Values().number(-2).number(1).number(1).number(2).end()),
            "byte size of a block of items is not what its items take @ next");
  EXPECT_EQ(json_of(R"({"type":"array","items":"int"})", Values().number(-1).number(2).number(1).number(0).end()),
            "byte size of a block of items is not what its items take @ next");
}

TEST(Walk, ItemsWithoutBytesAreCounted) {
  EXPECT_EQ(json_of(R"({"type":"array","items":"null"})", Values().number(2).end()), "[null,null]");
  EXPECT_EQ(json_of(R"({"type":"array","items":"null"})", Values().number(std::numeric_limits<int64_t>::max()).end()),
            "records within themselves take many times more bytes as JSON text than in the block @ next");
  // Skipping makes no text, so that limit does not apply.
  const Values row = Values().branch(1).branch(0).number(std::numeric_limits<int64_t>::max()).end().end();
  TestDecoder skipping(holder(R"({"type":"array","items":"null"})"), Texts{"v"});
  EXPECT_EQ(skipping.decode(row, 1).status, Status::kEmptyItems);
}

TEST(Walk, DepthOfDataIsBounded) {
  const std::string schema = record_json(field_json("next", R"(["null","R"])"));
  const auto deep = [](int levels) {
    Values row;
    for (int i = 0; i < levels; ++i) row.branch(1);
    return row.branch(0);
  };
  for (const bool is_skipped : {false, true}) {
    TestDecoder decoder(schema, is_skipped ? std::optional<Texts>(Texts{"none"}) : std::nullopt);
    EXPECT_EQ(decoder.decode(deep(kMaxDataDepth / 2), 1).status, Status::kOk);
    for (const int levels : {kMaxDataDepth, 100'000}) EXPECT_EQ(decoder.decode(deep(levels), 1).status, Status::kDepth);
  }
}

// The schema gives no bound either: a record that always contains itself.
TEST(Walk, ARecordThatNeverEndsIsAnError) {
  TestDecoder decoder(record_json(field_json("me", "\"R\"")));
  EXPECT_EQ(decoder.plan().min_row_bytes, 0U);
  EXPECT_EQ(decoder.decode(Values(), 1).status, Status::kDepth);
}

// A few bytes repeat the names of fields, which may be long.
TEST(Walk, LongNamesDoNotMakeTextWithoutBound) {
  const std::string name(100'000, 'n');
  const std::string schema =
      record_json(field_json(name, "\"null\"") + "," + field_json("kids", R"({"type":"array","items":"R"})"));
  TestDecoder decoder(schema);
  Values row;
  row.number(10'000);
  for (int i = 0; i < 10'000; ++i) row.end();
  row.end();
  const Decoder::Result result = decoder.decode(row, 1);
  EXPECT_EQ(result.status, Status::kJsonTooLong);
  EXPECT_LT(decoder.columns().allocated_bytes(), 32U << 20);
  EXPECT_TRUE(decoder.finish_rows().empty());
  // The limit is for all values of a block together.
  Values rows;
  for (int i = 0; i < 100; ++i) rows.number(1).end().end();
  EXPECT_EQ(decoder.decode(rows, 100).status, Status::kJsonTooLong);
}

TEST(Walk, ListsAndMapsOfReferences) {
  TestDecoder decoder(record_json(field_json("v", "\"int\"") + "," +
                                  field_json("l", R"({"type":"array","items":"R"})") + "," +
                                  field_json("m", R"({"type":"map","values":["null","R"]})")));
  Values leaf = Values().number(9).end().end();
  Values row;
  row.number(1).number(1).append(leaf).end().number(2).string("a").branch(0).string("b").branch(1).append(leaf).end();
  ASSERT_EQ(decoder.decode(row, 1).status, Status::kOk);
  EXPECT_EQ(
      decoder.finish_rows(),
      Texts{R"({v:1,l:["{"v":9,"l":[],"m":{}}"],m:[{key:"a",value:null},{key:"b",value:"{"v":9,"l":[],"m":{}}"}]})"});
}

}  // namespace
}  // namespace jetliner
