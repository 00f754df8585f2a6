// Decimal text to bytes, the reverse of append_decimal_text().
#include "base/decimal_parse.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/decimal_text.h"

namespace jetliner {
namespace {

std::string again(const std::string& text) {
  DecimalText decimal;
  if (!parse_decimal(text, &decimal)) return "invalid";
  std::string out;
  append_decimal_text(out, unscaled_bytes(decimal), decimal.scale);
  return out;
}

TEST(DecimalParse, TextSurvives) {
  for (const char* const text :
       {"0", "1", "-1", "127", "128", "-128", "-129", "255", "256", "65535", "-32768", "0.00", "-0.00123", "12.340",
        "340282366920938463463374607431768211455", "-170141183460469231731687303715884105728"}) {
    EXPECT_EQ(again(text), text);
  }
  EXPECT_EQ(again("+5"), "5");
  EXPECT_EQ(again(".5"), "0.5");
  EXPECT_EQ(again("5."), "5");
  EXPECT_EQ(again("-0"), "0");
  EXPECT_EQ(again("007"), "7");
}

TEST(DecimalParse, OtherTextIsRefused) {
  for (const char* const text : {"", "-", ".", "+.", "1e5", " 1", "1 ", "--1", "1.2.3", "NaN", "0x1", "1,5"}) {
    EXPECT_EQ(again(text), "invalid") << text;
  }
  EXPECT_EQ(again(std::string(10'000, '9')), "invalid");
}

TEST(DecimalParse, BytesAreAsFewAsPossible) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const auto value = static_cast<int64_t>(random()) >> (random() % 64);
    DecimalText decimal;
    ASSERT_TRUE(parse_decimal(std::to_string(value), &decimal));
    const std::vector<uint8_t> bytes = unscaled_bytes(decimal);
    Int128 read = 0;
    ASSERT_TRUE(decimal_to_int128(bytes, &read));
    EXPECT_EQ(static_cast<int64_t>(read), value);
    const bool is_longer =
        bytes.size() > 1 && (bytes[0] == 0 || bytes[0] == 0xff) && (bytes[0] & 0x80) == (bytes[1] & 0x80);
    EXPECT_FALSE(is_longer) << value;
  }
}

TEST(DecimalParse, RescaleLosesNothing) {
  DecimalText decimal;
  ASSERT_TRUE(parse_decimal("1.50", &decimal));
  ASSERT_TRUE(rescale(decimal, 1));
  EXPECT_EQ(decimal.digits, "15");
  EXPECT_FALSE(rescale(decimal, 0));
  ASSERT_TRUE(parse_decimal("1.5", &decimal));
  ASSERT_TRUE(rescale(decimal, 3));
  EXPECT_EQ(decimal.digits, "1500");
}

}  // namespace
}  // namespace jetliner
