// Reader schemas: errors, and the binary encoding of defaults.
#include "resolution/reader_schema.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "avro_writer.h"
#include "jetliner/error.h"

namespace jetliner {
namespace {

std::string default_json(std::string_view type, std::string_view value) {
  return record_json(R"({"name":"f","type":)" + std::string(type) + R"(,"default":)" + std::string(value) + "}");
}

std::string error_of(std::string_view json) {
  try {
    const ReaderSchema schema(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kSchema);
    return std::string(error.what()) + " @ " + error.place().context;
  }
  return "no error";
}

// The encoding in hexadecimal digits, or the error.
std::string default_bytes(std::string_view type, std::string_view value) {
  const std::string json = default_json(type, value);
  const std::string error = error_of(json);
  if (error != "no error") return error;
  const ReaderSchema schema(json);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  const std::optional<ByteSpan> found = schema.default_of(schema.schema().root(), 0);
  if (!found.has_value()) return "no default";
  for (const uint8_t byte : *found) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

const char* const kArray = R"({"type":"array","items":"int"})";
const char* const kMap = R"({"type":"map","values":"int"})";
const char* const kFixed = R"({"type":"fixed","name":"F","size":2})";
const char* const kEnum = R"({"type":"enum","name":"E","symbols":["a","b"]})";

TEST(ReaderSchema, DefaultsOfEveryType) {
  for (const auto& [type, value, bytes] : std::vector<std::array<std::string, 3>>{
           {"\"null\"", "null", ""},
           {"\"boolean\"", "true", "01"},
           {"\"boolean\"", "false", "00"},
           {"\"int\"", "-1", "01"},
           {"\"int\"", "2147483647", "feffffff0f"},
           {"\"long\"", "9223372036854775807", "feffffffffffffffff01"},
           {"\"float\"", "1.5", "0000c03f"},
           {"\"float\"", "1", "0000803f"},
           {"\"double\"", "-2.5e0", "00000000000004c0"},
           {"\"double\"", "100000000000000000000", "408cb5781daf1544"},
           {"\"double\"", "NaN", "000000000000f87f"},
           {"\"double\"", "\"Infinity\"", "000000000000f07f"},
           {"\"float\"", "\"-INF\"", "000080ff"},
           {"\"string\"", "\"\"", "00"},
           {"\"string\"", "\"\\u00e9\"", "04c3a9"},
           {"\"string\"", "\"\\ud83d\"", "06efbfbd"},
           {"\"string\"", "\"\\ud83dx\\ude00\"", "0eefbfbd78efbfbd"},
           {kMap, "{\"\\ude00\": 1}", "0206efbfbd0200"},
           {R"(["null","string"])", "\"null\"", "02086e756c6c"},
           {R"(["null","null"])", "null", "00"},
           {"\"bytes\"", "\"\\u00ffA\"", "04ff41"},
           {kFixed, "\"\\u0000\\u0080\"", "0080"},
           {kEnum, "\"b\"", "02"},
           {kArray, "[]", "00"},
           {kArray, "[1, 2]", "04020400"},
           {kMap, "{}", "00"},
           {kMap, "{\"k\": 1}", "02026b0200"},
           {R"(["null","int"])", "null", "00"},
           {R"(["null","int"])", "5", "020a"},
           {R"(["int","long"])", "1099511627776", "028080808080 40"},
           {R"(["string","float","int"])", "5", "020000a040"},
           {R"(["string",{"type":"array","items":"int"}])", "[1]", "02020200"},
           {R"({"type":"long","logicalType":"time-micros"})", "86399999999", "feffbadd8305"},
           {R"({"type":"int","logicalType":"arrow.uint8"})", "255", "fe03"},
           {R"({"type":"float","logicalType":"arrow.float16"})", "-2.5", "000020c0"},
           {R"({"type":"float","logicalType":"arrow.float16"})", "NaN", "0000c07f"},
           {R"({"type":"bytes","logicalType":"decimal","precision":2})", "\"c\"", "0263"}}) {
    SCOPED_TRACE(type + " " + value);
    std::string expected = bytes;
    std::erase(expected, ' ');
    EXPECT_EQ(default_bytes(type, value), expected);
  }
}

TEST(ReaderSchema, DefaultsOfTheWrongType) {
  const std::string start = "reader schema: the default does not fit: ";
  for (const auto& [type, value, problem] : std::vector<std::array<std::string, 3>>{
           {"\"int\"", "\"x\"", "\"x\" is no value of type int"},
           {"\"int\"", "1.0", "1.0 is no value of type int"},
           {"\"int\"", "2147483648", "2147483648 is no value of type int"},
           {"\"long\"", "9223372036854775808", "9223372036854775808 is no value of type long"},
           {"\"null\"", "0", "0 is no value of type null"},
           {"\"boolean\"", "0", "0 is no value of type boolean"},
           {"\"float\"", "\"1\"", "\"1\" is no value of type float"},
           {"\"double\"", "1e400", "1e400 is no value of type double"},
           {"\"string\"", "1", "1 is no value of type string"},
           {"\"bytes\"", "\"\\u0100\"",
            "\"\u0100\" is no value of type bytes: its characters stand for bytes and must be below U+0100"},
           {kFixed, "\"a\"", "\"a\" is no value of type fixed \"F\": it needs 2 bytes"},
           {kEnum, "\"c\"", "\"c\" is no value of type enum \"E\": there is no such symbol"},
           {kArray, "{}", "an object is no value of type array"},
           {kArray, "[1,null]", "null is no value of type int"},
           {kMap, "[]", "an array is no value of type map"},
           {R"(["null","int"])", "\"x\"", "\"x\" is no value of type union: it fits none of the branches"},
           {R"(["null","int"])", "\"null\"", "\"null\" is no value of type union: write null without quotes"},
           {R"(["int","null"])", "\"null\"", "\"null\" is no value of type union: write null without quotes"},
           {R"(["int","long"])", "\"null\"", "\"null\" is no value of type union: it fits none of the branches"},
           {"\"bytes\"", "\"\\ud83d\"",
            "\"\ufffd\" is no value of type bytes: its characters stand for bytes and must be below U+0100"},
           {record_json(R"({"name":"x","type":"int"})", "P"), "{}",
            "an object is no value of type record \"P\": it has no field \"x\""},
           {R"({"type":"int","logicalType":"time-millis"})", "86400000",
            "86400000 is no value of type int: the time of day is outside 0 to 24 hours"},
           {R"({"type":"long","logicalType":"arrow.time64-nanosecond"})", "-1",
            "-1 is no value of type long: the time of day is outside 0 to 24 hours"},
           {R"({"type":"int","logicalType":"arrow.uint8"})", "256",
            "256 is no value of type int: it is outside the range of arrow.uint8"},
           {R"({"type":"float","logicalType":"arrow.float16"})", "0.1",
            "0.1 is no value of type float: arrow.float16 has no such number"},
           {R"({"type":"bytes","logicalType":"decimal","precision":2})", "\"d\"",
            "\"d\" is no value of type bytes: it has more digits than the decimal's precision"}}) {
    SCOPED_TRACE(type + " " + value);
    EXPECT_EQ(default_bytes(type, value), start + problem + " @ R.f");
  }
  // Only reader schemas check the values of defaults, but defaults must be JSON in any schema.
  EXPECT_TRUE(default_bytes(kArray, "[1 2]").starts_with("reader schema: the schema is not valid JSON at byte "));
}

// A record's default may leave out fields that have defaults.
TEST(ReaderSchema, DefaultsWithinDefaults) {
  const std::string inner = R"({"name":"x","type":"int","default":3},{"name":"y","type":"int"})";
  EXPECT_EQ(default_bytes(record_json(inner, "P"), R"({"y": 1})"), "0602");
  EXPECT_EQ(default_bytes(record_json(inner, "P"), R"({"y": 1, "x": 2, "z": null})"), "0402");
  EXPECT_EQ(error_of(record_json(R"({"name":"f","type":"R","default":{}})")),
            "reader schema: the default does not fit: an object is no value of type record \"R\": defaults nest too "
            "deeply, or are within themselves @ R.f");
  // Each level is twice the one below.
  std::string type = record_json(R"({"name":"a","type":"null","default":null})", "T0");
  for (int i = 1; i <= 15; ++i) {
    const std::string below = "T" + std::to_string(i - 1);
    type = record_json(
        R"({"name":"a","type":)" + type + R"(,"default":{}},{"name":"b","type":")" + below + R"(","default":{}})",
        "T" + std::to_string(i));
  }
  EXPECT_EQ(error_of(type), "no error");
  std::string wide = R"({"name":"a","type":"null","default":null})";
  for (int i = 0; i < 1000; ++i) wide += R"(,{"name":"a)" + std::to_string(i) + R"(","type":"null","default":null})";
  std::string many = R"({"name":"p","type":)" + record_json(wide, "P") + R"(,"default":{}})";
  for (int i = 0; i < 200; ++i) many += R"(,{"name":"p)" + std::to_string(i) + R"(","type":"P","default":{}})";
  EXPECT_EQ(error_of(record_json(many)), "no error");
  std::string items = "{}";
  for (int i = 0; i < 1100; ++i) items += ",{}";
  EXPECT_EQ(error_of(record_json(R"({"name":"p","type":{"type":"array","items":)" + record_json(wide, "P") +
                                 R"(},"default":[)" + items + "]}")),
            "reader schema: the default does not fit: null is no value of type null: the schema's defaults stand for "
            "too many values @ R.p");
}

TEST(ReaderSchema, AliasesThatStandForTwo) {
  const auto fields = [](const std::string& a, const std::string& b) {
    return error_of(record_json(R"({"name":"a","type":"int","aliases":[)" + a +
                                R"(]},{"name":"b","type":"int","aliases":[)" + b + "]}"));
  };
  EXPECT_EQ(fields("\"x\"", "\"y\",\"y\",\"b\""), "no error");
  EXPECT_EQ(fields("\"b\"", "\"a\""), "reader schema: the alias \"b\" is the name of the field \"b\" as well @ R.a");
  EXPECT_EQ(fields("\"x\"", "\"y\",\"x\""),
            "reader schema: the alias \"x\" is an alias of the field \"a\" as well @ R.b");
  const auto types = [](const std::string& a, const std::string& b) {
    const auto fixed = [](const std::string& name, const std::string& aliases) {
      return R"({"type":"fixed","name":")" + name + R"(","size":1,"aliases":[)" + aliases + "]}";
    };
    return error_of("[" + fixed("n.A", a) + "," + fixed("n.B", b) + "]");
  };
  EXPECT_EQ(types("\"X\",\"A\"", "\"Y\",\"m.X\""), "no error");
  EXPECT_EQ(types("\"B\"", "\"A\""), "reader schema: the alias \"n.B\" of \"n.A\" is the name of \"n.B\" as well @ A");
  EXPECT_EQ(types("\"X\"", "\"n.X\""),
            "reader schema: the alias \"n.X\" of \"n.B\" is an alias of \"n.A\" as well @ B");
}

// A type that is defined again has the defaults and aliases that are written there.
TEST(ReaderSchema, DefaultsOfATypeThatIsDefinedAgain) {
  const auto definition = [](const std::string& value) {
    return record_json(R"({"name":"x","type":"int","default":)" + value + "}", "P");
  };
  const std::string json =
      record_json(R"({"name":"a","type":)" + definition("1") + R"(,"default":{}},{"name":"b","type":)" +
                  definition("2") + R"(,"default":{}},{"name":"c","type":"P","default":{}})");
  const ReaderSchema schema(json);
  for (const auto& [field, byte] : {std::pair{0, 2}, {1, 4}, {2, 4}}) {
    const std::optional<ByteSpan> found = schema.default_of(schema.schema().root(), static_cast<size_t>(field));
    ASSERT_TRUE(found.has_value() && found->size() == 1);
    EXPECT_EQ((*found)[0], byte);
  }
}

TEST(ReaderSchema, BadSchemas) {
  EXPECT_EQ(error_of(R"({"type":"enum","name":"n.E","symbols":["a"],"default":"b"})"),
            "reader schema: the default of \"n.E\" is none of its symbols @ E");
  EXPECT_EQ(error_of(R"({"type":"enum","name":"n.E","symbols":["a"],"default":"a"})"), "no error");
  EXPECT_TRUE(error_of("{").starts_with("reader schema: the schema is not valid JSON")) << error_of("{");
  EXPECT_EQ(error_of(record_json(R"({"name":"f","type":"Nothing"})")),
            "reader schema: undefined name \"Nothing\": a type is a primitive or a record, enum or fixed that was "
            "defined before @ R.f");
}

}  // namespace
}  // namespace jetliner
