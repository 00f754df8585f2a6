// Decimals in columns: two's complement of any length, precision, text beyond 38 digits, big-decimal.
#include "decode/decimal.h"

#include <gtest/gtest.h>

#include <string>

#include "base/decimal_text.h"
#include "decoded.h"

namespace jetliner {
namespace {

std::string fixed_decimal_type(int size, int precision, int scale) {
  return R"({"type":"fixed","name":"F","size":)" + std::to_string(size) + R"(,"logicalType":"decimal","precision":)" +
         std::to_string(precision) + R"(,"scale":)" + std::to_string(scale) + "}";
}

std::string repeated(const std::string& digits, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += digits;
  return out;
}

constexpr const char* kTooPrecise = "decimal has more digits than its declared precision @ f";

TEST(Decimal, BytesOfAnyLengthWithSign) {
  const std::string type = decimal_json(38, 2);
  const auto value = [&](const std::string& digits) { return value_of(type, Values().bytes_value(digits)); };
  EXPECT_EQ(value(""), "0.00");
  EXPECT_EQ(value("00"), "0.00");
  EXPECT_EQ(value("01"), "0.01");
  EXPECT_EQ(value("ff"), "-0.01");
  EXPECT_EQ(value("80"), "-1.28");
  EXPECT_EQ(value("0080"), "1.28");
  EXPECT_EQ(value("3039"), "123.45");
  EXPECT_EQ(value("cfc7"), "-123.45");
  EXPECT_EQ(value("7fffffffffffffff"), "92233720368547758.07");
  EXPECT_EQ(value("8000000000000000"), "-92233720368547758.08");
  EXPECT_EQ(value("00ffffffffffffffff"), "184467440737095516.15");
  // Every length of the same two numbers, sign extended, beyond 16 bytes too.
  for (int n = 0; n < 30; ++n) {
    EXPECT_EQ(value(repeated("00", n) + "3039"), "123.45") << n;
    EXPECT_EQ(value(repeated("ff", n) + "cfc7"), "-123.45") << n;
  }
}

TEST(Decimal, PrecisionIsABound) {
  const auto value = [&](int precision, const std::string& digits) {
    return value_of(decimal_json(precision, 0), Values().bytes_value(digits));
  };
  EXPECT_EQ(value(2, "63"), "99");
  EXPECT_EQ(value(2, "9d"), "-99");
  EXPECT_EQ(value(2, "64"), kTooPrecise);
  EXPECT_EQ(value(2, "9c"), kTooPrecise);
  // 10^38 - 1 and 10^38.
  EXPECT_EQ(value(38, "4b3b4ca85a86c47a098a223fffffffff"), "99999999999999999999999999999999999999");
  EXPECT_EQ(value(38, "4b3b4ca85a86c47a098a224000000000"), kTooPrecise);
  EXPECT_EQ(value(38, "b4c4b357a5793b85f675ddc000000001"), "-99999999999999999999999999999999999999");
  EXPECT_EQ(value(38, "b4c4b357a5793b85f675ddc000000000"), kTooPrecise);
  EXPECT_EQ(value(38, "7fffffffffffffffffffffffffffffff"), kTooPrecise);
  EXPECT_EQ(value(38, "80000000000000000000000000000000"), kTooPrecise);
  // 17 bytes of which the first is not only sign: 2^127 would look negative in 16 bytes.
  EXPECT_EQ(value(38, "0080000000000000000000000000000001"), kTooPrecise);
  EXPECT_EQ(value(38, "ff7fffffffffffffffffffffffffffffff"), kTooPrecise);
  EXPECT_EQ(value(38, "0100000000000000000000000000000000"), kTooPrecise);
}

TEST(Decimal, Fixed) {
  EXPECT_EQ(value_of(fixed_decimal_type(4, 9, 3), hex("00003039")), "12.345");
  EXPECT_EQ(value_of(fixed_decimal_type(4, 9, 3), hex("ffffcfc7")), "-12.345");
  EXPECT_EQ(value_of(fixed_decimal_type(20, 38, 0), hex(repeated("ff", 20))), "-1");
  EXPECT_EQ(value_of(fixed_decimal_type(4, 9, 3), hex("000030")), "the block's data ends within the record");
  EXPECT_EQ(value_of(fixed_decimal_type(4, 9, 0), hex("7fffffff")), kTooPrecise);
}

TEST(Decimal, MoreThan38DigitsAreText) {
  // 2^200.
  EXPECT_EQ(value_of(decimal_json(70, 5), Values().bytes_value("01" + repeated("00", 25))),
            "\"16069380442589902755419620923411626025222029937827928353.01376\"");
  EXPECT_EQ(value_of(fixed_decimal_type(26, 60, 0), hex("ff" + repeated("00", 25))),
            "\"-1606938044258990275541962092341162602522202993782792835301376\"");
  EXPECT_EQ(value_of(decimal_json(70, 5), Values().bytes_value("")), "\"0.00000\"");
  EXPECT_EQ(value_of(decimal_json(70, 0), Values().bytes_value(repeated("00", kMaxDecimalBytes + 1))),
            "decimal is too large to be written as text @ f");
}

TEST(Decimal, BigDecimals) {
  const char* const type = R"({"type":"bytes","logicalType":"big-decimal"})";
  const auto value = [&](const std::string& unscaled, int64_t scale) {
    const Values inner = Values().bytes_value(unscaled).number(scale);
    return value_of(type, Values().number(static_cast<int64_t>(inner.size())).append(inner));
  };
  EXPECT_EQ(value("3039", 2), "\"123.45\"");
  EXPECT_EQ(value("85", 5), "\"-0.00123\"");
  EXPECT_EQ(value("00", 2), "\"0.00\"");
  EXPECT_EQ(value("", 0), "\"0\"");
  EXPECT_EQ(value("0c", -3), "\"12000\"");
  EXPECT_EQ(value("01", kMaxDecimalScale + 1), "decimal is too large to be written as text @ f");
  EXPECT_EQ(value("01", INT64_MIN), "decimal is too large to be written as text @ f");
  EXPECT_EQ(value(repeated("01", kMaxDecimalBytes + 1), 0), "decimal is too large to be written as text @ f");

  for (const char* const bad : {"", "02", "02 01", "04 01 04", "01 01 04", "02 01 04 00", "00", "02 01 ff",
                                "02 01 ff ff ff ff ff ff ff ff ff ff 01", "ff ff ff ff ff ff ff ff ff ff 01"}) {
    EXPECT_EQ(value_of(type, Values().bytes_value(bad)), "big-decimal is not an unscaled value followed by a scale @ f")
        << bad;
  }
}

}  // namespace
}  // namespace jetliner
