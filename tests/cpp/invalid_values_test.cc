// Values that their column has no place for: an error, or null (InvalidValues::kNull). With ignore_errors only their
// records are lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "decoded.h"
#include "read_all.h"
#include "resolved.h"
#include "task/block_task.h"

namespace jetliner {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using Texts = std::vector<std::string>;

constexpr TypeOptions kNull{.invalid_values = InvalidValues::kNull};

constexpr const char* kMillis = R"({"type":"int","logicalType":"time-millis"})";
constexpr const char* kMicros = R"({"type":"long","logicalType":"time-micros"})";
constexpr const char* kDecimal = R"({"type":"bytes","logicalType":"decimal","precision":2})";
constexpr const char* kFixed = R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":2})";
constexpr const char* kWide = R"({"type":"bytes","logicalType":"decimal","precision":40})";
constexpr const char* kBig = R"({"type":"bytes","logicalType":"big-decimal"})";
constexpr const char* kDuration = R"({"type":"fixed","name":"D","size":12,"logicalType":"duration"})";
constexpr const char* kEnum = R"({"type":"enum","name":"E","symbols":["A","B"]})";

constexpr int64_t kDayMicros = 86'400'000'000;

std::string arrow_json(std::string_view base, std::string_view name) {
  return R"({"type":")" + std::string(base) + R"(","logicalType":"arrow.)" + std::string(name) + "\"}";
}

// Rows of one field, and the outcome where it is not "ok".
Texts rows_of(std::string_view type, const Values& data, size_t rows, TypeOptions options = kNull) {
  return field_rows(type, options, data, rows);
}

struct Case {
  std::string type;
  Values bad;
  Values good;
  std::string shown;  // the good value
  Status status;
};

std::vector<Case> cases() {
  const Values time = Values().number(1);
  return {
      {kMillis, Values().number(86'400'000), time, "1000000", Status::kTimeOfDay},
      {kMillis, Values().number(-1), time, "1000000", Status::kTimeOfDay},
      {kMicros, Values().number(kDayMicros), time, "1000", Status::kTimeOfDay},
      {kMicros, Values().number(std::numeric_limits<int64_t>::min()), time, "1000", Status::kTimeOfDay},
      {kDecimal, Values().bytes_value("64"), Values().bytes_value("63"), "99", Status::kDecimalPrecision},
      {kDecimal, Values().bytes_value(std::string(60, '7')), Values().bytes_value(""), "0", Status::kDecimalPrecision},
      {kFixed, Values().hex_bytes("0064"), Values().hex_bytes("ff9d"), "-99", Status::kDecimalPrecision},
      {kWide, Values().bytes_value(std::string(2050, '1')), Values().bytes_value("05"), "\"5\"", Status::kDecimalBytes},
      {kBig, Values().bytes_value("ff"), Values().bytes_value("020500"), "\"5\"", Status::kBigDecimal},
      {kBig, Values().bytes_value("0205feff01"), Values().bytes_value("020502"), "\"0.5\"", Status::kDecimalBytes},
      {kDuration, Values().hex_bytes("00000000 ffffffff 00000000"), Values().hex_bytes("00000000 00000000 01000000"),
       "1000", Status::kDuration},
      {arrow_json("int", "int8"), Values().number(128), Values().number(127), "127", Status::kInt8},
      {arrow_json("int", "int8"), Values().number(-129), Values().number(-128), "-128", Status::kInt8},
      {arrow_json("int", "int16"), Values().number(32'768), Values().number(-32'768), "-32768", Status::kInt16},
      {arrow_json("int", "uint8"), Values().number(-1), Values().number(255), "255", Status::kUInt8},
      {arrow_json("int", "uint16"), Values().number(65'536), Values().number(65'535), "65535", Status::kUInt16},
      {arrow_json("long", "uint32"), Values().number(4'294'967'296), Values().number(4'294'967'295), "4294967295",
       Status::kUInt32},
      {arrow_json("long", "uint64"), Values().number(-1), Values().number(1), "1", Status::kUInt64},
      {arrow_json("float", "float16"), Values().real32(0.1F), Values().real32(0.5F), "0.5", Status::kFloat16},
      {arrow_json("int", "time32-second"), Values().number(86'400), time, "1000000000", Status::kTimeOfDay},
      {arrow_json("long", "time64-nanosecond"), Values().number(kDayMicros * 1000), time, "1", Status::kTimeOfDay},
      {arrow_json("long", "duration-seconds"), Values().number(9'223'372'036'854'776), time, "1000", Status::kSeconds},
      {arrow_json("long", "timestamp-second"), Values().number(-9'223'372'036'854'776), time, "1000", Status::kSeconds},
      {arrow_json("long", "local-timestamp-second"), Values().number(std::numeric_limits<int64_t>::max()), time, "1000",
       Status::kSeconds},
  };
}

TEST(InvalidValues, BecomeNullOrAreAnError) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.type);
    const Texts good = rows_of(one.type, one.good, 1);
    EXPECT_EQ(good, Texts{one.shown});
    const Values data = Values().append(one.good).append(one.bad).append(one.good);
    EXPECT_EQ(rows_of(one.type, data, 3), (Texts{good[0], "null", good[0]}));
    EXPECT_EQ(rows_of(one.type, data, 3, {}), (Texts{good[0], std::string(text_of(one.status)) + " @ f"}));
    // In a union with null.
    const Values optional = Values().branch(1).append(one.bad).branch(0).branch(1).append(one.good);
    EXPECT_EQ(rows_of(nullable(one.type), optional, 3), (Texts{"null", "null", good[0]}));
    EXPECT_EQ(rows_of(nullable(one.type), optional, 3, {}), Texts{std::string(text_of(one.status)) + " @ f"});
  }
}

TEST(InvalidValues, AtEveryDepth) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.type);
    const std::string good = rows_of(one.type, one.good, 1).at(0);
    const Values two = Values().append(one.bad).append(one.good);
    EXPECT_EQ(rows_of(array_of(one.type), Values().number(2).append(two).end(), 1), Texts{"[null," + good + "]"});
    const Values entries = Values().number(2).string("a").append(one.bad).string("b").append(one.good).end();
    EXPECT_EQ(rows_of(map_of(one.type), entries, 1), Texts{"[{key:\"a\",value:null},{key:\"b\",value:" + good + "}]"});
    const std::string record = record_json(field_json("x", one.type) + "," + field_json("y", "\"long\""), "Inner");
    EXPECT_EQ(rows_of(record, Values().append(one.bad).number(5), 1), Texts{"{x:null,y:5}"});
    EXPECT_EQ(rows_of(nullable(record), Values().branch(1).append(one.bad).number(5).branch(0), 2),
              (Texts{"{x:null,y:5}", "null"}));
  }
}

TEST(InvalidValues, InUnionsNoFieldIsSet) {
  const std::string type = R"(["string",)" + std::string(kMicros) + "]";
  EXPECT_EQ(rows_of(type, Values().branch(1).number(kDayMicros).branch(0).string("s"), 2),
            (Texts{"{string:null,long:null}", "{string:\"s\",long:null}"}));
}

// Values that Avro does not admit are damage.
TEST(InvalidValues, DamageStaysAnError) {
  const auto outcome_of = [](std::string_view type, const Values& data) { return rows_of(type, data, 1).at(0); };
  EXPECT_EQ(outcome_of("\"int\"", Values().number(int64_t{1} << 31)),
            std::string(text_of(Status::kIntTooLarge)) + " @ f");
  EXPECT_EQ(outcome_of("\"boolean\"", Values().hex_bytes("02")), std::string(text_of(Status::kBoolean)) + " @ f");
  EXPECT_EQ(outcome_of(kEnum, Values().number(2)), std::string(text_of(Status::kEnumIndex)) + " @ f");
  EXPECT_EQ(outcome_of(kEnum, Values().number(-1)), std::string(text_of(Status::kEnumIndex)) + " @ f");
}

// The end of the data is not an invalid value, whatever bytes stand behind it.
TEST(InvalidValues, CutValuesStayErrors) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.type);
    const Bytes& bytes = one.bad.bytes();
    for (size_t size = 0; size < bytes.size(); ++size) {
      for (const int fill : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
        TestDecoder decoder(plan_of(one_field(one.type), {}, kNull));
        const Decoder::Result result = decoder.decode(ByteSpan(bytes).first(size), 1, static_cast<uint8_t>(fill));
        EXPECT_NE(result.status, Status::kOk);
        EXPECT_FALSE(is_invalid_value(result.status)) << text_of(result.status);
      }
    }
  }
}

TEST(InvalidValues, InJsonOfRecursiveRecords) {
  const std::string schema =
      record_json(field_json("d", kWide) + "," + field_json("e", kEnum) + "," + field_json("next", R"(["null","R"])"));
  const Values data =
      Values().bytes_value("05").number(0).branch(1).bytes_value(std::string(2050, '1')).number(1).branch(0);
  TestDecoder decoder(plan_of(schema, {}, kNull));
  EXPECT_EQ(decoder.decode(data, 1).status, Status::kOk);
  EXPECT_THAT(decoder.finish_rows().at(0), HasSubstr(R"({"d":null,"e":"B","next":null})"));
  TestDecoder strict(plan_of(schema));
  EXPECT_EQ(strict.decode(data, 1).status, Status::kDecimalBytes);
}

TEST(InvalidValues, SymbolsThatTheReaderDoesNotHave) {
  const std::string ours = one_field(R"({"type":"enum","name":"E","symbols":["B"]})");
  AvroFile file(one_field(kEnum));
  file.block(3, Values().number(1).number(0).number(1));
  ReadOptions options{.reader_schema = ours};
  const ReadOutcome strict = read_all(file, options);
  ASSERT_TRUE(strict.error.has_value());
  EXPECT_EQ(strict.error->variant(), ErrorVariant::kTypeMismatch);
  EXPECT_STREQ(strict.error->place().option, "invalid_values");
  options.types.invalid_values = InvalidValues::kNull;
  EXPECT_EQ(read_all(file, options).rows, (Texts{"{f:B}", "{f:null}", "{f:B}"}));
  options = {.ignore_errors = true, .reader_schema = ours};
  const ReadOutcome skipped = read_all(file, options);
  EXPECT_EQ(skipped.rows, (Texts{"{f:B}", "{f:B}"}));
  ASSERT_EQ(skipped.bad_blocks.size(), 1U);
  EXPECT_EQ(skipped.bad_blocks[0].kind, BadBlockKind::kSchemaViolation);
}

// --- ignore_errors ---

// Rows {n, list of times, time, s}. The times of row `n` are those that `time_of` gives.
const std::string& rows_schema() {
  static const std::string schema = record_json(
      field_json("n", "\"long\"") + "," + field_json("l", array_of(nullable(kMicros))) + "," +
      field_json("t", kMicros) + "," + field_json("b", "\"boolean\"") + "," + field_json("s", "\"string\""));
  return schema;
}

Values row(int64_t n, int64_t time, int64_t item = 7) {
  return Values()
      .number(n)
      .number(2)
      .branch(0)
      .branch(1)
      .number(item)
      .end()
      .number(time)
      .boolean(n % 2 == 0)
      .string("text of more than twelve bytes " + std::to_string(n));
}

std::string shown(int64_t n) {
  return "{n:" + std::to_string(n) + ",l:[null,7000],t:1000,b:" + (n % 2 == 0 ? "true" : "false") +
         ",s:\"text of more than twelve bytes " + std::to_string(n) + "\"}";
}

TEST(InvalidValues, CostOnlyTheirRecord) {
  AvroFile file(rows_schema());
  file.block(5, Values()
                    .append(row(0, 1))
                    .append(row(1, kDayMicros))
                    .append(row(2, 1))
                    .append(row(3, 1, kDayMicros))
                    .append(row(4, 1)));
  file.block(1, Values().append(row(5, -1)));
  file.block(1, Values().append(row(6, 1)));
  for (const size_t n_threads : {1, 3}) {
    const ReadOutcome outcome = read_all(file, {.ignore_errors = true, .n_threads = n_threads});
    EXPECT_FALSE(outcome.error.has_value());
    EXPECT_EQ(outcome.rows, (Texts{shown(0), shown(2), shown(4), shown(6)}));
    ASSERT_EQ(outcome.bad_blocks.size(), 3U);
    const BadBlock& first = outcome.bad_blocks[0];
    EXPECT_EQ(first.kind, BadBlockKind::kRecordDecodeFailed);
    EXPECT_EQ(first.path, "a.avro");
    EXPECT_EQ(first.block_index, 0);
    EXPECT_EQ(first.record_index, 1);
    EXPECT_FALSE(first.ends_block);
    EXPECT_STREQ(first.option, "invalid_values");
    EXPECT_EQ(first.message, "field 't': time of day is outside 0 to 24 hours; skipped this record, " +
                                 std::to_string(row(1, kDayMicros).bytes().size()) + " bytes; row 1 of the file");
    EXPECT_EQ(outcome.bad_blocks[1].record_index, 3);
    EXPECT_THAT(outcome.bad_blocks[1].message, HasSubstr("field 'l[]': time of day"));
    EXPECT_EQ(outcome.bad_blocks[2].block_index, 1);
    EXPECT_EQ(outcome.bad_blocks[2].record_index, 0);
    EXPECT_THAT(outcome.bad_blocks[2].message, EndsWith("; row 5 of the file"));
  }
  const ReadOutcome strict = read_all(file);
  ASSERT_TRUE(strict.error.has_value());
  EXPECT_EQ(strict.rows, Texts{shown(0)});
  EXPECT_STREQ(strict.error->what(), "field 't': time of day is outside 0 to 24 hours; row 1 of the file");
  EXPECT_STREQ(strict.error->place().option, "invalid_values");
}

// All kinds of rows before and after bad ones, at all places of steps and chunks.
TEST(InvalidValues, RowsAroundThemAreRight) {
  constexpr int64_t kRows = 9000;
  Values data;
  Texts expected;
  size_t bad = 0;
  for (int64_t n = 0; n < kRows; ++n) {
    const bool is_bad = n % 97 == 5;
    data.append(row(n, is_bad && n % 2 == 0 ? kDayMicros : 1, is_bad && n % 2 != 0 ? -1 : 7));
    is_bad ? static_cast<void>(++bad) : expected.push_back(shown(n));
  }
  AvroFile file(rows_schema());
  file.block(kRows, data);
  for (const size_t batch_size : {100'000, 333}) {
    const ReadOutcome outcome = read_all(file, {.batch_size = batch_size, .ignore_errors = true, .n_threads = 1});
    EXPECT_EQ(outcome.rows, expected);
    EXPECT_EQ(outcome.bad_blocks.size(), std::min<size_t>(bad, kMaxInvalidRecordReports));
  }
  ReadOptions few{.ignore_errors = true, .n_rows = 200, .n_threads = 1};
  expected.resize(200);
  EXPECT_EQ(read_all(file, few).rows, expected);
}

// If the rest of the block is not whole rows, the bad value may be the first sign of that.
TEST(InvalidValues, RestOfTheBlockMustBeWhole) {
  const Values good = row(0, 1);
  const Values bad = row(1, kDayMicros);
  const Values whole = Values().append(good).append(bad).append(row(2, 1));
  const std::vector<Values> cut = {Values().append(good).append(bad).append(row(2, 1)).number(1),
                                   Values().append(good).append(bad).number(2)};
  for (const Values& data : cut) {
    AvroFile file(rows_schema());
    file.block(3, data);
    const ReadOutcome outcome = read_all(file, {.ignore_errors = true, .n_threads = 1});
    EXPECT_EQ(outcome.rows, Texts{shown(0)});
    ASSERT_EQ(outcome.bad_blocks.size(), 1U);
    EXPECT_TRUE(outcome.bad_blocks[0].ends_block);
    EXPECT_THAT(outcome.bad_blocks[0].message, HasSubstr("the rest of the block's"));
  }
  AvroFile file(rows_schema());
  file.block(3, whole);
  EXPECT_EQ(read_all(file, {.ignore_errors = true, .n_threads = 1}).rows.size(), 2U);
}

TEST(InvalidValues, OtherDamageStillEndsTheBlock) {
  AvroFile file(record_json(field_json("t", kMicros) + "," + field_json("s", "\"string\"")));
  file.block(
      4, Values().number(kDayMicros).string("a").number(1).string("b").number(1).string("\xff").number(1).string("d"));
  const ReadOutcome outcome = read_all(file, {.ignore_errors = true, .n_threads = 1});
  EXPECT_EQ(outcome.rows, Texts{"{t:1000,s:\"b\"}"});
  ASSERT_EQ(outcome.bad_blocks.size(), 2U);
  EXPECT_EQ(outcome.bad_blocks[1].record_index, 2);
  EXPECT_TRUE(outcome.bad_blocks[1].ends_block);
}

// The key of a map is never null. The error advised to read it as null.
TEST(InvalidValues, NoOptionHelpsAgainstKeysOfMaps) {
  const std::string entry = record_json(field_json("key", kMicros) + "," + field_json("value", kMicros), "KV");
  AvroFile file(one_field(R"({"type":"array","logicalType":"map","items":)" + entry + "}"));
  file.block(2, Values().number(1).number(1).number(kDayMicros).end().number(1).number(kDayMicros).number(1).end());
  for (const InvalidValues invalid_values : {InvalidValues::kError, InvalidValues::kNull}) {
    ReadOptions options{.ignore_errors = true};
    options.types = {.map_as = MapAs::kMap, .invalid_values = invalid_values};
    const ReadOutcome outcome = read_all(file, options);
    ASSERT_FALSE(outcome.bad_blocks.empty());
    EXPECT_THAT(outcome.bad_blocks.back().message, HasSubstr("field 'f[].key': time of day"));
    EXPECT_EQ(outcome.bad_blocks.back().option, nullptr);
    if (invalid_values == InvalidValues::kError) {
      ASSERT_EQ(outcome.bad_blocks.size(), 2U);
      EXPECT_STREQ(outcome.bad_blocks[0].option, "invalid_values");
    } else {
      EXPECT_EQ(outcome.rows, Texts{"{f:[{key:1000,value:null}]}"});
    }
  }
}

// A size of items that is wrong has two ends.
TEST(InvalidValues, WrongSizeOfItemsEndsTheBlock) {
  AvroFile file(record_json(field_json("t", kMicros) + "," + field_json("l", array_of("\"long\""))));
  file.block(2, Values().number(kDayMicros).number(-1).number(2).number(1).end().number(1).end());
  const ReadOutcome outcome = read_all(file, {.ignore_errors = true, .n_threads = 1});
  EXPECT_TRUE(outcome.rows.empty());
  ASSERT_EQ(outcome.bad_blocks.size(), 1U);
  EXPECT_TRUE(outcome.bad_blocks[0].ends_block);
}

// The reports are bounded. The columns have room for all rows of the block, so dropping a row must not touch all of it.
TEST(InvalidValues, BlockWithVeryManyOfThem) {
  constexpr int64_t kRows = 100'000;
  Values data;
  for (int64_t n = 0; n < kRows; ++n) data.number(n % 2 == 0 ? kDayMicros : 1).boolean(true).number(1).branch(0).end();
  AvroFile file(record_json(field_json("t", kMicros) + "," + field_json("b", "\"boolean\"") + "," +
                            field_json("l", array_of(nullable("\"int\"")))));
  file.block(kRows, data);
  const ReadOutcome outcome = read_all(file, {.ignore_errors = true, .n_threads = 1});
  EXPECT_EQ(outcome.rows, Texts(kRows / 2, "{t:1000,b:true,l:[null]}"));
  ASSERT_EQ(outcome.bad_blocks.size(), kMaxInvalidRecordReports + 1);
  EXPECT_EQ(outcome.bad_blocks.back().message,
            "skipped " + std::to_string(kRows / 2 - static_cast<int64_t>(kMaxInvalidRecordReports)) +
                " more records of the block with invalid values");
}

}  // namespace
}  // namespace jetliner
