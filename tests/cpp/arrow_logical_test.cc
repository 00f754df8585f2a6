// The logical types "arrow.*": values of every type, by schemas of readers as well. invalid_values_test.cc has the
// values that are outside the types' ranges.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/half.h"
#include "decoded.h"
#include "resolved.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kEof = "the block's data ends within the record";
constexpr int64_t kMinLong = std::numeric_limits<int64_t>::min();
constexpr int64_t kMaxLong = std::numeric_limits<int64_t>::max();

std::string arrow(std::string_view base, std::string_view name) {
  return R"({"type":")" + std::string(base) + R"(","logicalType":"arrow.)" + std::string(name) + "\"}";
}
std::string arrow_fixed(int size, std::string_view name) {
  return R"({"type":"fixed","name":"F","size":)" + std::to_string(size) + R"(,"logicalType":"arrow.)" +
         std::string(name) + "\"}";
}

TEST(ArrowLogical, Integers) {
  struct Case {
    std::string type;
    std::vector<int64_t> numbers;
  };
  for (const Case& one : std::vector<Case>{
           {arrow("int", "int8"), {-128, -1, 0, 127}},
           {arrow("int", "int16"), {-32'768, -1, 0, 32'767}},
           {arrow("int", "uint8"), {0, 128, 255}},
           {arrow("int", "uint16"), {0, 32'768, 65'535}},
           {arrow("long", "uint32"), {0, 2'147'483'648, 4'294'967'295}},
           {arrow("long", "uint64"), {0, 1, kMaxLong}},
       }) {
    SCOPED_TRACE(one.type);
    Values all;
    Values optional;
    Texts expected;
    Texts with_nulls;
    for (const int64_t number : one.numbers) {
      EXPECT_EQ(value_of(one.type, Values().number(number)), std::to_string(number));
      all.number(number);
      optional.branch(1).number(number).branch(0);
      expected.push_back(std::to_string(number));
      with_nulls.insert(with_nulls.end(), {std::to_string(number), "null"});
    }
    EXPECT_EQ(field_rows(one.type, {}, all, one.numbers.size()), expected);
    EXPECT_EQ(field_rows(nullable(one.type), {}, optional, 2 * one.numbers.size()), with_nulls);
  }
}

TEST(ArrowLogical, UnsignedLongsInEightBytes) {
  const std::string type = arrow_fixed(8, "uint64");
  EXPECT_EQ(value_of(type, Values().hex_bytes("0102030405060708")), "578437695752307201");
  EXPECT_EQ(value_of(type, Values().hex_bytes("ffffffffffffffff")), "18446744073709551615");
  EXPECT_EQ(value_of(type, Values().hex_bytes("ffffffffffffff")), kEof);
}

TEST(ArrowLogical, Halves) {
  const std::string type = arrow("float", "float16");
  const std::vector<std::pair<float, std::string>> samples = {{0.0F, "0"},
                                                              {-0.0F, "-0"},
                                                              {1.0F, "1"},
                                                              {-2.5F, "-2.5"},
                                                              {65'504.0F, "65504"},
                                                              {0x1p-24F, "5.9604645e-08"},
                                                              {0x1p-14F, "6.1035156e-05"},
                                                              {HUGE_VALF, "inf"},
                                                              {-HUGE_VALF, "-inf"},
                                                              {std::nanf(""), "nan"}};
  for (const auto& [value, text] : samples) EXPECT_EQ(value_of(type, Values().real32(value)), text);
  for (const float value : {65'520.0F, 0x1p-25F, 1.0F + 0x1p-11F, 1e30F}) {
    EXPECT_EQ(value_of(type, Values().real32(value)), "arrow.float16 is no number of 16 bits @ f") << value;
  }
  EXPECT_EQ(value_of(type, Values().hex_bytes("000080")), kEof);
  EXPECT_EQ(value_of(arrow_fixed(2, "float16"), Values().hex_bytes("00c1")), "-2.5");
  EXPECT_EQ(value_of(arrow_fixed(2, "float16"), Values().hex_bytes("ff7b")), "65504");
  EXPECT_EQ(value_of(arrow_fixed(2, "float16"), Values().hex_bytes("00")), kEof);
}

// Both directions, for every half.
TEST(ArrowLogical, EveryHalf) {
  Values floats;
  Bytes bytes;
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    floats.real32(half_to_float(static_cast<uint16_t>(bits)));
    bytes.push_back(static_cast<uint8_t>(bits));
    bytes.push_back(static_cast<uint8_t>(bits >> 8));
  }
  TestDecoder of_floats(one_field(arrow("float", "float16")));
  TestDecoder of_bytes(one_field(arrow_fixed(2, "float16")));
  ASSERT_EQ(of_floats.decode(floats, 0x10000).status, Status::kOk);
  ASSERT_EQ(of_bytes.decode(ByteSpan(bytes), 0x10000).status, Status::kOk);
  const Texts expected = of_bytes.finish_rows();
  const Texts found = of_floats.finish_rows();
  for (size_t bits = 0; bits <= 0xffff; ++bits) EXPECT_EQ(found[bits], expected[bits]) << bits;
}

TEST(ArrowLogical, TemporalTypes) {
  EXPECT_EQ(value_of(arrow("int", "time32-second"), Values().number(86'399)), "86399000000000");
  EXPECT_EQ(value_of(arrow("long", "time64-nanosecond"), Values().number(86'399'999'999'999)), "86399999999999");
  for (const char* const name : {"duration-seconds", "timestamp-second", "local-timestamp-second"}) {
    const std::string type = arrow("long", name);
    EXPECT_EQ(value_of(type, Values().number(-7)), "-7000");
    EXPECT_EQ(value_of(type, Values().number(kMaxLong / 1000)), "9223372036854775000");
    EXPECT_EQ(value_of(type, Values().number(kMinLong / 1000)), "-9223372036854775000");
    for (const int64_t number : {kMaxLong / 1000 + 1, kMinLong / 1000 - 1, kMinLong}) {
      EXPECT_EQ(value_of(type, Values().number(number)), "seconds do not fit 64 bits of milliseconds @ f");
    }
  }
  for (const char* const name : {"duration-millis", "duration-micros", "duration-nanos", "date64"}) {
    for (const int64_t number : {kMinLong, int64_t{-1}, kMaxLong}) {
      EXPECT_EQ(value_of(arrow("long", name), Values().number(number)), std::to_string(number));
    }
  }
}

TEST(ArrowLogical, CutAndDamagedNumbers) {
  for (const std::string& type : {arrow("int", "uint8"), arrow("long", "uint64"), arrow("int", "time32-second"),
                                  arrow("long", "timestamp-second")}) {
    EXPECT_EQ(value_of(type, hex("")), kEof) << type;
    EXPECT_EQ(value_of(type, hex("ff ff ff")), kEof) << type;
    EXPECT_EQ(value_of(type, hex("80 80 80 80 80 80 80 80 80 80 00")),
              "variable-length integer of more than 10 bytes @ f")
        << type;
  }
  EXPECT_EQ(value_of(arrow("int", "uint8"), Values().number(int64_t{1} << 31)), "int does not fit 32 bits @ f");
  EXPECT_EQ(value_of(arrow("int", "uint8"), hex("82 80 80 80 80 00")), "int does not fit 32 bits @ f");
  EXPECT_EQ(value_of(arrow("long", "uint32"), hex("82 80 80 80 80 00")), "1");
}

TEST(ArrowLogical, ByAReaderSchema) {
  const auto read = [](const std::string& writer, const std::string& reader, const Values& data) {
    return resolved_value(writer, reader, data);
  };
  const Values five = Values().number(5);
  EXPECT_EQ(read("\"int\"", arrow("int", "uint8"), five), "5");
  EXPECT_EQ(read(arrow("int", "uint8"), "\"int\"", Values().number(300)), "300");
  EXPECT_EQ(read("\"int\"", arrow("int", "uint8"), Values().number(300)), "arrow.uint8 is outside 0 to 255 @ f");
  // Promoted: the writer has an int.
  for (const char* const name : {"uint32", "uint64", "time64-nanosecond", "duration-nanos", "date64"}) {
    EXPECT_EQ(read("\"int\"", arrow("long", name), five), "5") << name;
    EXPECT_EQ(read("\"int\"", arrow("long", name), Values().number(int64_t{1} << 31)), "int does not fit 32 bits @ f");
  }
  EXPECT_EQ(read("\"int\"", arrow("long", "timestamp-second"), five), "5000");
  EXPECT_EQ(read("\"int\"", arrow("long", "uint32"), Values().number(-5)),
            "arrow.uint32 is outside 0 to 4294967295 @ f");
  EXPECT_EQ(read(arrow("int", "int8"), "\"double\"", five), "5");
  EXPECT_EQ(read(arrow("float", "float16"), "\"double\"", Values().real32(0.5F)), "0.5");
  EXPECT_EQ(read("\"int\"", arrow("float", "float16"), Values().number(-2048)), "-2048");
  EXPECT_EQ(read("\"long\"", arrow("float", "float16"), Values().number(65'504)), "65504");
  EXPECT_EQ(read("\"long\"", arrow("float", "float16"), Values().number(2049)),
            "arrow.float16 is no number of 16 bits @ f");
  EXPECT_EQ(
      read(R"({"type":"fixed","name":"F","size":8})", arrow_fixed(8, "uint64"), Values().hex_bytes("0000000000000080")),
      "9223372036854775808");
  // A default.
  const std::string writer = record_json(field_json("id", "\"int\""));
  const std::string reader = record_json(R"({"name":"f","type":)" + arrow("int", "int16") + R"(,"default":-300},)" +
                                         field_json("id", "\"int\""));
  EXPECT_EQ(resolved_rows(writer, reader, Values().number(1).number(2), 2), (Texts{"{f:-300,id:1}", "{f:-300,id:2}"}));
}

TEST(ArrowLogical, AtEveryDepth) {
  const std::string item = nullable(arrow("int", "int8"));
  const Values two = Values().number(2).branch(1).number(-3).branch(0).end();
  EXPECT_EQ(field_rows(array_of(item), {}, two), Texts{"[-3,null]"});
  const std::string inner = record_json(
      field_json("h", arrow_fixed(2, "float16")) + "," + field_json("u", nullable(arrow("long", "uint64"))), "Inner");
  const Values rows =
      Values().branch(1).hex_bytes("003c").branch(1).number(7).branch(0).branch(1).hex_bytes("00bc").branch(0);
  EXPECT_EQ(field_rows(nullable(inner), {}, rows, 3), (Texts{"{h:1,u:7}", "null", "{h:-1,u:null}"}));
  const std::string several = R"(["string",)" + arrow("int", "uint16") + "]";
  EXPECT_EQ(field_rows(several, {}, Values().branch(1).number(9).branch(0).string("s"), 2),
            (Texts{"{string:null,int:9}", "{string:\"s\",int:null}"}));
}

}  // namespace
}  // namespace jetliner
