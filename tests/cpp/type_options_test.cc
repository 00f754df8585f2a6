// TypeOptions: enum_as, map_as and utf8.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "decoded.h"
#include "resolved.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

constexpr TypeOptions kAsCategories{.enum_as = EnumAs::kCategorical};
constexpr TypeOptions kAsText{.enum_as = EnumAs::kString};
constexpr TypeOptions kAsMap{.map_as = MapAs::kMap};
constexpr TypeOptions kReplace{.utf8 = Utf8::kReplace};

constexpr const char* kEnum = R"({"type":"enum","name":"E","symbols":["A","a symbol that is long","C"]})";
constexpr const char* kFfFd = "\xef\xbf\xbd";

std::string metadata_of(const TypeOptions& options) {
  BatchSchema schema;
  schema.columns = columns_of(parse_schema(one_field(kEnum)), {}, options);
  Owned<ArrowSchema> exported;
  export_schema(schema, &exported.c);
  const char* const metadata = exported.c.children[0]->metadata;
  return metadata == nullptr ? "" : std::string(metadata + 8, 16);
}

TEST(EnumAs, TypesInArrow) {
  EXPECT_EQ(field_schema_text(kEnum, {}), "f:I<vu>");
  EXPECT_EQ(field_schema_text(kEnum, kAsCategories), "f:I<vu>");
  EXPECT_EQ(field_schema_text(kEnum, kAsText), "f:vu");
  EXPECT_EQ(metadata_of({}), "_PL_ENUM_VALUES2");
  EXPECT_EQ(metadata_of(kAsCategories), "");
}

TEST(EnumAs, TextIsThatOfTheSymbol) {
  const Values data = Values().number(1).number(0).number(2).number(1);
  EXPECT_EQ(field_rows(kEnum, kAsText, data, 4),
            (Texts{"\"a symbol that is long\"", "\"A\"", "\"C\"", "\"a symbol that is long\""}));
  EXPECT_EQ(field_rows(kEnum, kAsCategories, data, 4),
            (Texts{"a symbol that is long", "A", "C", "a symbol that is long"}));
}

TEST(EnumAs, PlanForText) {
  EXPECT_EQ(plan_of(one_field(kEnum), {}, kAsText)->dump(), "0 EnumText column 0 a 3 'f'\n1 End\n");
  EXPECT_EQ(plan_of(one_field("[\"null\"," + std::string(kEnum) + "]"), {}, kAsText)->dump(),
            "0 NullableEnumText column 0 null 0 a 3 'f'\n1 End\n");
}

TEST(EnumAs, IndexOutsideTheSymbolsIsAnError) {
  for (const TypeOptions& options : {kAsText, kAsCategories}) {
    for (const int64_t index : {3, -1, 1 << 20}) {
      EXPECT_EQ(field_rows(kEnum, options, Values().number(0).number(index), 2).back(),
                "enum index is outside the list of symbols @ f");
    }
  }
}

TEST(EnumAs, NullsListsAndUnions) {
  const std::string nullable = R"(["null",)" + std::string(kEnum) + "]";
  EXPECT_EQ(field_rows(nullable, kAsText, Values().branch(0).branch(1).number(1), 2),
            (Texts{"null", "\"a symbol that is long\""}));
  EXPECT_EQ(field_rows(array_of(nullable), kAsText, Values().number(2).branch(1).number(2).branch(0).end()),
            (Texts{R"(["C",null])"}));
  const std::string several = R"(["null","int",)" + std::string(kEnum) + "]";
  EXPECT_EQ(field_rows(several, kAsText, Values().branch(2).number(1).branch(1).number(7).branch(0), 3),
            (Texts{R"({int:null,E:"a symbol that is long"})", "{int:7,E:null}", "null"}));
}

// Several chunks of one decoder. All have views into the same heap.
TEST(EnumAs, ChunksShareTheSymbols) {
  TestDecoder decoder(plan_of(one_field(kEnum), {}, kAsText));
  EXPECT_EQ(decoder.decode(Values().number(1), 1).status, Status::kOk);
  const auto first = decoder.finish();
  EXPECT_EQ(decoder.decode(Values().number(0).number(1), 2).status, Status::kOk);
  const auto second = decoder.finish();
  EXPECT_EQ(chunk_rows(first), (Texts{R"({f:"a symbol that is long"})"}));
  EXPECT_EQ(chunk_rows(second), (Texts{R"({f:"A"})", R"({f:"a symbol that is long"})"}));
  EXPECT_EQ(first->data[0].heaps.at(0).data, second->data[0].heaps.at(0).data);
}

TEST(EnumAs, SymbolsOfTheReadersSchema) {
  const std::string writer = one_field(R"({"type":"enum","name":"E","symbols":["A","B","C"]})");
  const std::string reader = one_field(R"({"type":"enum","name":"E","symbols":["C","A"]})");
  const std::string with_default = one_field(R"({"type":"enum","name":"E","symbols":["C","A","Z"],"default":"Z"})");
  const auto decoded = [&](const std::string& by, const TypeOptions& options) {
    TestDecoder decoder(resolved_plan(writer, by, {}, options));
    const Decoder::Result result = decoder.decode(Values().number(0).number(2).number(1), 3);
    Texts texts = decoder.finish_rows();
    if (result.status != Status::kOk) texts.push_back(outcome(decoder.plan(), result));
    return texts;
  };
  for (const TypeOptions& options : {TypeOptions{}, kAsCategories}) {
    EXPECT_EQ(decoded(with_default, options), (Texts{"{f:A}", "{f:C}", "{f:Z}"}));
  }
  EXPECT_EQ(decoded(with_default, kAsText), (Texts{R"({f:"A"})", R"({f:"C"})", R"({f:"Z"})"}));
  EXPECT_EQ(decoded(reader, kAsText).size(), 3U);
  EXPECT_EQ(decoded(reader, kAsText), (Texts{R"({f:"A"})", R"({f:"C"})", decoded(reader, {}).back()}));
}

TEST(EnumAs, DefaultOfAFieldThatTheWriterLacks) {
  const std::string writer = record_json(field_json("a", "\"int\""));
  const std::string reader =
      record_json(R"({"name":"e","type":{"type":"enum","name":"E","symbols":["A","a symbol that is long"]},)"
                  R"("default":"a symbol that is long"})");
  TestDecoder decoder(resolved_plan(writer, reader, {}, kAsText));
  EXPECT_EQ(decoder.decode(Values().number(1).number(2), 2).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), Texts(2, R"({e:"a symbol that is long"})"));
}

TEST(MapAs, TypeInArrow) {
  EXPECT_EQ(field_schema_text(map_of("\"int\""), {}), "f:+L[entries:+s[key:vu,value:i]]");
  EXPECT_EQ(field_schema_text(map_of("\"int\""), kAsMap), "f:+m[entries:+s[key:vu,value:i]]");
  EXPECT_EQ(field_schema_text(array_of(map_of(map_of("\"int\""))), kAsMap),
            "f:+L[item:+m[entries:+s[key:vu,value:+m[entries:+s[key:vu,value:i]]]]]");
}

TEST(MapAs, EntriesAreInTheOrderOfTheData) {
  const Values data =
      Values().number(2).string("b").number(1).string("a").number(2).end().end().number(1).string("").number(3).end();
  EXPECT_EQ(field_rows(map_of("\"int\""), kAsMap, data, 3),
            (Texts{"[{key:\"b\",value:1},{key:\"a\",value:2}]", "[]", "[{key:\"\",value:3}]"}));
}

TEST(MapAs, KeyThatOccursAgainKeepsItsFirstPlaceAndItsLastValue) {
  Values data;
  data.number(3).string("b").number(1).string("a").number(2).string("b").number(3);
  data.sized_block(2, Values().string("c").number(4).string("b").number(5)).end();
  data.number(1).string("b").number(9).end();
  EXPECT_EQ(field_rows(map_of("\"int\""), kAsMap, data, 2),
            (Texts{"[{key:\"b\",value:5},{key:\"a\",value:2},{key:\"c\",value:4}]", "[{key:\"b\",value:9}]"}));
}

TEST(MapAs, LongKeysThatDifferOnlyAtTheirEndAreDifferent) {
  const std::string key(40, 'k');
  const Values data =
      Values().number(3).string(key + "1").number(1).string(key + "2").number(2).string(key + "1").number(3).end();
  EXPECT_EQ(field_rows(map_of("\"int\""), kAsMap, data),
            (Texts{"[{key:\"" + key + "1\",value:3},{key:\"" + key + "2\",value:2}]"}));
}

// Values of every layout move with their keys: bits, nulls, numbers, views, nested lists and maps.
TEST(MapAs, ValuesOfAllLayoutsFollowTheirKeys) {
  const std::string item =
      record_json(field_json("b", "\"boolean\"") + "," + field_json("n", R"(["null","long"])") + "," +
                      field_json("s", "\"string\"") + "," + field_json("l", array_of(R"(["null","boolean"])")) + "," +
                      field_json("m", map_of("\"float\"")) + "," +
                      field_json("x", R"({"type":"fixed","name":"X","size":2})") + "," + field_json("z", "\"null\"") +
                      "," + field_json("d", R"({"type":"bytes","logicalType":"decimal","precision":9})"),
                  "V");
  const auto value = [](int i, int64_t items) {
    Values v;
    v.boolean(i % 2 == 1).branch(i % 3 == 0 ? 0 : 1);
    if (i % 3 != 0) v.number(i);
    v.string("text of value number " + std::to_string(i));
    if (items > 0) v.number(items);
    for (int64_t k = 0; k < items; ++k) {
      v.branch(k % 2);
      if (k % 2 == 1) v.boolean(i % 2 == 0);
    }
    v.end();
    v.number(2).string("same").real32(1).string("same").real32(static_cast<float>(i)).end();
    v.hex_bytes("0a0b").bytes_value("05");
    return v;
  };
  const auto text = [](int i, int64_t items) {
    std::string list;
    for (int64_t k = 0; k < items; ++k) {
      list += k == 0 ? "" : ",";
      list += k % 2 == 0 ? "null" : i % 2 == 0 ? "true" : "false";
    }
    return std::string("{b:") + (i % 2 == 1 ? "true" : "false") + ",n:" + (i % 3 == 0 ? "null" : std::to_string(i)) +
           ",s:\"text of value number " + std::to_string(i) + "\",l:[" + list +
           "],m:[{key:\"same\",value:" + std::to_string(i) + "}],x:x'0a0b',z:null,d:5}";
  };
  Values data;
  data.number(1).string("first").append(value(9, 1)).end();
  data.number(4).string("p").append(value(1, 3)).string("q").append(value(2, 0));
  data.string("p").append(value(3, 2)).string("r").append(value(4, 4)).end();
  data.number(2).string("q").append(value(5, 5)).string("q").append(value(6, 1)).end();
  data.number(1).string("last").append(value(7, 2)).end();
  EXPECT_EQ(field_rows(map_of(item), kAsMap, data, 4),
            (Texts{"[{key:\"first\",value:" + text(9, 1) + "}]",
                   "[{key:\"p\",value:" + text(3, 2) + "},{key:\"q\",value:" + text(2, 0) +
                       "},{key:\"r\",value:" + text(4, 4) + "}]",
                   "[{key:\"q\",value:" + text(6, 1) + "}]", "[{key:\"last\",value:" + text(7, 2) + "}]"}));
}

// Compared with the definition: few and many keys, few and many equal ones.
TEST(MapAs, RandomKeys) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    const size_t n = round % 3 == 0 ? random() % 200 : random() % 20;
    const size_t different = 1 + random() % (2 * n + 1);
    std::vector<std::pair<std::string, int64_t>> expected;
    Values data;
    if (n > 0) data.number(static_cast<int64_t>(n));
    for (size_t i = 0; i < n; ++i) {
      const size_t which = random() % different;
      const std::string key = std::to_string(which) + std::string(which % 3 == 0 ? 15 : 0, 'x');
      data.string(key).number(static_cast<int64_t>(i));
      const auto same = [&](const auto& entry) { return entry.first == key; };
      const auto place = std::find_if(expected.begin(), expected.end(), same);
      if (place == expected.end()) {
        expected.emplace_back(key, i);
      } else {
        place->second = static_cast<int64_t>(i);
      }
    }
    data.end();
    std::string text = "[";
    for (const auto& [key, value] : expected) {
      text += (text.size() == 1 ? "{key:\"" : ",{key:\"") + key + "\",value:" + std::to_string(value) + "}";
    }
    ASSERT_EQ(field_rows(map_of("\"long\""), kAsMap, data), Texts{text + "]"});
  }
}

TEST(MapAs, RowsAfterAFailureAndNulls) {
  const std::string type = "[\"null\"," + map_of("\"int\"") + "]";
  TestDecoder decoder(plan_of(one_field(type), {}, kAsMap));
  const Values twice = Values().branch(1).number(2).string("k").number(1).string("k").number(2).end();
  // The second row ends too early, after a map that became shorter.
  EXPECT_EQ(decoder.decode(Values().append(twice).append(twice).branch(5), 3).rows, 2U);
  EXPECT_EQ(decoder.decode(Values().branch(0).append(twice), 2).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(),
            (Texts{"{f:[{key:\"k\",value:2}]}", "{f:[{key:\"k\",value:2}]}", "{f:null}", "{f:[{key:\"k\",value:2}]}"}));
}

TEST(MapAs, ManyRowsGrowAsListsDo) {
  TestDecoder decoder(plan_of(one_field(map_of("\"int\"")), {}, kAsMap));
  Values data;
  constexpr size_t kRows = 3000;
  for (size_t i = 0; i < kRows; ++i)
    data.number(2).string("a").number(1).string(i % 2 == 0 ? "a" : "b").number(2).end();
  EXPECT_EQ(decoder.decode(data, kRows).status, Status::kOk);
  const Texts rows = decoder.finish_rows();
  ASSERT_EQ(rows.size(), kRows);
  for (size_t i = 0; i < kRows; ++i) {
    ASSERT_EQ(rows[i], i % 2 == 0 ? "{f:[{key:\"a\",value:2}]}" : "{f:[{key:\"a\",value:1},{key:\"b\",value:2}]}");
  }
}

TEST(MapAs, PartsOfAMapKeepKeysAndValues) {
  const std::string item = record_json(field_json("x", "\"int\"") + "," + field_json("y", "\"int\""), "V");
  const auto schema = parse_schema(one_field(map_of(item)));
  for (const char* path : {"f.value.x", "f.key"}) {
    const auto columns = columns_of(schema, Texts{path}, kAsMap);
    const ArrowType& entries = columns->children.at(0).children.at(0);
    ASSERT_EQ(entries.children.size(), 2U) << path;
    EXPECT_EQ(entries.children[0].name, "key");
    EXPECT_EQ(entries.children[1].children.size(), path == std::string("f.key") ? 2U : 1U);
  }
}

TEST(MapAs, DefaultWithinTheReadersSchema) {
  const std::string writer = record_json(field_json("a", "\"int\""));
  const std::string reader =
      record_json(R"({"name":"m","type":{"type":"map","values":"int"},"default":{"k":1,"l":2}})");
  TestDecoder decoder(resolved_plan(writer, reader, {}, kAsMap));
  EXPECT_EQ(decoder.decode(Values().number(1).number(2), 2).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), Texts(2, "{m:[{key:\"k\",value:1},{key:\"l\",value:2}]}"));
}

TEST(Utf8Replace, StringsInlineAndInTheHeap) {
  const std::string head = "text that is longer than a view holds: ";
  const Values data = Values()
                          .string("a\xff")
                          .string("fine")
                          .string(head + "\xc3")
                          .string(head + "\xc3\xa9")
                          .string("123456789012\xe2\x82")
                          .string("\xff\xff\xff\xff\xff");
  std::string five;
  for (int i = 0; i < 5; ++i) five += kFfFd;
  EXPECT_EQ(field_rows("\"string\"", kReplace, data, 6),
            (Texts{std::string("\"a") + kFfFd + '"', "\"fine\"", '"' + head + kFfFd + '"', '"' + head + "\xc3\xa9\"",
                   std::string("\"123456789012") + kFfFd + '"', '"' + five + '"'}));
}

// No invalid UTF-8 remains in the heap: some importers check all of it.
TEST(Utf8Replace, HeapHoldsOnlyText) {
  TestDecoder decoder(plan_of(one_field("\"string\""), {}, kReplace));
  const std::string bad = std::string(50, '\xff');
  EXPECT_EQ(decoder.decode(Values().string(bad).string("this one was valid from the start").string(bad), 3).status,
            Status::kOk);
  const auto chunk = decoder.finish();
  for (const HeapBuffer& heap : chunk->data[0].heaps) EXPECT_TRUE(valid_utf8(heap.data, heap.bytes));
  EXPECT_EQ(chunk_rows(chunk).at(1), "{f:\"this one was valid from the start\"}");
}

TEST(Utf8Replace, OnlyWhereItIsAskedFor) {
  EXPECT_EQ(field_rows("\"string\"", {}, Values().string("\xff")), (Texts{"string is not valid UTF-8 @ f"}));
  EXPECT_EQ(plan_of(one_field("\"string\""))->dump(), "0 String column 0 'f'\n1 End\n");
  EXPECT_EQ(plan_of(one_field("\"string\""), {}, kReplace)->dump(), "0 ReplacedString column 0 'f'\n1 End\n");
}

TEST(Utf8Replace, KeysNullsAndLengths) {
  EXPECT_EQ(field_rows(map_of("\"string\""), kReplace, Values().number(1).string("\xff").string("\xc3").end()),
            (Texts{std::string("[{key:\"") + kFfFd + "\",value:\"" + kFfFd + "\"}]"}));
  EXPECT_EQ(field_rows(R"(["null","string"])", kReplace, Values().branch(0).branch(1).string("\xff"), 2),
            (Texts{"null", std::string("\"") + kFfFd + '"'}));
  EXPECT_EQ(field_rows("\"string\"", kReplace, Values().number(1000)),
            (Texts{"length is negative or beyond the end of the block @ f"}));
  // Two keys that become equal are one key.
  TypeOptions both = kReplace;
  both.map_as = MapAs::kMap;
  EXPECT_EQ(
      field_rows(map_of("\"int\""), both, Values().number(2).string("\xff").number(1).string("\xfe").number(2).end()),
      (Texts{std::string("[{key:\"") + kFfFd + "\",value:2}]"}));
}

TEST(Utf8Replace, TextOfRecursiveTypes) {
  const std::string schema = record_json(field_json("s", "\"string\"") + "," + field_json("m", map_of("\"int\"")) +
                                         "," + field_json("next", R"(["null","R"])"));
  const Values inner = Values().string("i\xff").number(1).string("k\xc3").number(1).end().branch(0);
  const Values data = Values().string("o\xfe").end().branch(1).append(inner);
  TestDecoder decoder(plan_of(schema, {}, kReplace));
  EXPECT_EQ(outcome(decoder.plan(), decoder.decode(data, 1)), "ok");
  const std::string json = std::string("{\"s\":\"i") + kFfFd + "\",\"m\":{\"k" + kFfFd + "\":1},\"next\":null}";
  EXPECT_EQ(decoder.finish_rows(), (Texts{std::string("{s:\"o") + kFfFd + "\",m:[],next:\"" + json + "\"}"}));
  TestDecoder strict(plan_of(schema));
  EXPECT_EQ(strict.decode(Values().string("o").end().branch(1).append(inner), 1).status, Status::kUtf8);
}

TEST(Utf8Replace, BytesThatAreReadAsText) {
  const std::string writer = one_field("\"bytes\"");
  const std::string reader = one_field("\"string\"");
  TestDecoder decoder(resolved_plan(writer, reader, {}, kReplace));
  EXPECT_EQ(decoder.decode(Values().bytes_value("61ff"), 1).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), (Texts{std::string("{f:\"a") + kFfFd + "\"}"}));
}

// With a reader's schema: the same encoding, and another one.
TEST(Utf8Replace, TextOfRecursiveTypesThatAreResolved) {
  const std::string writer = record_json(field_json("s", "\"bytes\"") + "," + field_json("next", R"(["null","R"])"));
  const Values data = Values().bytes_value("61").branch(1).bytes_value("62ff").branch(0);
  for (const bool reorder : {false, true}) {
    const std::string s = field_json("s", "\"string\"");
    const std::string next = field_json("next", R"(["null","R"])");
    TestDecoder decoder(resolved_plan(writer, record_json(reorder ? next + "," + s : s + "," + next), {}, kReplace));
    EXPECT_EQ(outcome(decoder.plan(), decoder.decode(data, 1)), "ok");
    const std::string text = std::string("\"s\":\"b") + kFfFd + "\"";
    const std::string json = reorder ? "{\"next\":null," + text + "}" : "{" + text + ",\"next\":null}";
    const std::string row = reorder ? "{next:\"" + json + "\",s:\"a\"}" : "{s:\"a\",next:\"" + json + "\"}";
    EXPECT_EQ(decoder.finish_rows(), (Texts{row}));
  }
}

}  // namespace
}  // namespace jetliner
