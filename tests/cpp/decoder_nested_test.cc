// Lists, maps, records and unions: alignment of children, nulls at every level, forged counts, and rows that fail.
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "decoded.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kEof = "the block's data ends within the record";
constexpr const char* kCount = "count of items is more than the rest of the block can hold @ f";

TEST(DecoderNested, ArraysInSeveralBlocksSizedAndNot) {
  const std::string type = array_of("\"int\"");
  EXPECT_EQ(value_of(type, Values().end()), "[]");
  EXPECT_EQ(value_of(type, Values().number(2).number(1).number(2).end()), "[1,2]");
  EXPECT_EQ(value_of(type, Values().sized_block(2, Values().number(1).number(200)).end()), "[1,200]");
  EXPECT_EQ(value_of(type, Values()
                               .number(1)
                               .number(1)
                               .sized_block(1, Values().number(2))
                               .number(2)
                               .number(3)
                               .number(4)
                               .sized_block(1, Values().number(5))
                               .end()),
            "[1,2,3,4,5]");
}

TEST(DecoderNested, MapsKeepOrderAndDuplicateKeys) {
  const std::string type = map_of("\"int\"");
  EXPECT_EQ(value_of(type, Values()
                               .number(2)
                               .string("b")
                               .number(1)
                               .string("a")
                               .number(2)
                               .sized_block(1, Values().string("b").number(3))
                               .end()),
            R"([{key:"b",value:1},{key:"a",value:2},{key:"b",value:3}])");
  EXPECT_EQ(value_of(type, Values().number(1).bytes_value("ff").number(1).end()), "string is not valid UTF-8 @ f{key}");
  EXPECT_EQ(value_of(map_of("\"boolean\""), Values().number(1).string("a").hex_bytes("02").end()),
            "boolean is neither 0 nor 1 @ f{}");
}

TEST(DecoderNested, TheSizeOfABlockOfItemsMustBeRight) {
  const std::string type = array_of("\"int\"");
  constexpr const char* kBad = "byte size of a block of items is not what its items take @ f";
  EXPECT_EQ(value_of(type, hex("03 02 02 04 00")), kBad);     // two items, one byte
  EXPECT_EQ(value_of(type, hex("03 06 02 04 00 00")), kBad);  // two items, three bytes
  EXPECT_EQ(value_of(type, hex("03 01 02 04 00")), "length is negative or beyond the end of the block @ f");
  EXPECT_EQ(value_of(type, hex("03 0e 02 04 00")), "length is negative or beyond the end of the block @ f");
  EXPECT_EQ(value_of(type, hex("03 ff")), kEof);
  EXPECT_EQ(value_of(type, hex("03 ff ff ff ff ff ff ff ff ff 02")),
            "variable-length integer does not fit 64 bits @ f");
  EXPECT_EQ(value_of(type, hex("03 ff ff ff ff ff ff ff ff ff ff 01")),
            "variable-length integer of more than 10 bytes @ f");
}

TEST(DecoderNested, ForgedCountsAreRefusedBeforeMemoryIsTaken) {
  for (const int64_t count : {int64_t{4}, int64_t{1} << 32, int64_t{1} << 62, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(value_of(array_of("\"int\""), Values().number(count).number(1).number(2).end()), kCount) << count;
    EXPECT_EQ(value_of(map_of("\"null\""), Values().number(count).string("").end()), kCount) << count;
    EXPECT_EQ(value_of(array_of("\"double\""), Values().number(count).real64(1).real64(2).real64(3).end()), kCount);
  }
  for (const int64_t count : {int64_t{-4}, std::numeric_limits<int64_t>::min()}) {
    EXPECT_EQ(value_of(array_of("\"int\""), Values().number(count).number(2).number(1).number(2).end()), kCount);
  }
}

TEST(DecoderNested, ItemsWithoutBytesAreCounted) {
  // The limit of empty items follows the bytes of the block.
  const auto most = static_cast<int64_t>(max_empty_items(0));
  const auto beyond = static_cast<int64_t>(max_empty_items(100));
  constexpr const char* kTooMany = "too many items that take no bytes @ f";
  EXPECT_EQ(value_of(array_of("\"null\""), Values().number(3).end()), "[null,null,null]");
  EXPECT_EQ(value_of(array_of("\"null\""), Values().number(beyond).end()), kTooMany);
  EXPECT_EQ(value_of(array_of("\"null\""), Values().number(std::numeric_limits<int64_t>::min()).number(0).end()),
            kTooMany);
  EXPECT_EQ(value_of(array_of(R"({"type":"record","name":"Z","fields":[]})"), Values().number(beyond).end()), kTooMany);
  EXPECT_EQ(value_of(array_of(R"({"type":"fixed","name":"Z","size":0})"), Values().number(beyond).end()), kTooMany);

  // The limit is for each block, and does not depend on earlier blocks. Skipped items count as well.
  const std::string schema = record_json(field_json("a", array_of("\"null\"")) + "," + field_json("b", "\"int\""));
  for (const Texts& columns : {Texts{"a", "b"}, Texts{"b"}}) {
    TestDecoder decoder(schema, columns);
    Values two_rows;
    two_rows.number(most / 2).end().number(7).number(most / 2).end().number(8);
    for (int block = 0; block < 3; ++block) EXPECT_EQ(decoder.decode(two_rows, 2).status, Status::kOk);
    Values more;
    more.end().number(9).number(beyond).end().number(10);
    const Decoder::Result result = decoder.decode(more, 2);
    EXPECT_EQ(result.status, Status::kEmptyItems);
    EXPECT_EQ(result.rows, 1U);
  }
  // It grows with the block, up to a maximum.
  for (const size_t bytes : {size_t{0}, size_t{1} << 10, size_t{1} << 16, SIZE_MAX}) {
    EXPECT_LE(max_empty_items(bytes), (1U << 22) + (1U << 16));
    EXPECT_GE(max_empty_items(bytes), max_empty_items(0) + std::min(bytes, size_t{1} << 16) * 64);
  }
}

TEST(DecoderNested, NullableRecordInArrayInNullableRecord) {
  const std::string inner = R"({"type":"record","name":"I","fields":[{"name":"x","type":"int"},)"
                            R"({"name":"s","type":["string","null"]}]})";
  const std::string outer = R"({"type":"record","name":"O","fields":[{"name":"n","type":"boolean"},)"
                            R"({"name":"items","type":)" +
                            array_of("[\"null\"," + inner + "]") + R"(},{"name":"z","type":"long"}]})";
  TestDecoder decoder(record_json(field_json("o", "[\"null\"," + outer + "]") + "," + field_json("i", "\"int\"")));
  Values rows;
  rows.branch(0).number(1);                                // null
  rows.branch(1).boolean(true).end().number(5).number(2);  // no items
  rows.branch(1).boolean(false).number(3).branch(0).branch(1).number(7).branch(0).string("seven").branch(0).end();
  rows.number(6).number(3);
  rows.branch(0).number(4);
  rows.branch(1).boolean(true).sized_block(1, Values().branch(1).number(8).branch(1)).number(1).branch(0).end();
  rows.number(9).number(5);
  ASSERT_EQ(decoder.decode(rows, 5).status, Status::kOk);
  EXPECT_EQ(decoder.used_bytes(), rows.size());
  EXPECT_EQ(decoder.finish_rows(), (Texts{"{o:null,i:1}", "{o:{n:true,items:[],z:5},i:2}",
                                          R"({o:{n:false,items:[null,{x:7,s:"seven"},null],z:6},i:3})", "{o:null,i:4}",
                                          "{o:{n:true,items:[{x:8,s:null},null],z:9},i:5}"}));
}

// arrow-avro writes a nullable column of type null like this.
TEST(DecoderNested, UnionsOfNullOnly) {
  const std::string type = R"(["null","null"])";
  TestDecoder decoder(
      record_json(field_json("n", type) + "," + field_json("l", array_of(type)) + "," + field_json("i", "\"int\"")));
  Values rows;
  rows.branch(0).number(2).branch(1).branch(0).end().number(1).branch(1).end().number(2);
  ASSERT_EQ(decoder.decode(rows, 2).status, Status::kOk);
  EXPECT_EQ(decoder.used_bytes(), rows.size());
  EXPECT_EQ(decoder.finish_rows(), (Texts{"{n:null,l:[null,null],i:1}", "{n:null,l:[],i:2}"}));
  EXPECT_EQ(value_of(type, Values().branch(2)), "union branch index is outside the list of branches @ f");
}

TEST(DecoderNested, UnionsOfSeveralBranches) {
  const std::string type = R"(["int","null","string",)" + array_of("\"long\"") +
                           R"(,{"type":"enum","name":"ns.E","symbols":["A","B"]},)" +
                           record_json(field_json("x", "\"double\""), "N") + "]";
  TestDecoder decoder(record_json(field_json("u", type)));
  Values rows;
  rows.branch(0)
      .number(7)
      .branch(1)
      .branch(2)
      .string("a string of some length")
      .branch(3)
      .number(2)
      .number(1)
      .number(2)
      .end();
  rows.branch(4).number(1).branch(5).real64(0.5).branch(1).branch(3).end().branch(2).string("");
  ASSERT_EQ(decoder.decode(rows, 9).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(),
            (Texts{"{u:{int:7,string:null,array:null,ns.E:null,N:null}}", "{u:null}",
                   R"({u:{int:null,string:"a string of some length",array:null,ns.E:null,N:null}})",
                   "{u:{int:null,string:null,array:[1,2],ns.E:null,N:null}}",
                   "{u:{int:null,string:null,array:null,ns.E:B,N:null}}",
                   "{u:{int:null,string:null,array:null,ns.E:null,N:{x:0.5}}}", "{u:null}",
                   "{u:{int:null,string:null,array:[],ns.E:null,N:null}}",
                   R"({u:{int:null,string:"",array:null,ns.E:null,N:null}})"}));
  for (const int64_t bad : {int64_t{6}, int64_t{-1}, int64_t{1} << 40, std::numeric_limits<int64_t>::min()}) {
    EXPECT_EQ(value_of(type, Values().branch(bad)), "union branch index is outside the list of branches @ f") << bad;
  }
  EXPECT_EQ(value_of(type, Values().branch(3).number(1).hex_bytes("ffffffffffffffffffff")),
            "variable-length integer of more than 10 bytes @ f(array)[]");
}

// A bad row is dropped with everything that it has written: items of lists, bits and views. Rows before it stay, and
// the next rows take its place.
TEST(DecoderNested, NothingOfAFailedRowIsLeft) {
  const std::string schema =
      record_json(field_json("b", "\"boolean\"") + "," + field_json("n", R"(["null","int"])") + "," +
                  field_json("l", array_of(array_of(R"(["boolean","null"])"))) + "," +
                  field_json("m", map_of(R"(["null","string"])")) + "," +
                  field_json("u", R"(["null","boolean","string"])") + "," + field_json("end", "\"boolean\""));
  const auto row = [](bool odd, bool bad) {
    Values out;
    out.boolean(odd).branch(odd ? 0 : 1);
    if (!odd) out.number(5);
    out.number(2).number(1).branch(odd ? 1 : 0);
    if (!odd) out.boolean(true);
    out.end().sized_block(3, Values().branch(1).branch(0).boolean(true).branch(1)).end().end();
    out.number(1).string("key of some length").branch(odd ? 0 : 1);
    if (!odd) out.string("value of some length");
    out.end().branch(odd ? 1 : 2);
    if (odd) {
      out.boolean(true);
    } else {
      out.string("union");
    }
    return bad ? out.hex_bytes("07") : out.boolean(odd);
  };
  Texts expected;
  for (const bool odd : {false, true}) {
    TestDecoder decoder(schema);
    ASSERT_EQ(decoder.decode(row(odd, false), 1).status, Status::kOk);
    expected.push_back(decoder.finish_rows().at(0));
  }
  EXPECT_EQ(expected[0],
            R"({b:false,n:5,l:[[true],[null,true,null]],m:[{key:"key of some length",value:"value of some length"}],)"
            R"(u:{boolean:null,string:"union"},end:false})");

  // Every prefix of the bad row is tried as well: it fails somewhere in the middle.
  const Values bad = row(true, true);
  for (size_t cut = 0; cut <= bad.size(); ++cut) {
    TestDecoder decoder(schema);
    for (const int rows_before : {0, 1, 7, 9, 70}) {
      Values data;
      Texts all;
      for (int i = 0; i < rows_before; ++i) {
        data.append(row(i % 2 == 0, false));
        all.push_back(expected[i % 2 == 0 ? 1 : 0]);
      }
      data.raw(ByteSpan(bad.bytes()).first(cut));
      const Decoder::Result result = decoder.decode(data, static_cast<size_t>(rows_before) + 1);
      ASSERT_NE(result.status, Status::kOk);
      ASSERT_EQ(result.rows, static_cast<size_t>(rows_before));
      // Reading goes on with another block, as it does when errors are ignored.
      ASSERT_EQ(decoder.decode(row(false, false).append(row(true, false)), 2).status, Status::kOk);
      all.push_back(expected[0]);
      all.push_back(expected[1]);
      ASSERT_EQ(decoder.finish_rows(), all) << cut;
    }
  }
}

TEST(DecoderNested, NullsOnTheEdgeOfAChunkStayAndDoNotLeakIntoTheNext) {
  const std::string schema = record_json(field_json("s", R"(["null","string"])") + "," +
                                         field_json("l", "[\"null\"," + array_of("\"int\"") + "]"));
  TestDecoder decoder(schema);
  const Values null_row = Values().branch(0).branch(0);
  const Values full_row = Values().branch(1).string("x").branch(1).number(1).number(1).end();
  const std::string null_text = "{s:null,l:null}";
  const std::string full_text = R"({s:"x",l:[1]})";
  ASSERT_EQ(decoder.decode(Values().append(full_row).append(null_row), 2).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), (Texts{full_text, null_text}));
  ASSERT_EQ(decoder.decode(Values().append(full_row).append(full_row), 2).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), (Texts{full_text, full_text}));
  ASSERT_EQ(decoder.decode(Values().append(null_row).append(full_row), 2).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), (Texts{null_text, full_text}));
}

TEST(DecoderNested, ChunksWithoutRowsAreWellFormed) {
  TestDecoder decoder(record_json(field_json("s", R"(["null","string"])") + "," +
                                  field_json("l", array_of(map_of("\"bytes\""))) + "," +
                                  field_json("e", R"({"type":"enum","name":"E","symbols":["A"]})")));
  EXPECT_TRUE(decoder.finish_rows().empty());
  ASSERT_EQ(decoder.decode(Values().branch(0).end().number(0), 1).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), Texts{"{s:null,l:[],e:A}"});
  EXPECT_TRUE(decoder.finish_rows().empty());
}

TEST(DecoderNested, StringsInManyHeapBuffers) {
  TestDecoder decoder(array_of("\"string\""));
  std::mt19937 random(5);
  Values data;
  std::string expected = "{value:[";
  data.number(600);
  for (int i = 0; i < 600; ++i) {
    const std::string text(random() % 9000, static_cast<char>('a' + i % 26));
    data.string(text);
    expected += (i > 0 ? ",\"" : "\"") + text + '"';
  }
  data.end();
  for (int chunk = 0; chunk < 3; ++chunk) {  // later chunks start with the room that earlier ones needed
    ASSERT_EQ(decoder.decode(data, 1).status, Status::kOk);
    ASSERT_EQ(decoder.decode(data, 1).status, Status::kOk);
    const auto finished = decoder.finish();
    if (chunk == 0) {
      EXPECT_GT(finished->data[1].heaps.size(), 3U);
    }
    EXPECT_EQ(chunk_rows(finished), Texts(2, expected + "]}"));
  }
}

TEST(DecoderNested, ManyItemsGrowWithoutLosingBits) {
  TestDecoder decoder(array_of(R"(["null","boolean"])"));
  Values data;
  std::string expected = "{value:[";
  for (int block = 0; block < 300; ++block) {
    data.number(block % 7 + 1);
    for (int i = 0; i <= block % 7; ++i) {
      const int kind = (block + i) % 3;
      data.branch(kind == 0 ? 0 : 1);
      if (kind != 0) data.boolean(kind == 1);
      expected += std::string(expected.back() == '[' ? "" : ",") + (kind == 0 ? "null" : kind == 1 ? "true" : "false");
    }
  }
  data.end();
  ASSERT_EQ(decoder.decode(Values().append(data).append(data), 2).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), Texts(2, expected + "]}"));
}

// A type that is used again, but not within itself, is read like its definition.
TEST(DecoderNested, NamedTypesUsedTwiceAreNoRecursion) {
  TestDecoder decoder(record_json(field_json("a", record_json(field_json("x", "\"int\""), "P")) + "," +
                                  field_json("b", "\"P\"") + "," + field_json("c", array_of("\"P\""))));
  ASSERT_EQ(decoder.decode(Values().number(1).number(2).number(1).number(3).end(), 1).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), Texts{"{a:{x:1},b:{x:2},c:[{x:3}]}"});
}

// No operation may read beyond the slack (see also guard/guard_decoder_test.cc).
TEST(DecoderNested, RunsOfScalarsStayWithinTheSlack) {
  for (const char* const type : {"\"long\"", "\"double\"", R"(["null","long"])", R"(["null","double"])", "\"boolean\"",
                                 R"({"type":"fixed","name":"U","size":16,"logicalType":"uuid"})", R"(["long"])",
                                 R"({"type":"int","logicalType":"time-millis"})", R"(["null","long","boolean"])",
                                 R"(["null",{"type":"record","name":"N","fields":[{"name":"x","type":"long"}]}])",
                                 R"({"type":"enum","name":"E","symbols":["A"]})"}) {
    std::string fields;
    for (int i = 0; i < 300; ++i) {
      std::string type_i = type;
      const size_t name = type_i.find("\"name\":\"");
      if (name != std::string::npos) type_i.insert(name + 8, "T" + std::to_string(i));
      fields += (i > 0 ? "," : "") + field_json("f" + std::to_string(i), type_i);
    }
    for (const bool is_skipped : {false, true}) {
      TestDecoder decoder(record_json(fields), is_skipped ? std::optional<Texts>(Texts{"f299"}) : std::nullopt);
      for (const size_t n : {0, 1, 40, 200}) {
        for (const int byte : {0x00, 0x02, 0x80, 0xff}) {
          const Bytes data(n, static_cast<uint8_t>(byte));
          EXPECT_NE(decoder.decode(data, 1, 0x00).status, Status::kOk) << type;
          EXPECT_NE(decoder.decode(data, 1, 0x80).status, Status::kOk) << type;
          EXPECT_NE(decoder.decode(data, 1, 0xff).status, Status::kOk) << type;
        }
      }
    }
  }
}

}  // namespace
}  // namespace jetliner
