// Values read by another schema than the writer's: rows from bytes, and files through the Reader.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "read_all.h"
#include "resolved.h"

namespace jetliner {
namespace {

using Rows = std::vector<std::string>;

TEST(ResolveDecode, Promotions) {
  EXPECT_EQ(resolved_value("\"int\"", "\"long\"", Values().number(-3)), "-3");
  EXPECT_EQ(resolved_value("\"int\"", "\"float\"", Values().number(16777217)), "16777216");
  EXPECT_EQ(resolved_value("\"int\"", "\"double\"", Values().number(16777217)), "16777217");
  EXPECT_EQ(resolved_value("\"long\"", "\"float\"", Values().number(INT64_MIN)), "-9.223372e+18");
  EXPECT_EQ(resolved_value("\"long\"", "\"double\"", Values().number(9007199254740993)), "9007199254740992");
  EXPECT_EQ(resolved_value("\"float\"", "\"double\"", Values().real32(0.5F)), "0.5");
  EXPECT_EQ(resolved_value("\"string\"", "\"bytes\"", Values().string("ab")),
            resolved_value("\"bytes\"", "\"bytes\"", Values().string("ab")));
  EXPECT_EQ(resolved_value("\"bytes\"", "\"string\"", Values().string("é")), "\"é\"");
  EXPECT_EQ(resolved_value("\"bytes\"", "\"string\"", Values().bytes_value("ff")), "string is not valid UTF-8 @ f");
  for (const std::string reader : {"\"long\"", "\"float\"", "\"double\""}) {
    EXPECT_EQ(resolved_value("\"int\"", reader, Values().number(1LL << 31)), "int does not fit 32 bits @ f");
    EXPECT_EQ(resolved_value(R"(["null","int"])", "[\"null\"," + reader + "]", Values().branch(0)), "null");
    EXPECT_EQ(resolved_value(R"(["null","int"])", "[\"null\"," + reader + "]", Values().branch(1).number(7)), "7");
  }
  EXPECT_EQ(resolved_value(R"(["float","null"])", R"(["null","double"])", Values().branch(0).real32(-1.5F)), "-1.5");
  EXPECT_EQ(resolved_value(R"(["long","null"])", R"(["null","double"])", Values().branch(1)), "null");
}

TEST(ResolveDecode, EnumsBySymbol) {
  const std::string writer = R"({"type":"enum","name":"E","symbols":["a","b","x"]})";
  const std::string reader = R"({"type":"enum","name":"E","symbols":["b","a"]})";
  const std::string unknown = "the enum of the reader schema does not have the value's symbol, and has no default @ f";
  EXPECT_EQ(resolved_value(writer, reader, Values().number(0)), "a");
  EXPECT_EQ(resolved_value(writer, reader, Values().number(1)), "b");
  EXPECT_EQ(resolved_value(writer, reader, Values().number(2)), unknown);
  EXPECT_EQ(resolved_value(writer, reader, Values().number(3)), "enum index is outside the list of symbols @ f");
  EXPECT_EQ(
      resolved_value(writer, R"({"type":"enum","name":"E","symbols":["b","a"],"default":"a"})", Values().number(2)),
      "a");
  // The rows before the unknown symbol are read.
  EXPECT_EQ(resolved_rows(one_field(writer), one_field(reader), Values().number(1).number(2).number(0), 3),
            (Rows{"{f:b}", unknown}));
}

TEST(ResolveDecode, Unions) {
  const std::string failed = "the value cannot be read by the reader schema @ f";
  EXPECT_EQ(resolved_value(R"(["int","string"])", "\"long\"", Values().branch(0).number(4)), "4");
  EXPECT_EQ(resolved_value(R"(["int","string"])", "\"long\"", Values().branch(1).string("x")), failed);
  EXPECT_EQ(resolved_value(R"(["null","int"])", "\"int\"", Values().branch(0)), failed);
  EXPECT_EQ(resolved_value(R"(["null","int"])", "\"int\"", Values().branch(2)),
            "union branch index is outside the list of branches @ f");
  EXPECT_EQ(resolved_value("\"int\"", R"(["null","string","double"])", Values().number(2)), "{string:null,double:2}");
  EXPECT_EQ(resolved_value(R"(["null","int","string"])", R"(["string","null","bytes","int"])", Values().branch(0)),
            "null");
  EXPECT_EQ(
      resolved_value(R"(["null","int","string"])", R"(["string","null","bytes","int"])", Values().branch(1).number(3)),
      "{string:null,bytes:null,int:3}");
  // Two branches of the writer's become one of the reader's.
  EXPECT_EQ(resolved_value(R"(["int","float"])", R"(["null","double","string"])", Values().branch(1).real32(0.25F)),
            "{double:0.25,string:null}");
  EXPECT_EQ(resolved_value(R"(["int","float"])", R"(["null","double"])", Values().branch(0).number(1)), "1");
}

TEST(ResolveDecode, DefaultsOfEveryShape) {
  const std::string writer = record_json(field_json("id", "\"int\""));
  const std::string point =
      record_json(field_json("x", "\"int\"") + R"(,{"name":"tags","type":{"type":"array","items":["null","string"]},)"
                                               R"("default":["a string of more than twelve bytes",null]})",
                  "Point");
  const auto value = [&](const std::string& type, const std::string& json) {
    const std::string reader =
        record_json(R"({"name":"f","type":)" + type + R"(,"default":)" + json + "}," + field_json("id", "\"int\""));
    const Rows rows = resolved_rows(writer, reader, Values().number(1).number(2), 2);
    EXPECT_EQ(rows.size(), 2U);
    const std::string first = rows.at(0).substr(3, rows.at(0).find(",id:1") - 3);
    EXPECT_EQ(rows.at(1), "{f:" + first + ",id:2}");
    return first;
  };
  EXPECT_EQ(value("\"int\"", "5"), "5");
  EXPECT_EQ(value(R"(["null","int"])", "null"), "null");
  EXPECT_EQ(value(R"(["null","int"])", "5"), "5");
  EXPECT_EQ(value("\"string\"", "\"a string of more than twelve bytes\""), "\"a string of more than twelve bytes\"");
  EXPECT_EQ(value(R"(["null","string","int"])", "5"), "{string:null,int:5}");
  EXPECT_EQ(value(R"(["null",)" + point + "]", "null"), "null");
  EXPECT_EQ(value(point, R"({"x":1})"), R"({x:1,tags:["a string of more than twelve bytes",null]})");
  EXPECT_EQ(value(R"({"type":"map","values":)" + point + "}", R"({"k":{"x":2,"tags":[]}})"),
            R"([{key:"k",value:{x:2,tags:[]}}])");
  EXPECT_EQ(
      value(R"({"type":"record","name":"L","fields":[{"name":"v","type":"int"},{"name":"n","type":["null","L"]}]})",
            R"({"v":1,"n":{"v":2,"n":null}})"),
      R"({v:1,n:"{"v":2,"n":null}"})");
}

// Null items take no bytes, so their number is bounded. Those of a default come from the schema and do not count, even
// if the default is used many times.
TEST(ResolveDecode, DefaultsDoNotCountAgainstTheLimitOfEmptyItems) {
  std::string nulls = "null";
  for (int i = 1; i < 1000; ++i) nulls += ",null";
  const size_t rows = 2 * max_empty_items(SIZE_MAX) / 1000;
  TestDecoder decoder(
      resolved_plan(record_json(field_json("id", "\"int\"")),
                    record_json(R"({"name":"f","type":{"type":"array","items":"null"},"default":[)" + nulls + "]}")));
  EXPECT_EQ(decoder.decode(Values().zeros(rows), rows).status, Status::kOk);
}

TEST(ResolveDecode, NestedRecords) {
  const std::string writer = record_json(
      field_json("list", R"({"type":"array","items":["null",)" +
                             record_json(field_json("a", "\"int\"") + "," + field_json("drop", "\"string\"") + "," +
                                             field_json("b", "\"string\""),
                                         "P") +
                             "]}") +
      "," + field_json("last", "\"int\""));
  const std::string reader =
      record_json(field_json("last", "\"long\"") + "," +
                  field_json("list", R"({"type":"array","items":["null",)" +
                                         record_json(field_json("b", "\"bytes\"") +
                                                         R"(,{"name":"c","type":"double","default":1.5},)" +
                                                         field_json("a", "\"long\""),
                                                     "P") +
                                         "]}"));
  const Values data = Values()
                          .sized_block(2, Values().branch(1).number(1).string("gone").string("b").branch(0))
                          .number(1)
                          .branch(1)
                          .number(3)
                          .string("")
                          .string("long enough for a heap")
                          .end()
                          .number(9);
  const Rows all = resolved_rows(writer, reader, data);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(resolved_rows(writer, reader, data, 1, Rows{"list.a"}), Rows{"{list:[{a:1},null,{a:3}]}"});
  EXPECT_EQ(resolved_rows(writer, reader, data, 1, Rows{"list.c", "last"}),
            Rows{"{last:9,list:[{c:1.5},null,{c:1.5}]}"});
  // Cut anywhere, it is an error and no row.
  for (size_t n = 0; n < data.size(); ++n) {
    TestDecoder decoder(resolved_plan(writer, reader));
    const Decoder::Result result = decoder.decode(ByteSpan(data.bytes()).first(n), 1);
    EXPECT_NE(result.status, Status::kOk) << n;
    EXPECT_TRUE(decoder.finish_rows().empty());
  }
}

const std::string kList = record_json(field_json("v", "\"int\"") + "," + field_json("n", R"(["null","L"])"), "L");

TEST(ResolveDecode, RecordsWithinThemselves) {
  const Values data = Values().number(1).branch(1).number(2).branch(1).number(3).branch(0);
  const auto fields = [](const std::string& more) {
    return record_json(field_json("n", R"(["null","L"])") + "," + field_json("v", "\"double\"") + more, "L");
  };
  EXPECT_EQ(resolved_rows(kList, fields(""), data), Rows{R"({n:"{"n":{"n":null,"v":3},"v":2}",v:1})"});
  EXPECT_EQ(
      resolved_rows(kList, fields(R"(,{"name":"z","type":{"type":"map","values":"int"},"default":{"k":7}})"), data),
      Rows{R"({n:"{"n":{"n":null,"v":3,"z":{"k":7}},"v":2,"z":{"k":7}}",v:1,z:[{key:"k",value:7}]})"});
  // The same bytes with other names.
  EXPECT_EQ(
      resolved_rows(
          kList, record_json(R"({"name":"w","type":"int","aliases":["v"]},)" + field_json("n", R"(["null","L"])"), "L"),
          data),
      Rows{R"({w:1,n:"{"w":2,"n":{"w":3,"n":null}}"})"});
  // A field that is not read is skipped.
  EXPECT_EQ(resolved_rows(kList, record_json(field_json("v", "\"int\""), "L"), data), Rows{"{v:1}"});
  // An error of a value inside the record.
  EXPECT_EQ(resolved_rows(kList, record_json(field_json("v", "\"int\"") + "," + field_json("n", "[\"L\"]"), "L"), data),
            Rows{"the value cannot be read by the reader schema @ n"});
  for (size_t n = 0; n < data.size(); ++n) {
    TestDecoder decoder(resolved_plan(kList, fields("")));
    EXPECT_NE(decoder.decode(ByteSpan(data.bytes()).first(n), 1).status, Status::kOk) << n;
  }
}

// Every kind of value inside a recursive record.
TEST(ResolveDecode, AllTypesWithinThemselves) {
  const std::string en = R"({"type":"enum","name":"E","symbols":["a","b"]})";
  const std::string re = R"({"type":"enum","name":"E","symbols":["b"],"default":"b"})";
  const std::string writer = record_json(
      field_json("i", "\"int\"") + "," + field_json("s", "\"string\"") + "," + field_json("drop", "\"bytes\"") + "," +
          field_json("e", en) + "," + field_json("l", R"({"type":"array","items":"int"})") + "," +
          field_json("m", R"({"type":"map","values":"float"})") + "," + field_json("u", R"(["int","string"])") + "," +
          field_json("n", R"(["null","T"])"),
      "T");
  const std::string reader =
      record_json(field_json("n", R"(["T","null"])") + "," + field_json("u", R"(["null","string","long"])") + "," +
                      field_json("m", R"({"type":"map","values":"double"})") + "," +
                      field_json("l", R"({"type":"array","items":["null","float"]})") + "," + field_json("e", re) +
                      "," + field_json("s", "\"bytes\"") + "," + field_json("i", "\"long\""),
                  "T");
  const auto level = [](const Values& rest) {
    return Values()
        .number(-5)
        .string("A")
        .string("dropped")
        .number(0)
        .sized_block(2, Values().number(1).number(2))
        .end()
        .number(1)
        .string("k")
        .real32(0.5F)
        .end()
        .branch(0)
        .number(6)
        .append(rest);
  };
  const Rows rows =
      resolved_rows(writer, reader, level(Values().branch(1).append(level(Values().branch(0)))), 1, Rows{"n"});
  EXPECT_EQ(rows, Rows{R"({n:"{"n":null,"u":6,"m":{"k":0.5},"l":[1,2],"e":"b","s":"QQ==","i":-5}"})"});
}

TEST(ResolveDecode, FilesOfManySchemas) {
  AvroFile a(record_json(field_json("id", "\"int\"") + "," + field_json("name", "\"string\"")));
  a.block(2, Values().number(1).string("one").number(2).string("two"));
  AvroFile b(record_json(field_json("name", "\"string\"") + "," + field_json("key", "\"long\"") + "," +
                         field_json("more", "\"int\"")));
  b.block(1, Values().string("three").number(3).number(0));
  MemoryFiles files;
  files.add("a.avro", a.bytes());
  files.add("b.avro", b.bytes());
  files.add("c.avro", a.bytes());
  ReadOptions options;
  options.reader_schema = record_json(R"({"name":"id","type":"long","aliases":["key"]},)"
                                      R"({"name":"name","type":["null","string"]},)"
                                      R"({"name":"more","type":"int","default":-1})");
  for (const size_t threads : {1, 2}) {
    options.n_threads = threads;
    const ReadOutcome outcome = read_all(files, options);
    EXPECT_FALSE(outcome.error.has_value());
    EXPECT_EQ(outcome.rows,
              (Rows{R"({id:1,name:"one",more:-1})", R"({id:2,name:"two",more:-1})", R"({id:3,name:"three",more:0})",
                    R"({id:1,name:"one",more:-1})", R"({id:2,name:"two",more:-1})"}));
  }
  options.columns = ColumnNames{{"more"}};
  options.row_index_name = "row";
  options.n_rows = 3;
  EXPECT_EQ(read_all(files, options).rows, (Rows{"{row:0,more:-1}", "{row:1,more:-1}", "{row:2,more:0}"}));
}

TEST(ResolveDecode, ErrorsNameTheFileAndTheField) {
  AvroFile good(record_json(field_json("a", "\"int\"")));
  good.block(1, Values().number(1));
  AvroFile bad(record_json(field_json("a", "\"string\"")));
  bad.block(1, Values().string("x"));
  MemoryFiles files;
  files.add("good.avro", good.bytes());
  files.add("bad.avro", bad.bytes());
  ReadOptions options;
  options.reader_schema = record_json(field_json("a", "\"long\""));
  const ReadOutcome outcome = read_all(files, options);
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_TRUE(outcome.rows.empty());
  EXPECT_EQ(outcome.error->kind(), ErrorKind::kSchema);
  EXPECT_EQ(outcome.error->variant(), ErrorVariant::kIncompatibleSchemas);
  EXPECT_EQ(outcome.error->place().path, "bad.avro");
  EXPECT_EQ(outcome.error->place().context, "R.a");
  // An invalid reader schema is an error of no file, and no file is opened.
  options.reader_schema = R"({"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]})";
  const int opened = files.num_opened();
  const ReadOutcome refused = read_all(files, options);
  ASSERT_TRUE(refused.error.has_value());
  EXPECT_EQ(refused.error->place().path, "");
  EXPECT_EQ(refused.error->place().context, "R.a");
  EXPECT_EQ(files.num_opened(), opened);
  options.reader_schema = record_json("");
  EXPECT_TRUE(read_all(files, options).error.has_value());
}

TEST(ResolveDecode, ValuesWithoutAPlaceAreDamage) {
  AvroFile file(record_json(field_json("a", R"(["int","string"])")));
  file.block(2, Values().branch(0).number(1).branch(1).string("x"));
  file.block(1, Values().branch(0).number(3));
  ReadOptions options;
  options.reader_schema = record_json(field_json("a", "\"long\""));
  const ReadOutcome strict = read_all(file, options);
  EXPECT_EQ(strict.rows, Rows{"{a:1}"});
  ASSERT_TRUE(strict.error.has_value());
  EXPECT_EQ(strict.error->kind(), ErrorKind::kDecode);
  EXPECT_EQ(strict.error->variant(), ErrorVariant::kTypeMismatch);
  EXPECT_EQ(strict.error->place().record_index, 1);
  EXPECT_STREQ(strict.error->what(),
               "field 'a': the value cannot be read by the reader schema: the file's string cannot be read as long; "
               "row 1 of the file");
  options.ignore_errors = true;
  const ReadOutcome lenient = read_all(file, options);
  EXPECT_EQ(lenient.rows, (Rows{"{a:1}", "{a:3}"}));
  ASSERT_EQ(lenient.bad_blocks.size(), 1U);
  EXPECT_EQ(lenient.bad_blocks[0].kind, BadBlockKind::kSchemaViolation);
}

}  // namespace
}  // namespace jetliner
