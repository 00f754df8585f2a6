// Schema text and projection -> the plan as text.
#include "plan/plan.h"

#include <gtest/gtest.h>

#include <string>

#include "decoded.h"
#include "types/difference.h"

namespace jetliner {
namespace {

using Names = std::vector<std::string>;

std::string fields_json(const std::vector<std::string>& types) {
  std::string fields;
  for (size_t i = 0; i < types.size(); ++i) {
    fields += (i > 0 ? "," : "") + field_json(std::string(1, static_cast<char>('a' + i)), types[i]);
  }
  return record_json(fields);
}

std::string fixed_json(int size, const std::string& name = "F") {
  return R"({"type":"fixed","name":")" + name + R"(","size":)" + std::to_string(size) + "}";
}

const char* const kAddress = R"({"type":"record","name":"Address","fields":[{"name":"street","type":"string"},)"
                             R"({"name":"city","type":"string"},{"name":"zip","type":"int"}]})";
const char* const kUnion = R"(["int","null","string",{"type":"record","name":"N","fields":[{"name":"x","type":"int"},)"
                           R"({"name":"y","type":["null","string"]}]}])";

TEST(Plan, OneOperationForEachField) {
  EXPECT_EQ(plan_of(fields_json({"\"int\"", "\"string\"", R"(["null","long"])", R"(["double","null"])", "\"null\"",
                                 fixed_json(3)}))
                ->dump(),
            "0 Int column 0 'a'\n"
            "1 String column 1 'b'\n"
            "2 NullableLong column 2 null 0 'c'\n"
            "3 NullableDouble column 3 null 1 'd'\n"
            "4 Fixed column 5 a 3 'f'\n"
            "5 End\n");
}

TEST(Plan, EveryLogicalTypeHasItsOperation) {
  const auto op_of = [](const std::string& type) {
    const std::string text = plan_of(one_field(type))->dump();
    return text.substr(2, text.find(" 'f'") - 2);
  };
  EXPECT_EQ(op_of(R"({"type":"int","logicalType":"date"})"), "Int column 0");
  EXPECT_EQ(op_of(R"({"type":"int","logicalType":"time-millis"})"), "TimeMillis column 0");
  EXPECT_EQ(op_of(R"({"type":"long","logicalType":"time-micros"})"), "TimeMicros column 0");
  EXPECT_EQ(op_of(R"({"type":"long","logicalType":"timestamp-nanos"})"), "Long column 0");
  EXPECT_EQ(op_of(R"({"type":"bytes","logicalType":"decimal","precision":38,"scale":2})"),
            "DecimalBytes column 0 a 38");
  EXPECT_EQ(op_of(R"({"type":"bytes","logicalType":"decimal","precision":39,"scale":2})"), "TextBytes column 0 a 2");
  EXPECT_EQ(op_of(R"({"type":"fixed","name":"F","size":9,"logicalType":"decimal","precision":7})"),
            "DecimalFixed column 0 a 7 b 9");
  EXPECT_EQ(op_of(R"({"type":"fixed","name":"F","size":40,"logicalType":"decimal","precision":90,"scale":1})"),
            "TextFixed column 0 a 1 b 40");
  EXPECT_EQ(op_of(R"({"type":"bytes","logicalType":"big-decimal"})"), "BigDecimal column 0");
  EXPECT_EQ(op_of(R"({"type":"string","logicalType":"uuid"})"), "String column 0");
  EXPECT_EQ(op_of(R"({"type":"fixed","name":"F","size":16,"logicalType":"uuid"})"), "Uuid column 0");
  EXPECT_EQ(op_of(R"({"type":"fixed","name":"F","size":12,"logicalType":"duration"})"), "Duration column 0");
  EXPECT_EQ(op_of(R"({"type":"int","logicalType":"arrow.uint8"})"), "Arrow column 0 arrow.uint8 of int");
  EXPECT_EQ(op_of(R"(["null",{"type":"fixed","name":"F","size":8,"logicalType":"arrow.uint64"}])"),
            "NullableArrow column 0 null 0 arrow.uint64 of fixed");
  EXPECT_EQ(op_of(R"({"type":"long","logicalType":"arrow.duration-nanos"})"), "Long column 0");
  EXPECT_EQ(op_of(R"({"type":"long","logicalType":"arrow.date64"})"), "Long column 0");
  EXPECT_EQ(op_of(R"({"type":"enum","name":"E","symbols":["A","B"]})"), "Enum column 0 a 2");
  EXPECT_EQ(op_of(R"([{"type":"enum","name":"E","symbols":["A","B"]},"null"])"), "NullableEnum column 0 null 1 a 2");
}

TEST(Plan, RunsOfSkippedFieldsAreOneOperation) {
  const std::string schema =
      fields_json({"\"boolean\"", "\"float\"", "\"double\"", fixed_json(16), "\"int\"", "\"long\"",
                   R"({"type":"enum","name":"E","symbols":["A"]})", "\"null\"", "\"string\"", "\"bytes\"", "\"int\"",
                   "\"double\"", R"(["null","int"])", "\"int\""});
  EXPECT_EQ(plan_of(schema, Names{"n"})->dump(),
            "0 SkipFixed a 29 'a'\n"
            "1 SkipVarints a 3 'e'\n"
            "2 SkipBytes 'i'\n"
            "3 SkipBytes 'j'\n"
            "4 SkipVarints a 1 b 8 'k'\n"
            "5 NullableSkipVarints null 0 a 1 'm'\n"
            "6 Int column 0 'n'\n"
            "7 End\n");
  // A value that is read ends a run of skips. Records do not.
  EXPECT_EQ(
      plan_of(fields_json({"\"int\"", record_json(field_json("x", "\"int\""), "X"), "\"X\"", "\"long\"", "\"int\""}),
              Names{"d"})
          ->dump(),
      "0 SkipVarints a 3 'a'\n"
      "1 Long column 0 'd'\n"
      "2 SkipVarints a 1 'e'\n"
      "3 End\n");
}

// An operation to which something jumps is not fused with the one before it.
TEST(Plan, RunsDoNotGoAcrossBranches) {
  EXPECT_EQ(plan_of(fields_json({R"(["null",)" + record_json(field_json("x", "\"int\""), "X") + "]", "\"int\"",
                                 R"(["int","string","X"])", "\"int\"", R"({"type":"array","items":"int"})", "\"int\""}),
                    Names{})
                ->dump(),
            "0 Nullable null 0 skipped to 2 'a'\n"
            "1 SkipVarints a 1 'a.x'\n"
            "2 SkipVarints a 1 'b'\n"
            "3 Union to 10 skipped 4 6 8 'c'\n"
            "4 SkipVarints a 1 'c(int)'\n"
            "5 Jump to 10 'c'\n"
            "6 SkipBytes 'c(string)'\n"
            "7 Jump to 10 'c'\n"
            "8 SkipVarints a 1 'c(X).x'\n"
            "9 Jump to 10 'c'\n"
            "10 SkipVarints a 1 'd'\n"
            "11 SkipList b 1 to 14 'e'\n"
            "12 SkipVarints a 1 'e[]'\n"
            "13 EndSkippedItem 'e'\n"
            "14 SkipVarints a 1 'f'\n"
            "15 End\n");
}

TEST(Plan, SkippedSizesDoNotWrap) {
  std::vector<std::string> types;
  for (int i = 0; i < 4; ++i) types.push_back(fixed_json(2'000'000'000, "F" + std::to_string(i)));
  EXPECT_EQ(plan_of(fields_json(types), Names{})->dump(),
            "0 SkipFixed a 4000000000 'a'\n"
            "1 SkipFixed a 4000000000 'c'\n"
            "2 End\n");
}

TEST(Plan, UnionsOfSeveralBranches) {
  const std::string schema = fields_json({kUnion, "\"int\""});
  EXPECT_EQ(plan_of(schema)->dump(),
            "0 Union to 9 columns [0, 6) 1 3:null 4 6 'a'\n"
            "1 Int column 1 'a(int)'\n"
            "2 Jump to 9 'a'\n"
            "3 Jump to 9 'a'\n"
            "4 String column 2 'a(string)'\n"
            "5 Jump to 9 'a'\n"
            "6 Int column 4 'a(N).x'\n"
            "7 NullableString column 5 null 0 'a(N).y'\n"
            "8 Jump to 9 'a'\n"
            "9 Int column 6 'b'\n"
            "10 End\n");
  // One field of one branch.
  EXPECT_EQ(plan_of(schema, Names{"a.N.y"})->dump(),
            "0 Union to 9 columns [0, 3) 1 3:null 4 6 'a'\n"
            "1 SkipVarints a 1 'a(int)'\n"
            "2 Jump to 9 'a'\n"
            "3 Jump to 9 'a'\n"
            "4 SkipBytes 'a(string)'\n"
            "5 Jump to 9 'a'\n"
            "6 SkipVarints a 1 'a(N).x'\n"
            "7 NullableString column 2 null 0 'a(N).y'\n"
            "8 Jump to 9 'a'\n"
            "9 SkipVarints a 1 'b'\n"
            "10 End\n");
}

TEST(Plan, UnionsOfOneBranchAndOfNull) {
  EXPECT_EQ(plan_of(R"(["int"])")->dump(), "0 Branch a 1 'value'\n1 Int column 0 'value'\n2 End\n");
  EXPECT_EQ(plan_of(R"(["null"])")->dump(), "0 Branch a 1 'value'\n1 End\n");
  EXPECT_EQ(plan_of("\"null\"")->dump(), "0 End\n");
}

TEST(Plan, NestedFieldsOfRecords) {
  EXPECT_EQ(plan_of(fields_json({"\"long\"", std::string(R"(["null",)") + kAddress + "]"}), Names{"b.city"})->dump(),
            "0 SkipVarints a 1 'a'\n"
            "1 Nullable null 0 columns [0, 2) to 5 'b'\n"
            "2 SkipBytes 'b.street'\n"
            "3 String column 1 'b.city'\n"
            "4 SkipVarints a 1 'b.zip'\n"
            "5 End\n");
}

TEST(Plan, NestedFieldsThroughListsAndMaps) {
  EXPECT_EQ(plan_of(fields_json({std::string(R"({"type":"array","items":["null",)") + kAddress + "]}",
                                 R"({"type":"map","values":"Address"})"}),
                    Names{"a.city", "b.value.zip"})
                ->dump(),
            "0 List column 0 b 1 to 6 'a'\n"
            "1 Nullable null 0 columns [1, 3) to 5 'a[]'\n"
            "2 SkipBytes 'a[].street'\n"
            "3 String column 2 'a[].city'\n"
            "4 SkipVarints a 1 'a[].zip'\n"
            "5 EndItem 'a'\n"
            "6 Map column 3 b 4 to 12 'b'\n"
            "7 SkipBytes 'b{key}'\n"
            "8 SkipBytes 'b{}.street'\n"
            "9 SkipBytes 'b{}.city'\n"
            "10 Int column 6 'b{}.zip'\n"
            "11 EndItem 'b'\n"
            "12 End\n");
}

TEST(Plan, RecordsWithinThemselves) {
  const std::string schema = record_json(field_json("v", "\"int\"") + "," + field_json("next", R"(["null","R"])") +
                                         "," + field_json("kids", R"({"type":"array","items":"R"})"));
  EXPECT_EQ(plan_of(schema)->dump(),
            "0 Int column 0 'v'\n"
            "1 Nullable null 0 columns [1, 2) to 3 'next'\n"
            "2 Json column 1 'next'\n"
            "3 List column 2 b 3 to 6 'kids'\n"
            "4 Json column 3 'kids[]'\n"
            "5 EndItem 'kids'\n"
            "6 End\n");
  EXPECT_EQ(plan_of(schema, Names{"v"})->dump(),
            "0 Int column 0 'v'\n"
            "1 Nullable null 0 skipped to 3 'next'\n"
            "2 SkipNode 'next'\n"
            "3 SkipList b 3 to 6 'kids'\n"
            "4 SkipNode 'kids[]'\n"
            "5 EndSkippedItem 'kids'\n"
            "6 End\n");
}

// Two records that contain each other. The outer one decides which becomes text.
TEST(Plan, RecordsThatHoldEachOther) {
  const std::string a = R"({"type":"record","name":"A","fields":[{"name":"b","type":["null",)"
                        R"({"type":"record","name":"B","fields":[{"name":"a","type":["null","A"]}]}]}]})";
  EXPECT_EQ(plan_of(record_json(field_json("x", a) + "," + field_json("y", "\"B\"")))->dump(),
            "0 Nullable null 0 columns [1, 3) to 3 'x.b'\n"
            "1 Nullable null 0 columns [2, 3) to 3 'x.b.a'\n"
            "2 Json column 2 'x.b.a'\n"
            "3 Nullable null 0 columns [4, 6) to 6 'y.a'\n"
            "4 Nullable null 0 columns [5, 6) to 6 'y.a.b'\n"
            "5 Json column 5 'y.a.b'\n"
            "6 End\n");
}

TEST(Plan, MapAtTopLevel) {
  EXPECT_EQ(
      plan_of(R"({"type":"map","values":["null",{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}]})")
          ->dump(),
      "0 Map column 0 b 2 to 4 'value'\n"
      "1 String column 2 'value{key}'\n"
      "2 NullableDecimalBytes column 3 null 0 a 9 'value{}'\n"
      "3 EndItem 'value'\n"
      "4 End\n");
}

// The most bytes between two bounds checks, computed from the operations.
TEST(Plan, LongRunsOfScalarsAreChecked) {
  const auto checks = [](const std::string& type, int fields) {
    std::string text;
    for (int i = 0; i < fields; ++i) text += (i > 0 ? "," : "") + field_json("f" + std::to_string(i), type);
    std::vector<size_t> at;
    const auto plan = plan_of(record_json(text));
    for (size_t i = 0; i < plan->ops.size(); ++i) {
      if (plan->ops[i].code == OpCode::kCheck) at.push_back(i);
    }
    return at;
  };
  using At = std::vector<size_t>;
  static_assert(kMaxRunBytes == 448);
  EXPECT_EQ(checks("\"long\"", 44), At{});
  EXPECT_EQ(checks("\"long\"", 45), At{44});
  EXPECT_EQ(checks("\"long\"", 100), (At{44, 89}));
  EXPECT_EQ(checks(R"(["null","long"])", 23), At{22});
  EXPECT_EQ(checks("\"double\"", 57), At{56});
  EXPECT_EQ(checks("\"boolean\"", 449), At{448});
  EXPECT_EQ(checks("\"string\"", 1000), At{});
}

TEST(Plan, RunsGoOnThroughUnionsAndNullables) {
  // Each field may take 10 bytes for the branch and 10 for its value. Null branches have no bounds check.
  const std::string nullable = record_json(field_json("x", "\"string\""), "X");
  std::string text = field_json("f0", "[\"null\"," + nullable + "]");
  for (int i = 1; i < 100; ++i) text += "," + field_json("f" + std::to_string(i), R"(["null","X"])");
  size_t since_check = 0;
  size_t worst = 0;
  const auto plan = plan_of(record_json(text));
  for (const Op& op : plan->ops) {
    // All null: only the branches are read.
    if (op.code == OpCode::kNullable) since_check += 10;
    if (op.code == OpCode::kCheck) since_check = 0;
    worst = std::max(worst, since_check);
  }
  EXPECT_LE(worst, kMaxRunBytes);
  EXPECT_GT(worst, kMaxRunBytes / 2);
}

// Fields and branches match by name if another file has them in another order.
TEST(Plan, FieldsOfAnotherFileInAnotherOrder) {
  const std::string address_b = R"({"type":"record","name":"Address","fields":[{"name":"zip","type":"int"},)"
                                R"({"name":"street","type":"string"},{"name":"city","type":"string"}]})";
  const auto first = std::make_shared<const Schema>(
      parse_schema(record_json(field_json("id", "\"long\"") + "," + field_json("address", kAddress) + "," +
                               field_json("u", R"(["int","string","null"])"))));
  const auto second = std::make_shared<const Schema>(
      parse_schema(record_json(field_json("u", R"(["null","string","int"])") + "," + field_json("address", address_b) +
                               "," + field_json("id", "\"long\""))));
  EXPECT_EQ(difference(*columns_of(*first), *columns_of(*second)), "");
  const auto plan = compile(second, columns_of(*first));
  EXPECT_EQ(plan->dump(),
            "0 Union to 6 columns [5, 8) 1:null 2 4 'u'\n"
            "1 Jump to 6 'u'\n"
            "2 String column 7 'u(string)'\n"
            "3 Jump to 6 'u'\n"
            "4 Int column 6 'u(int)'\n"
            "5 Jump to 6 'u'\n"
            "6 Int column 4 'address.zip'\n"
            "7 String column 2 'address.street'\n"
            "8 String column 3 'address.city'\n"
            "9 Long column 0 'id'\n"
            "10 End\n");
  TestDecoder decoder(plan);
  ASSERT_EQ(decoder.decode(Values().branch(1).string("t").number(99).string("s").string("c").number(7), 1).status,
            Status::kOk);
  EXPECT_EQ(decoder.finish_rows().at(0), R"({id:7,address:{street:"s",city:"c",zip:99},u:{int:null,string:"t"}})");
}

TEST(Plan, LeastBytesOfARow) {
  const auto least = [](const std::string& schema) { return plan_of(schema)->min_row_bytes; };
  EXPECT_EQ(least("\"null\""), 0U);
  EXPECT_EQ(least(R"(["null"])"), 1U);
  EXPECT_EQ(least(R"(["double","long"])"), 2U);
  EXPECT_EQ(least(fixed_json(7)), 7U);
  EXPECT_EQ(least(fields_json({"\"float\"", "\"double\"", "\"int\"", "\"string\"",
                               R"({"type":"array","items":"double"})", "\"null\""})),
            15U);
  EXPECT_EQ(least(record_json(field_json("v", "\"double\"") + "," + field_json("next", R"(["null","R"])"))), 9U);
  EXPECT_EQ(least(record_json(field_json("v", "\"double\"") + "," + field_json("next", R"(["R","boolean"])"))),
            9U);  // 10: a lower bound
}

// A few kilobytes of schema can double a size many times over.
TEST(Plan, LeastBytesDoNotOverflow) {
  std::string schema =
      R"({"type":"record","name":"T0","fields":[{"name":"a","type":)" + fixed_json(2'000'000'000) + "}]}";
  for (int i = 1; i < 14; ++i) {
    const std::string inner = "\"T" + std::to_string(i - 1) + "\"";
    schema = record_json(field_json("a", schema) + "," + field_json("b", inner), "T" + std::to_string(i));
  }
  EXPECT_EQ(plan_of(schema)->min_row_bytes, 2'000'000'000ULL << 13);
}

// Each operation has its path. A name of a megabyte must not be copied for each of the fields below it.
TEST(Plan, LongNamesAreCutInPaths) {
  std::string name;
  for (int i = 0; i < 100'000; ++i) name += "é";
  std::string fields;
  for (int i = 0; i < 1000; ++i) fields += (i > 0 ? "," : "") + field_json("f" + std::to_string(i), "\"string\"");
  const auto plan = plan_of(record_json(field_json(name, record_json(fields, "Inner"))));
  EXPECT_EQ(plan->ops.size(), 1001U);
  for (const std::string& path : plan->paths) EXPECT_LE(path.size(), 250U);
  EXPECT_EQ(plan->paths[0], name.substr(0, 240) + "...");
}

}  // namespace
}  // namespace jetliner
