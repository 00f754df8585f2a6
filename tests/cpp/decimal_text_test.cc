#include "base/decimal_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace jetliner {
namespace {

std::string text(const std::vector<uint8_t>& bytes, int64_t scale = 0) {
  std::string out = "<";
  append_decimal_text(out, bytes, scale);
  return out.substr(1);
}

TEST(DecimalText, ScaleAndSign) {
  EXPECT_EQ(text({0x00}, 2), "0.00");
  EXPECT_EQ(text({0x85}, 5), "-0.00123");
  EXPECT_EQ(text({0x7b}, 5), "0.00123");
  EXPECT_EQ(text({0x7b}, 3), "0.123");
  EXPECT_EQ(text({0x7b}, 2), "1.23");
  EXPECT_EQ(text({0x7b}, 0), "123");
  EXPECT_EQ(text({0x85}, 0), "-123");
  EXPECT_EQ(text({0x80}, 1), "-12.8");
  EXPECT_EQ(text({0xff, 0xff}, 1), "-0.1");
}

TEST(DecimalText, NegativeScaleMultiplies) {
  EXPECT_EQ(text({0x0c}, -3), "12000");
  EXPECT_EQ(text({0xf4}, -3), "-12000");
  EXPECT_EQ(text({0x00}, -3), "0");
  EXPECT_EQ(text({}, -3), "0");
}

// Trap: zero-length bytes are the value 0.
TEST(DecimalText, TrapNoBytesAreZero) {
  EXPECT_EQ(text({}), "0");
  EXPECT_EQ(text({}, 2), "0.00");
}

TEST(DecimalText, Borders) {
  EXPECT_EQ(text({0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), "9223372036854775807");
  EXPECT_EQ(text({0x80, 0, 0, 0, 0, 0, 0, 0}), "-9223372036854775808");
  EXPECT_EQ(text({0x00, 0x8a, 0xc7, 0x23, 0x04, 0x89, 0xe8, 0x00, 0x00}), "10000000000000000000");  // 10^19
  EXPECT_EQ(text({0x00, 0x8a, 0xc7, 0x23, 0x04, 0x89, 0xe7, 0xff, 0xff}), "9999999999999999999");
  std::vector<uint8_t> largest(16, 0xff);
  largest[0] = 0x7f;
  EXPECT_EQ(text(largest), "170141183460469231731687303715884105727");
  std::vector<uint8_t> smallest(16, 0x00);
  smallest[0] = 0x80;
  EXPECT_EQ(text(smallest), "-170141183460469231731687303715884105728");
  smallest.insert(smallest.begin(), 0x00);  // 2^127 does not fit 128 bits of two's complement
  EXPECT_EQ(text(smallest), "170141183460469231731687303715884105728");
}

// Trap: two's complement of any length, sign extension.
TEST(DecimalText, TrapLeadingSignBytesChangeNothing) {
  for (size_t extra = 0; extra < 40; ++extra) {
    std::vector<uint8_t> positive(extra, 0x00);
    positive.push_back(0x7b);
    EXPECT_EQ(text(positive, 1), "12.3");
    std::vector<uint8_t> negative(extra, 0xff);
    negative.push_back(0x85);
    EXPECT_EQ(text(negative, 1), "-12.3");
  }
}

// Decimal text to bytes, by schoolbook arithmetic on one digit at a time.
std::vector<uint8_t> reference_bytes(const std::string& digits, bool negative, size_t size) {
  std::vector<uint8_t> bytes(size, 0);
  for (const char digit : digits) {
    unsigned carry = static_cast<unsigned>(digit - '0');
    for (size_t i = size; i-- > 0;) {
      carry += 10U * bytes[i];
      bytes[i] = static_cast<uint8_t>(carry);
      carry >>= 8;
    }
  }
  if (negative) {
    unsigned carry = 1;
    for (size_t i = size; i-- > 0;) {
      carry += static_cast<uint8_t>(~bytes[i]);
      bytes[i] = static_cast<uint8_t>(carry);
      carry >>= 8;
    }
  }
  return bytes;
}

TEST(DecimalText, RandomNumbersOfAnyLength) {
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    const size_t n_digits = 1 + random() % (round % 100 == 0 ? 2400 : 120);
    std::string digits(1, static_cast<char>('1' + random() % 9));
    // Runs of zeros and nines meet the borders of chunks.
    for (size_t i = 1; i < n_digits; ++i) {
      digits += i % 40 < 20 && round % 3 == 0 ? (round % 2 == 0 ? '0' : '9') : static_cast<char>('0' + random() % 10);
    }
    const bool negative = random() % 2 == 0;
    const size_t size = n_digits * 5 / 12 + 2 + random() % 4;  // 8 bits hold 2.4 digits
    ASSERT_EQ(text(reference_bytes(digits, negative, size)), (negative ? "-" : "") + digits);
  }
}

TEST(DecimalText, LargestAllowed) {
  std::vector<uint8_t> bytes(kMaxDecimalBytes, 0xff);
  bytes[0] = 0x7f;
  const std::string digits = text(bytes);
  EXPECT_EQ(digits.size(), 2466U);
  EXPECT_EQ(reference_bytes(digits, false, kMaxDecimalBytes), bytes);
  EXPECT_EQ(text({0x01}, kMaxDecimalScale), "0." + std::string(kMaxDecimalScale - 1, '0') + "1");
  EXPECT_EQ(text({0x01}, -kMaxDecimalScale), "1" + std::string(kMaxDecimalScale, '0'));
}

TEST(DecimalToInt128, EveryLength) {
  std::mt19937_64 random(13);
  for (size_t size = 0; size <= 16; ++size) {
    for (int round = 0; round < 200; ++round) {
      std::vector<uint8_t> bytes(size);
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
      if (size > 0 && round < 4) bytes.assign(size, round < 2 ? 0xff : 0x00);
      if (size > 0 && round % 2 == 0) bytes[0] = round % 4 == 0 ? 0x80 : 0x7f;
      Int128 expected = size > 0 && bytes[0] >= 0x80 ? -1 : 0;
      for (const uint8_t byte : bytes) expected = static_cast<Int128>(static_cast<UInt128>(expected) << 8 | byte);
      Int128 value = 42;
      ASSERT_TRUE(decimal_to_int128(bytes, &value));
      ASSERT_TRUE(value == expected) << size;
      // Trap: a number may have more than 16 bytes if the first ones only repeat the sign.
      std::vector<uint8_t> longer(20 + bytes.size(), size > 0 && bytes[0] >= 0x80 ? 0xff : 0x00);
      std::copy(bytes.begin(), bytes.end(), longer.begin() + 20);
      ASSERT_TRUE(decimal_to_int128(longer, &value));
      ASSERT_TRUE(value == expected) << size;
    }
  }
}

TEST(DecimalToInt128, TrapMoreThan128Bits) {
  Int128 value = 42;
  std::vector<uint8_t> bytes(17, 0x00);
  bytes[1] = 0x80;  // 2^127
  EXPECT_FALSE(decimal_to_int128(bytes, &value));
  bytes.assign(17, 0xff);
  bytes[1] = 0x7f;  // -2^127 - 1
  EXPECT_FALSE(decimal_to_int128(bytes, &value));
  bytes.assign(17, 0x00);
  bytes[0] = 0x01;
  EXPECT_FALSE(decimal_to_int128(bytes, &value));
  bytes.assign(40, 0x00);
  bytes[5] = 0x01;
  EXPECT_FALSE(decimal_to_int128(bytes, &value));
  EXPECT_TRUE(value == 42);
}

TEST(DecimalPowers, AllThatFit) {
  UInt128 expected = 1;
  for (int exponent = 0; exponent <= 38; ++exponent, expected *= 10) EXPECT_TRUE(pow10_u128(exponent) == expected);
}

}  // namespace
}  // namespace jetliner
