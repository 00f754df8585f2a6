// If a row ends too early, the report names the field in which it ends, and says what was skipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "decode/locate.h"
#include "read_all.h"

namespace jetliner {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string message_of(const std::string& schema, const Values& rows, int64_t count) {
  AvroFile file(schema);
  file.block(count, rows);
  const ReadOutcome outcome = read_all(file, {.ignore_errors = true, .n_threads = 1});
  EXPECT_EQ(outcome.bad_blocks.size(), 1U);
  return outcome.bad_blocks.empty() ? "" : outcome.bad_blocks[0].message;
}

std::string four_fields(const std::string& type) {
  std::string fields;
  for (const char* const name : {"a", "b", "c", "d"}) {
    fields += (fields.empty() ? "" : ",") + field_json(name, type);
  }
  return record_json(fields);
}

TEST(Locate, FieldOfARunOfScalarsThatTheDataEndsIn) {
  EXPECT_THAT(message_of(four_fields("\"long\""), Values().number(1).number(2), 1),
              StartsWith("field 'c': the block's data ends within the record"));
  EXPECT_THAT(message_of(four_fields("\"double\""), Values().real64(1).zeros(7), 1), StartsWith("field 'b': "));
  EXPECT_THAT(message_of(four_fields("\"boolean\""), Values().boolean(true).boolean(true).boolean(false), 1),
              StartsWith("field 'd': "));
  EXPECT_THAT(message_of(four_fields(R"(["null","int"])"), Values().branch(0).branch(1), 1), StartsWith("field 'b': "));
  // The next field has a length, so its check comes first.
  const std::string mixed = record_json(field_json("a", "\"long\"") + "," + field_json("b", "\"string\""));
  EXPECT_THAT(message_of(mixed, Values().hex_bytes("80"), 1), StartsWith("field 'a': "));
  // The row that fails is not the first.
  EXPECT_THAT(message_of(four_fields("\"long\""), Values().zeros(4 * 50 + 3), 51), StartsWith("field 'd': "));
}

TEST(Locate, PathOfNestedValues) {
  const std::string inner = record_json(field_json("x", "\"int\"") + "," + field_json("y", "\"float\""), "I");
  EXPECT_THAT(message_of(record_json(field_json("l", R"({"type":"array","items":)" + inner + "}")),
                         Values().number(2).number(1 << 30).zeros(4).number(2), 1),
              StartsWith("field 'l[].y': "));
  EXPECT_THAT(message_of(record_json(field_json("m", R"({"type":"map","values":)" + inner + "}")),
                         Values().number(1).string("a long key"), 1),
              StartsWith("field 'm{}.x': "));
  EXPECT_THAT(message_of(record_json(field_json("u", "[\"null\",\"int\"," + inner + "]")), Values().branch(2), 1),
              StartsWith("field 'u(I).x': "));
  EXPECT_THAT(message_of("\"double\"", Values().zeros(7), 1), StartsWith("field 'value': "));
  EXPECT_THAT(message_of(R"({"type":"array","items":"float"})", Values().number(1).zeros(4), 1),
              StartsWith("field 'value[]': "));
}

TEST(Locate, DeepAndEndlessDataEndsTheSearch) {
  const auto schema = parse_schema(record_json(field_json("next", R"(["null","R"])")));
  const Bytes deep(5000, 2);
  EXPECT_FALSE(locate(schema, deep.data(), deep.data() + deep.size(), 0).path.has_value());
  const auto nulls = parse_schema(record_json(field_json("l", R"({"type":"array","items":"null"})")));
  const Values forged = Values().number(INT64_MAX);
  const Located located = locate(nulls, forged.bytes().data(), forged.bytes().data() + forged.size(),
                                 0);  // the end of the items is missing
  EXPECT_EQ(located.path, "l[]");
  EXPECT_EQ(located.row, forged.bytes().data());
  const auto long_name = parse_schema(record_json(field_json(std::string(10'000, 'n'), "\"int\"")));
  EXPECT_EQ(locate(long_name, deep.data(), deep.data(), 0).path, std::string(256, 'n') + "...");
}

// The walk copied the whole name for each value, and looked at all branches for each value of a union. So this took
// many minutes.
TEST(Locate, LongNamesAndManyBranchesCostNoTimeForEachValue) {
  std::string branches = "\"null\"";
  for (int i = 0; i < 20'000; ++i) {
    branches += R"(,{"type":"fixed","size":0,"name":"B)" + std::to_string(i) + "\"}";
  }
  const auto schema = parse_schema(record_json(field_json(std::string(8 << 20, 'n'), "[" + branches + "]")));
  constexpr uint64_t kRows = 100'000;
  const Bytes rows(kRows, 2);  // each of the first fixed type
  const uint8_t* const end = rows.data() + rows.size();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(are_whole_rows(schema, rows.data(), end, kRows));
  EXPECT_EQ(locate(schema, rows.data(), end, kRows).path, std::string(256, 'n') + "...");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Locate, VariantsAreNamedWhereverNullStands) {
  const auto path = [](const std::string& type) {
    const auto schema = parse_schema(one_field(type));
    const Bytes cut = {0};
    return locate(schema, cut.data(), cut.data() + 1, 0).path.value_or("none");
  };
  EXPECT_EQ(path(R"(["int","null"])"), "f");
  EXPECT_EQ(path(R"(["int","string"])"), "f(int)");
  EXPECT_EQ(path(R"(["int","null","string"])"), "f(int)");
  EXPECT_EQ(path(R"(["int","string","null"])"), "f(int)");
  EXPECT_EQ(path(R"(["int"])"), "f");
  EXPECT_EQ(path(R"(["null","null","null"])"), "none");
}

TEST(Locate, ReportsTellWhatWasSkipped) {
  EXPECT_THAT(message_of(four_fields("\"boolean\""), Values().zeros(4).boolean(true).hex_bytes("07 00"), 2),
              HasSubstr("skipped 3 bytes, the rest of the block's 7 bytes"));
  AvroFile file("\"long\"", "deflate");
  const size_t before = file.size();
  file.packed_block(3, ByteSpan(Bytes(100, 0xff)));
  const size_t block_bytes = file.size() - before;
  file.block(2, Values().number(1).number(2).number(3));
  const ReadOutcome outcome = read_all(file, {.ignore_errors = true});
  ASSERT_EQ(outcome.bad_blocks.size(), 2U);
  EXPECT_THAT(outcome.bad_blocks[0].message, HasSubstr("skipped " + std::to_string(block_bytes) + " bytes"));
  EXPECT_THAT(outcome.bad_blocks[1].message,
              HasSubstr("skipped 1 bytes, the rest of the block's 3 decompressed bytes"));
  const ReadOutcome strict = read_all(file);
  EXPECT_EQ(std::string(strict.error->what()).find("skipped"), std::string::npos);
}

}  // namespace
}  // namespace jetliner
