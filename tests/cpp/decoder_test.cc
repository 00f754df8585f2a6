// Single values: the encoding of every type, its bounds, and invalid values.
#include "decode/decoder.h"

#include <gtest/gtest.h>
#ifndef _WIN32
#include <sys/mman.h>
#endif

#include <algorithm>
#include <limits>
#include <string>

#include "decode/view.h"
#include "decoded.h"

namespace jetliner {
namespace {

constexpr const char* kEof = "the block's data ends within the record";

std::string of_hex(std::string_view type_json, std::string_view digits) { return value_of(type_json, hex(digits)); }

TEST(Decoder, Booleans) {
  EXPECT_EQ(of_hex("\"boolean\"", "00"), "false");
  EXPECT_EQ(of_hex("\"boolean\"", "01"), "true");
  EXPECT_EQ(of_hex("\"boolean\"", "02"), "boolean is neither 0 nor 1 @ f");
  EXPECT_EQ(of_hex("\"boolean\"", "ff"), "boolean is neither 0 nor 1 @ f");
  EXPECT_EQ(of_hex("\"boolean\"", ""), kEof);
}

TEST(Decoder, BitsOfManyRowsAndBlocks) {
  TestDecoder decoder("\"boolean\"");
  Values data;
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    data.boolean(i % 3 == 0);
    expected.push_back(i % 3 == 0 ? "{value:true}" : "{value:false}");
  }
  // Row by row into buffers that grow meanwhile.
  for (int i = 0; i < 100; ++i) ASSERT_EQ(decoder.decode(ByteSpan(data.bytes()).subspan(i, 1), 1).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), expected);
}

TEST(Decoder, LongsOfEveryLength) {
  for (int bits = 0; bits < 64; ++bits) {
    for (const int64_t off : {-1, 0, 1}) {
      for (const int64_t sign : {1, -1}) {
        const auto value =
            static_cast<int64_t>((uint64_t{1} << bits) + static_cast<uint64_t>(off)) * (bits == 63 ? 1 : sign);
        EXPECT_EQ(value_of("\"long\"", Values().number(value)), std::to_string(value));
      }
    }
  }
  EXPECT_EQ(of_hex("\"long\"", "ff ff ff ff ff ff ff ff ff 01"), "-9223372036854775808");
  EXPECT_EQ(of_hex("\"long\"", "fe ff ff ff ff ff ff ff ff 01"), "9223372036854775807");
}

TEST(Decoder, VarintsMayBePaddedButNotTooLong) {
  EXPECT_EQ(of_hex("\"long\"", "82 00"), "1");
  EXPECT_EQ(of_hex("\"long\"", "82 80 80 80 80 80 80 80 80 00"), "1");
  // The tenth byte holds one bit.
  constexpr const char* kTooLarge = "variable-length integer does not fit 64 bits @ f";
  for (const char* type : {"\"long\"", "\"int\"", "\"string\""}) {
    EXPECT_EQ(of_hex(type, "80 80 80 80 80 80 80 80 80 02"), kTooLarge) << type;
    EXPECT_EQ(of_hex(type, "ff ff ff ff ff ff ff ff ff 7f"), kTooLarge) << type;
  }
  EXPECT_EQ(of_hex("\"long\"", "80 80 80 80 80 80 80 80 80 80 00"),
            "variable-length integer of more than 10 bytes @ f");
}

TEST(Decoder, VarintsThatAreCutAreAnEndWhateverFollows) {
  for (size_t n = 0; n <= 9; ++n) {
    EXPECT_EQ(value_of("\"long\"", Bytes(n, 0xff)), kEof) << n;
    EXPECT_EQ(value_of("\"long\"", Bytes(n, 0x80)), kEof) << n;
  }
  for (const char* const type :
       {"\"int\"", R"({"type":"int","logicalType":"time-millis"})", R"({"type":"long","logicalType":"time-micros"})",
        R"({"type":"enum","name":"E","symbols":["A"]})", R"(["null","int"])", R"(["null","int","string"])",
        R"(["int"])", R"({"type":"array","items":"int"})", "\"string\""}) {
    EXPECT_EQ(of_hex(type, ""), kEof) << type;
    EXPECT_EQ(of_hex(type, "80"), kEof) << type;
    EXPECT_EQ(of_hex(type, "ff ff ff"), kEof) << type;
  }
}

#ifndef _WIN32
// The data need not be there: pages that are never written take no memory, and an error needs no more than the length.
TEST(Decoder, LimitOfALengthIsTheOneInTheText) {
  const std::string limit = std::to_string(kMaxViewBytes);
  constexpr size_t kBytes = kMaxViewBytes + 100;
  void* const pages =
      ::mmap(nullptr, kBytes + kSlackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  auto* const data = static_cast<uint8_t*>(pages);
  const Values length = Values().number(static_cast<int64_t>(kMaxViewBytes) + 1);
  std::copy(length.bytes().begin(), length.bytes().end(), data);
  for (const char* const type : {"\"string\"", "\"bytes\"", R"({"type":"fixed","name":"F","size":2147483616})"}) {
    const auto plan = plan_of(one_field(type));
    ColumnSet columns(plan->columns);
    columns.reserve(1);
    Decoder decoder(*plan, columns);
    decoder.start_block(kBytes);
    EXPECT_EQ(outcome(*plan, decoder.decode(data, data + kBytes, 1)), "value is longer than " + limit + " bytes @ f");
  }
  ::munmap(pages, kBytes + kSlackBytes);
}
#endif

TEST(Decoder, IntsMustFit32Bits) {
  EXPECT_EQ(of_hex("\"int\"", "fe ff ff ff 0f"), "2147483647");
  EXPECT_EQ(of_hex("\"int\"", "ff ff ff ff 0f"), "-2147483648");
  EXPECT_EQ(value_of("\"int\"", Values().number(2147483648)), "int does not fit 32 bits @ f");
  EXPECT_EQ(value_of("\"int\"", Values().number(-2147483649)), "int does not fit 32 bits @ f");
  EXPECT_EQ(of_hex("\"int\"", "82 80 80 80 00"), "1");
  EXPECT_EQ(of_hex("\"int\"", "82 80 80 80 80 00"), "int does not fit 32 bits @ f");  // 6 bytes, Avro allows 5
}

TEST(Decoder, FloatsAndDoubles) {
  EXPECT_EQ(value_of("\"float\"", Values().real32(1.5F)), "1.5");
  EXPECT_EQ(value_of("\"double\"", Values().real64(-2.25)), "-2.25");
  EXPECT_EQ(value_of("\"float\"", Values().real32(std::numeric_limits<float>::quiet_NaN())), "nan");
  EXPECT_EQ(value_of("\"double\"", Values().real64(std::numeric_limits<double>::infinity())), "inf");
  EXPECT_EQ(value_of("\"double\"", Values().real64(-0.0)), "-0");
  EXPECT_EQ(of_hex("\"float\"", "00 00 00"), kEof);
  EXPECT_EQ(of_hex("\"double\"", "00 00 00 00 00 00 00"), kEof);
}

TEST(Decoder, StringsAroundTheInlineLengthOfViews) {
  for (const size_t n : {0, 1, 3, 4, 5, 11, 12, 13, 15, 16, 17, 31, 32, 33, 100, 4095, 4096, 4097, 70000}) {
    std::string text;
    for (size_t i = 0; i < n; ++i) text += static_cast<char>('a' + i % 26);
    EXPECT_EQ(value_of("\"string\"", Values().string(text)), '"' + text + '"') << n;
  }
}

TEST(Decoder, LengthsAreCheckedBeforeTheyAreUsed) {
  constexpr const char* kBad = "length is negative or beyond the end of the block @ f";
  for (const char* const type : {"\"string\"", "\"bytes\"", R"({"type":"bytes","logicalType":"decimal","precision":4})",
                                 R"({"type":"bytes","logicalType":"decimal","precision":50})",
                                 R"({"type":"bytes","logicalType":"big-decimal"})"}) {
    EXPECT_EQ(of_hex(type, "01"), kBad) << type;  // -1
    EXPECT_EQ(of_hex(type, "04 41"), kBad) << type;
    EXPECT_EQ(value_of(type, Values().number(std::numeric_limits<int64_t>::max())), kBad) << type;
    EXPECT_EQ(value_of(type, Values().number(std::numeric_limits<int64_t>::min())), kBad) << type;
  }
}

TEST(Decoder, InvalidUtf8AtEveryPosition) {
  for (const size_t n : {1, 2, 11, 12, 13, 16, 17, 31, 32, 33, 64, 100}) {
    for (size_t at = 0; at < n; ++at) {
      std::string text(n, 'a');
      text[at] = static_cast<char>(0x80);
      ASSERT_EQ(value_of("\"string\"", Values().string(text)), "string is not valid UTF-8 @ f") << n << " " << at;
      ASSERT_NE(value_of("\"bytes\"", Values().string(text)).find("80"), std::string::npos);
      text[at] = static_cast<char>(0xc3);  // its second byte is missing, also at the end of the text
      ASSERT_EQ(value_of("\"string\"", Values().string(text)), "string is not valid UTF-8 @ f") << n << " " << at;
    }
  }
  for (const char* const bad : {"c0 80", "c1 bf", "e0 9f bf", "ed a0 80", "ed bf bf", "f0 8f bf bf", "f4 90 80 80",
                                "f8 88 80 80 80", "fe", "ff", "e2 82", "f0 9f 98"}) {
    EXPECT_EQ(value_of("\"string\"", Values().bytes_value(bad)), "string is not valid UTF-8 @ f") << bad;
  }
  for (const char* const good : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
                                 "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    for (const size_t before : {0, 9, 10, 12, 29, 61}) {
      const std::string text = std::string(before, 'x') + good;
      EXPECT_EQ(value_of("\"string\"", Values().string(text)), '"' + text + '"');
    }
  }
  // The bytes after the string neither complete a character nor make one invalid.
  TestDecoder decoder("\"string\"");
  EXPECT_EQ(decoder.decode(Values().string("\xc3").string("\xa9"), 2).status, Status::kUtf8);
  EXPECT_EQ(decoder.decode(Values().string("a").hex_bytes("ff"), 1).status, Status::kOk);
}

TEST(Decoder, BytesAndFixed) {
  EXPECT_EQ(value_of("\"bytes\"", Values().bytes_value("00 ff 80")), "x'00ff80'");
  EXPECT_EQ(value_of("\"bytes\"", Values().bytes_value("")), "x''");
  EXPECT_EQ(value_of("\"bytes\"", Values().bytes_value("000102030405060708090a0b0c0d")),
            "x'000102030405060708090a0b0c0d'");
  EXPECT_EQ(of_hex(R"({"type":"fixed","name":"F","size":3})", "00 ff 80"), "x'00ff80'");
  EXPECT_EQ(of_hex(R"({"type":"fixed","name":"F","size":0})", ""), "x''");
  EXPECT_EQ(of_hex(R"({"type":"fixed","name":"F","size":13})", "000102030405060708090a0b0c"),
            "x'000102030405060708090a0b0c'");
  EXPECT_EQ(of_hex(R"({"type":"fixed","name":"F","size":13})", "000102030405060708090a0b"), kEof);
  EXPECT_EQ(of_hex(R"({"type":"fixed","name":"F","size":2147483647})", "00"), kEof);
}

TEST(Decoder, EnumIndexOutOfRangeIsAnError) {
  const char* const type = R"({"type":"enum","name":"E","symbols":["A","B","C"]})";
  EXPECT_EQ(of_hex(type, "00"), "A");
  EXPECT_EQ(of_hex(type, "04"), "C");
  for (const int64_t index : {int64_t{3}, int64_t{-1}, int64_t{1} << 32, std::numeric_limits<int64_t>::min()}) {
    EXPECT_EQ(value_of(type, Values().number(index)), "enum index is outside the list of symbols @ f") << index;
  }
  EXPECT_EQ(of_hex(R"({"type":"enum","name":"E","symbols":[]})", "00"),
            "enum index is outside the list of symbols @ f");
}

TEST(Decoder, TemporalValuesKeepTheirNumber) {
  EXPECT_EQ(value_of(R"({"type":"int","logicalType":"date"})", Values().number(-2147483648LL)), "-2147483648");
  for (const char* const name : {"timestamp-millis", "timestamp-micros", "timestamp-nanos", "local-timestamp-millis",
                                 "local-timestamp-micros", "local-timestamp-nanos"}) {
    const std::string type = R"({"type":"long","logicalType":")" + std::string(name) + "\"}";
    for (const int64_t value :
         {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0}, std::numeric_limits<int64_t>::max()}) {
      EXPECT_EQ(value_of(type, Values().number(value)), std::to_string(value));
    }
  }
}

TEST(Decoder, TimesOutsideOneDayAreErrors) {
  const char* const millis = R"({"type":"int","logicalType":"time-millis"})";
  const char* const micros = R"({"type":"long","logicalType":"time-micros"})";
  constexpr const char* kBad = "time of day is outside 0 to 24 hours @ f";
  EXPECT_EQ(value_of(millis, Values().number(0)), "0");
  EXPECT_EQ(value_of(millis, Values().number(86'399'999)), "86399999000000");
  EXPECT_EQ(value_of(millis, Values().number(86'400'000)), kBad);
  EXPECT_EQ(value_of(millis, Values().number(-1)), kBad);
  EXPECT_EQ(value_of(millis, Values().number(2'147'483'647)), kBad);
  EXPECT_EQ(value_of(micros, Values().number(86'399'999'999)), "86399999999000");
  EXPECT_EQ(value_of(micros, Values().number(86'400'000'000)), kBad);
  EXPECT_EQ(value_of(micros, Values().number(-1)), kBad);
  EXPECT_EQ(value_of(micros, Values().number(std::numeric_limits<int64_t>::max())), kBad);
  EXPECT_EQ(value_of(micros, Values().number(std::numeric_limits<int64_t>::min())), kBad);
}

TEST(Decoder, DurationsAreUnsignedAndDoNotOverflow) {
  const char* const type = R"({"type":"fixed","name":"D","size":12,"logicalType":"duration"})";
  constexpr const char* kBad = "duration does not fit 64 bits of microseconds @ f";
  EXPECT_EQ(of_hex(type, "01000000 02000000 03000000"), std::to_string((32 * 86'400'000LL + 3) * 1000));
  EXPECT_EQ(of_hex(type, "00000000 00000000 ffffffff"), "4294967295000");
  // The most days that fit: 2^63 / 86400000000 = 106751991.
  EXPECT_EQ(of_hex(type, "00000000 f7e75c06 00000000"), std::to_string(106'751'991LL * 86'400'000'000LL));
  EXPECT_EQ(of_hex(type, "00000000 f8e75c06 00000000"), kBad);
  EXPECT_EQ(of_hex(type, "00000000 ffffffff 00000000"), kBad);
  EXPECT_EQ(of_hex(type, "ffffffff 00000000 00000000"), kBad);
  EXPECT_EQ(of_hex(type, "ffffffff ffffffff ffffffff"), kBad);  // beyond 64 bits of milliseconds too
  EXPECT_EQ(of_hex(type, "01000000 02000000 030000"), kEof);
}

TEST(Decoder, Uuids) {
  EXPECT_EQ(of_hex(R"({"type":"fixed","name":"U","size":16,"logicalType":"uuid"})", "00112233445566778899aabbccddeeff"),
            "\"00112233-4455-6677-8899-aabbccddeeff\"");
  EXPECT_EQ(of_hex(R"({"type":"fixed","name":"U","size":16,"logicalType":"uuid"})", "00112233445566778899aabbccddee"),
            kEof);
  EXPECT_EQ(value_of(R"({"type":"string","logicalType":"uuid"})", Values().string("Not-A-Uuid")), "\"Not-A-Uuid\"");
}

TEST(Decoder, UnionsOfOneBranch) {
  EXPECT_EQ(of_hex(R"(["int"])", "00 02"), "1");
  EXPECT_EQ(of_hex(R"(["null"])", "00"), "null");
  EXPECT_EQ(of_hex(R"(["int"])", "02 02"), "union branch index is outside the list of branches @ f");
  EXPECT_EQ(of_hex(R"(["null"])", "01"), "union branch index is outside the list of branches @ f");
  EXPECT_EQ(of_hex(R"(["null"])", ""), kEof);
}

TEST(Decoder, NullMayBeTheFirstOrTheSecondBranch) {
  EXPECT_EQ(of_hex(R"(["null","int"])", "00"), "null");
  EXPECT_EQ(of_hex(R"(["null","int"])", "02 02"), "1");
  EXPECT_EQ(of_hex(R"(["int","null"])", "00 02"), "1");
  EXPECT_EQ(of_hex(R"(["int","null"])", "02"), "null");
  EXPECT_EQ(of_hex(R"(["int","null"])", "82 00"), "null");  // a padded varint
  EXPECT_EQ(of_hex(R"(["null","int"])", "80 00"), "null");
  for (const char* const bad :
       {"04", "01", "03", "ff ff ff ff ff ff ff ff ff 01", "ff ff ff ff ff ff ff ff ff ff 01"}) {
    EXPECT_EQ(of_hex(R"(["null","int"])", bad), "union branch index is outside the list of branches @ f") << bad;
  }
}

TEST(Decoder, NullOfEveryLayout) {
  for (
      const char* const type :
      {"\"boolean\"",
       "\"int\"",
       "\"long\"",
       "\"float\"",
       "\"double\"",
       "\"bytes\"",
       "\"string\"",
       R"({"type":"fixed","name":"F","size":3})",
       R"({"type":"enum","name":"E","symbols":["A"]})",
       R"({"type":"array","items":"int"})",
       R"({"type":"map","values":"int"})",
       R"({"type":"record","name":"N","fields":[{"name":"x","type":"int"},{"name":"y","type":{"type":"array","items":"string"}}]})",
       R"({"type":"int","logicalType":"time-millis"})",
       R"({"type":"long","logicalType":"time-micros"})",
       R"({"type":"bytes","logicalType":"decimal","precision":4})",
       R"({"type":"bytes","logicalType":"decimal","precision":50})",
       R"({"type":"bytes","logicalType":"big-decimal"})",
       R"({"type":"fixed","name":"D","size":2,"logicalType":"decimal","precision":4})",
       R"({"type":"fixed","name":"D","size":30,"logicalType":"decimal","precision":50})",
       R"({"type":"fixed","name":"U","size":16,"logicalType":"uuid"})",
       R"({"type":"fixed","name":"P","size":12,"logicalType":"duration"})"}) {
    EXPECT_EQ(value_of("[\"null\"," + std::string(type) + "]", hex("00")), "null") << type;
    EXPECT_EQ(value_of("[" + std::string(type) + ",\"null\"]", hex("02")), "null") << type;
    // Nothing leaks from the row before into the memory of the null.
    TestDecoder decoder(one_field("[" + std::string(type) + ",\"null\"]"));
    ASSERT_EQ(decoder.decode(hex("02 02 02"), 3).status, Status::kOk);
    EXPECT_EQ(decoder.finish_rows(), (std::vector<std::string>(3, "{f:null}"))) << type;
  }
}

}  // namespace
}  // namespace jetliner
