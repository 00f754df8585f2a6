// Arrays with logicalType `map` (Iceberg, Paimon, Hudi): with map_as, maps whose keys may have any type.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "decoded.h"
#include "resolved.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

constexpr TypeOptions kAsMap{.map_as = MapAs::kMap};
constexpr TypeOptions kAsMapAndText{.enum_as = EnumAs::kString, .map_as = MapAs::kMap};

std::string array_map(std::string_view items) {
  return R"({"type":"array","logicalType":"map","items":)" + std::string(items) + "}";
}
std::string entry(std::string_view key, std::string_view value, std::string_view name = "KV") {
  return record_json(field_json("key", key) + "," + field_json("value", value), name);
}
std::string array_map_of(std::string_view key, std::string_view value, std::string_view name = "KV") {
  return array_map(entry(key, value, name));
}

std::string schema_of(std::string_view type, const TypeOptions& options = kAsMap) {
  return field_schema_text(type, options).substr(2);
}

Texts rows_of(std::string_view type, const Values& data, size_t rows = 1, const TypeOptions& options = kAsMap) {
  return field_rows(type, options, data, rows);
}

TEST(ArrayMap, TypesInArrow) {
  EXPECT_EQ(schema_of(array_map_of("\"int\"", "\"long\"")), "+m[entries:+s[key:i,value:l]]");
  EXPECT_EQ(schema_of(array_map_of("\"int\"", "\"long\""), {}), "+L[item:+s[key:i,value:l]]");
  EXPECT_EQ(schema_of(entry("\"int\"", array_map_of("\"bytes\"", "\"string\"", "Inner"))),
            "+s[key:i,value:+m[entries:+s[key:vz,value:vu]]]");
  const std::string nested =
      array_map_of(array_map_of("\"long\"", "\"null\"", "A"), array_map_of("\"string\"", "\"int\"", "B"));
  EXPECT_EQ(schema_of(nested),
            "+m[entries:+s[key:+m[entries:+s[key:l,value:n?]],value:+m[entries:+s[key:vu,value:i]]]]");
}

TEST(ArrayMap, LogicalTypeMayStandInAnObjectAroundTheArray) {
  const std::string array = R"({"type":"array","items":)" + entry("\"int\"", "\"long\"") + "}";
  EXPECT_EQ(schema_of(R"({"type":)" + array + R"(,"logicalType":"map"})"), "+m[entries:+s[key:i,value:l]]");
  EXPECT_EQ(schema_of(array), "+L[item:+s[key:i,value:l]]");
}

// Arrow's Map has the key first.
TEST(ArrayMap, FieldsMayStandInEitherOrder) {
  const std::string turned =
      array_map(record_json(field_json("value", "\"string\"") + "," + field_json("key", "\"int\""), "KV"));
  EXPECT_EQ(schema_of(turned), "+m[entries:+s[key:i,value:vu]]");
  EXPECT_EQ(schema_of(turned, {}), "+L[item:+s[value:vu,key:i]]");
  const Values data = Values().number(3).string("a").number(1).string("b").number(2).string("c").number(1).end();
  EXPECT_EQ(rows_of(turned, data), (Texts{"[{key:1,value:\"c\"},{key:2,value:\"b\"}]"}));
  const std::string straight = one_field(array_map_of("\"int\"", "\"string\""));
  EXPECT_EQ(field_rows(resolved_plan(one_field(turned), straight, {}, kAsMap), data, 1),
            (Texts{"[{key:1,value:\"c\"},{key:2,value:\"b\"}]"}));
  const Values other = Values().number(2).number(1).string("a").number(1).string("b").end();
  EXPECT_EQ(field_rows(resolved_plan(straight, one_field(turned), {}, kAsMap), other, 1),
            (Texts{"[{key:1,value:\"b\"}]"}));
}

TEST(ArrayMap, AnythingButRecordsOfKeyAndValueStaysAList) {
  const auto record = [](std::initializer_list<const char*> names) {
    std::string fields;
    for (const char* name : names) fields += (fields.empty() ? "" : ",") + field_json(name, "\"int\"");
    return record_json(fields, "KV");
  };
  for (const std::string& items : {
           std::string("\"int\""),
           std::string(R"({"type":"array","items":"int"})"),
           record({}),
           record({"key"}),
           record({"value"}),
           record({"key", "value", "more"}),
           record({"Key", "value"}),
           record({"k", "v"}),
           "[\"null\"," + entry("\"int\"", "\"int\"") + "]",
           "[\"int\"," + entry("\"int\"", "\"int\"") + "]",
           // Keys of Arrow's Map are not null.
           entry(R"(["null","int"])", "\"int\""),
           entry("\"null\"", "\"int\""),
           entry(R"(["null","int","long"])", "\"int\""),
       }) {
    EXPECT_EQ(schema_of(array_map(items)).substr(0, 8), "+L[item:") << items;
    EXPECT_EQ(schema_of(array_map(items)), schema_of(array_map(items), {})) << items;
  }
  EXPECT_EQ(schema_of(R"({"type":"map","logicalType":"map","values":"int"})"), "+m[entries:+s[key:vu,value:i]]");
  EXPECT_EQ(schema_of(R"({"type":"bytes","logicalType":"map"})"), "vz");
}

// The inner records are text, which is no entry.
TEST(ArrayMap, RecordsWithinThemselves) {
  const std::string tree = array_map_of("\"int\"", R"({"type":"array","logicalType":"map","items":"KV"})");
  EXPECT_EQ(schema_of(tree), "+m[entries:+s[key:i,value:+L[item:vu]]]");
  const Values data = Values().number(2).number(7).end().number(7).number(1).number(8).end().end().end();
  EXPECT_EQ(rows_of(tree, data), (Texts{R"([{key:7,value:["{"key":8,"value":[]}"]}])"}));
}

TEST(ArrayMap, PlanRemovesDuplicatesOfTheReadersType) {
  EXPECT_EQ(plan_of(one_field(array_map_of("\"int\"", "\"long\"")), {}, kAsMap)->dump(),
            "0 List column 0 b 2 to 4 'f'\n1 Int column 2 'f[].key'\n2 Long column 3 'f[].value'\n3 EndItem 'f'\n"
            "4 UniqueKeys column 0 'f'\n5 End\n");
  EXPECT_EQ(plan_of(one_field(array_map_of("\"int\"", "\"long\"")))->dump(),
            "0 List column 0 b 2 to 4 'f'\n1 Int column 2 'f[].key'\n2 Long column 3 'f[].value'\n3 EndItem 'f'\n"
            "4 End\n");
}

// A key of each type: entries 1, 2, 1 become 1, 2 with the last value of 1.
TEST(ArrayMap, KeysOfAllTypes) {
  struct Sample {
    std::string type;
    Values one;
    Values two;
    std::string one_text;
    std::string two_text;
  };
  const std::string decimal = R"(,"logicalType":"decimal","precision":9,"scale":1})";
  const std::string inner =
      record_json(field_json("x", R"(["null","int"])") + "," + field_json("y", R"(["null","string"])"), "K");
  const auto items = [](int64_t x, int64_t y) { return Values().number(2).number(x).number(y).end(); };
  const std::vector<Sample> samples = {
      {"\"boolean\"", Values().boolean(true), Values().boolean(false), "true", "false"},
      {"\"int\"", Values().number(-1), Values().number(1), "-1", "1"},
      {"\"long\"", Values().number(1), Values().number(int64_t{1} << 33), "1", "8589934592"},
      {"\"float\"", Values().real32(1.5F), Values().real32(-1.5F), "1.5", "-1.5"},
      {R"({"type":"float","logicalType":"arrow.float16"})", Values().real32(1.5F), Values().real32(-1.5F), "1.5",
       "-1.5"},
      {R"({"type":"int","logicalType":"arrow.int8"})", Values().number(-1), Values().number(127), "-1", "127"},
      {R"({"type":"int","logicalType":"arrow.uint16"})", Values().number(1), Values().number(257), "1", "257"},
      {R"({"type":"long","logicalType":"arrow.uint64"})", Values().number(1), Values().number(2), "1", "2"},
      {"\"double\"", Values().real64(1.5), Values().real64(-1.5), "1.5", "-1.5"},
      {"\"string\"", Values().string("a"), Values().string("b"), "\"a\"", "\"b\""},
      {"\"string\"", Values().string(std::string(20, 'a')), Values().string(std::string(19, 'a') + "b"),
       "\"" + std::string(20, 'a') + "\"", "\"" + std::string(19, 'a') + "b\""},
      {"\"bytes\"", Values().bytes_value("00"), Values().bytes_value("0000"), "x'00'", "x'0000'"},
      {R"({"type":"fixed","name":"F","size":2})", Values().hex_bytes("0102"), Values().hex_bytes("0103"), "x'0102'",
       "x'0103'"},
      {R"({"type":"enum","name":"E","symbols":["A","B"]})", Values().number(1), Values().number(0), "B", "A"},
      {R"({"type":"bytes")" + decimal, Values().bytes_value("7b"), Values().bytes_value("7c"), "12.3", "12.4"},
      {R"({"type":"int","logicalType":"date"})", Values().number(1), Values().number(2), "1", "2"},
      {R"({"type":"long","logicalType":"timestamp-micros"})", Values().number(1), Values().number(2), "1", "2"},
      {R"(["int","string"])", Values().branch(0).number(7), Values().branch(1).string("a"), "{int:7,string:null}",
       "{int:null,string:\"a\"}"},
      {inner, Values().branch(1).number(0).branch(0), Values().branch(0).branch(0), "{x:0,y:null}", "{x:null,y:null}"},
      {R"({"type":"array","items":"long"})", items(1, 2), items(2, 1), "[1,2]", "[2,1]"},
      {R"({"type":"array","items":"long"})", items(1, 2), Values().number(1).number(1).end(), "[1,2]", "[1]"},
      {R"({"type":"array","items":["null","int"]})", Values().number(1).branch(0).end(), Values().end(), "[null]",
       "[]"},
  };
  for (const Sample& sample : samples) {
    Values data;
    data.number(3).append(sample.one).string("first").append(sample.two).string("second");
    data.append(sample.one).string("third and last of the values").end();
    EXPECT_EQ(rows_of(array_map_of(sample.type, "\"string\""), data),
              (Texts{"[{key:" + sample.one_text + ",value:\"third and last of the values\"},{key:" + sample.two_text +
                     ",value:\"second\"}]"}))
        << sample.type;
    Values once;
    once.number(2).append(sample.one).number(1).append(sample.two).number(2).end();
    EXPECT_EQ(rows_of(array_map_of(sample.type, "\"int\""), once),
              (Texts{"[{key:" + sample.one_text + ",value:1},{key:" + sample.two_text + ",value:2}]"}))
        << sample.type;
  }
  const std::string symbols = R"({"type":"enum","name":"E","symbols":["A","a symbol that is long"]})";
  const Values data = Values().number(3).number(1).number(5).number(0).number(6).number(1).number(7).end();
  EXPECT_EQ(rows_of(array_map_of(symbols, "\"int\""), data, 1, kAsMapAndText),
            (Texts{R"([{key:"a symbol that is long",value:7},{key:"A",value:6}])"}));
}

// Polars takes these for equal. The first key stays, and it has the last value.
TEST(ArrayMap, ZerosAndNotANumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Values data;
  data.number(4).real64(-0.0).number(1).real64(nan).number(2).real64(0.0).number(3).real64(-nan).number(4).end();
  EXPECT_EQ(rows_of(array_map_of("\"double\"", "\"int\""), data), (Texts{"[{key:-0,value:3},{key:nan,value:4}]"}));
  Values floats;
  floats.number(3).real32(0.0F).number(1).real32(-0.0F).number(2).real32(1.0F).number(3).end();
  EXPECT_EQ(rows_of(array_map_of("\"float\"", "\"int\""), floats), (Texts{"[{key:0,value:2},{key:1,value:3}]"}));
  Values halves;
  halves.number(5).hex_bytes("0080").number(1).hex_bytes("007e").number(2).hex_bytes("0000").number(3);
  halves.hex_bytes("01fe").number(4).hex_bytes("003c").number(5).end();
  EXPECT_EQ(
      rows_of(array_map_of(R"({"type":"fixed","name":"F","size":2,"logicalType":"arrow.float16"})", "\"int\""), halves),
      (Texts{"[{key:-0,value:3},{key:nan,value:4},{key:1,value:5}]"}));
}

TEST(ArrayMap, KeysWithoutData) {
  const std::string empty = record_json("", "Empty");
  const Values data = Values().number(2).number(1).number(2).end().end();
  EXPECT_EQ(rows_of(array_map_of(empty, "\"int\""), data, 2), (Texts{"[{key:{},value:2}]", "[]"}));
  EXPECT_EQ(rows_of(array_map_of(record_json(field_json("n", "\"null\""), "N"), "\"int\""), data, 2),
            (Texts{"[{key:{n:null},value:2}]", "[]"}));
  const Values lists =
      Values().number(3).number(2).end().number(1).number(1).end().number(2).number(2).end().number(3).end();
  EXPECT_EQ(rows_of(array_map_of(R"({"type":"array","items":"null"})", "\"int\""), lists),
            (Texts{"[{key:[null,null],value:3},{key:[null],value:2}]"}));
}

TEST(ArrayMap, ByAReaderSchema) {
  const std::string list = R"({"type":"array","items":)" + entry("\"int\"", "\"int\"") + "}";
  const std::string wide = entry(R"(["double"])", R"(["null","long"])");
  const Values data = Values().number(3).number(1).number(10).number(2).number(20).number(1).number(30).end();
  const Texts as_map = {"[{key:1,value:30},{key:2,value:20}]"};
  const Texts as_list = {"[{key:1,value:10},{key:2,value:20},{key:1,value:30}]"};
  // The reader's logical type counts.
  for (const std::string& writer : {list, array_map_of("\"int\"", "\"int\"")}) {
    const auto read = [&](const std::string& reader, const TypeOptions& options) {
      return field_rows(resolved_plan(one_field(writer), one_field(reader), {}, options), data, 1);
    };
    EXPECT_EQ(read(array_map_of("\"int\"", "\"int\""), kAsMap), as_map);
    EXPECT_EQ(read(array_map_of("\"long\"", "\"float\""), kAsMap), as_map);
    EXPECT_EQ(read("[\"null\"," + array_map(wide) + "]", kAsMap), as_map);
    EXPECT_EQ(read(list, kAsMap), as_list);
    EXPECT_EQ(read(array_map_of(R"(["null","int"])", "\"int\""), kAsMap), as_list);
    EXPECT_EQ(read(array_map_of("\"int\"", "\"int\""), {}), as_list);
  }
}

// Keys of the file that become equal: numbers too large for a float, and symbols that the reader does not have.
TEST(ArrayMap, KeysThatTheReadersTypeMakesEqual) {
  const auto read = [](const std::string& writer, const std::string& reader, const Values& data) {
    return field_rows(resolved_plan(one_field(writer), one_field(reader), {}, kAsMap), data, 1);
  };
  const Values large = Values().number(2).number(1 << 24).number(1).number((1 << 24) + 1).number(2).end();
  EXPECT_EQ(read(array_map_of("\"int\"", "\"int\""), array_map_of("\"float\"", "\"int\""), large),
            (Texts{"[{key:16777216,value:2}]"}));
  const Values symbols = Values().number(3).number(0).number(1).number(1).number(2).number(2).number(3).end();
  EXPECT_EQ(
      read(array_map_of(R"({"type":"enum","name":"E","symbols":["A","B","C"]})", "\"int\""),
           array_map_of(R"({"type":"enum","name":"E","symbols":["C","other"],"default":"other"})", "\"int\""), symbols),
      (Texts{"[{key:other,value:2},{key:C,value:3}]"}));
}

TEST(ArrayMap, DefaultWithinTheReadersSchema) {
  const std::string reader = record_json(R"({"name":"m","type":)" + array_map_of("\"int\"", "\"string\"") +
                                         R"(,"default":[{"key":1,"value":"a"},{"key":1,"value":"b"}]})");
  TestDecoder decoder(resolved_plan(record_json(field_json("a", "\"int\"")), reader, {}, kAsMap));
  EXPECT_EQ(decoder.decode(Values().number(1).number(2), 2).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), Texts(2, "{m:[{key:1,value:\"b\"}]}"));
}

// Parts of keys would not be unique.
TEST(ArrayMap, PartsOfAMapKeepWholeKeys) {
  const std::string pair = field_json("x", "\"int\"") + "," + field_json("y", "\"int\"");
  const std::string map = array_map_of(record_json(pair, "K"), record_json(pair, "V"));
  const auto schema = parse_schema(one_field(map));
  const auto fields = [&](const Texts& paths) {
    const auto columns = columns_of(schema, paths, kAsMap);
    const ArrowType& entries = columns->children.at(0).children.at(0);
    return std::pair(entries.child("key")->children.size(), entries.child("value")->children.size());
  };
  EXPECT_EQ(fields({"f.key.x"}), (std::pair<size_t, size_t>(2, 2)));
  EXPECT_EQ(fields({"f.value.y"}), (std::pair<size_t, size_t>(2, 1)));
  EXPECT_EQ(fields({"f.key", "f.value.y"}), (std::pair<size_t, size_t>(2, 1)));
  EXPECT_EQ(fields({"f.value.y", "f.key.y"}), (std::pair<size_t, size_t>(2, 1)));
  EXPECT_EQ(columns_of(schema, Texts{"f.key.x"})->children[0].children[0].children.size(), 1U);  // a list
}

// Compared with the definition: few and many keys, few and many equal ones.
TEST(ArrayMap, RandomKeys) {
  std::mt19937 random(7);
  const std::string key = record_json(
      field_json("a", R"(["null","int"])") + "," + field_json("b", R"({"type":"array","items":"string"})"), "K");
  for (int round = 0; round < 200; ++round) {
    const size_t n = random() % (round % 3 == 0 ? 200 : 20);
    const size_t different = 1 + random() % (2 * n + 1);
    std::vector<std::pair<std::string, size_t>> expected;
    Values data;
    if (n > 0) data.number(static_cast<int64_t>(n));
    for (size_t i = 0; i < n; ++i) {
      const size_t which = random() % different;
      std::string text = which % 5 == 0 ? "{a:null,b:[" : "{a:" + std::to_string(which / 3) + ",b:[";
      data.branch(which % 5 == 0 ? 0 : 1);
      if (which % 5 != 0) data.number(static_cast<int64_t>(which / 3));
      const size_t strings = which % 3;
      if (strings > 0) data.number(static_cast<int64_t>(strings));
      for (size_t k = 0; k < strings; ++k) {
        const std::string item = std::string(which % 2 == 0 ? 13 : 1, 's') + std::to_string(which / 30);
        data.string(item);
        text += (k == 0 ? "\"" : ",\"") + item + "\"";
      }
      data.end().number(static_cast<int64_t>(i));
      text += "]}";
      const auto same = [&](const auto& known) { return known.first == text; };
      const auto place = std::find_if(expected.begin(), expected.end(), same);
      if (place == expected.end()) {
        expected.emplace_back(text, i);
      } else {
        place->second = i;
      }
    }
    data.end();
    std::string text = "[";
    for (const auto& [shown, value] : expected) {
      text += (text.size() == 1 ? "{key:" : ",{key:") + shown + ",value:" + std::to_string(value) + "}";
    }
    ASSERT_EQ(rows_of(array_map_of(key, "\"long\""), data), Texts{text + "]"});
  }
}

// Forged files: 100,000 keys in one map, whose first parts are equal.
TEST(ArrayMap, TrapManyKeysTakeNoQuadraticTime) {
  constexpr int64_t kKeys = 100'000;
  const std::string key = record_json(field_json("a", "\"string\"") + "," + field_json("b", "\"long\""), "K");
  Values data;
  data.number(kKeys);
  for (int64_t i = 0; i < kKeys; ++i) data.string("the same text").number(i % (kKeys - 1)).number(i);
  data.end();
  TestDecoder decoder(plan_of(one_field(array_map_of(key, "\"long\"")), {}, kAsMap));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(decoder.decode(data, 1).status, Status::kOk);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));  // all pairs would take minutes
  EXPECT_EQ(decoder.columns().scope(1).rows, static_cast<size_t>(kKeys - 1));
}

// Columns without data must not cost time for each pair of keys: 5000 fields of type null, and keys that are all equal.
TEST(ArrayMap, TrapFieldsWithoutDataAreNotCompared) {
  std::string fields;
  for (int i = 0; i < 5000; ++i) fields += (i == 0 ? "" : ",") + field_json("n" + std::to_string(i), "\"null\"");
  Values data;
  data.number(50'000);
  for (int i = 0; i < 50'000; ++i) data.number(i);
  data.end();
  TestDecoder decoder(plan_of(one_field(array_map_of(record_json(fields, "K"), "\"int\"")), {}, kAsMap));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(decoder.decode(data, 1).status, Status::kOk);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(decoder.columns().scope(1).rows, 1U);
}

}  // namespace
}  // namespace jetliner
