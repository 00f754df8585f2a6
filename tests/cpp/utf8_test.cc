#include "base/utf8.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace jetliner {
namespace {

// Slow, but by the definition: decodes a code point, encodes it in its shortest form, and compares the bytes.
bool reference_valid(const std::vector<uint8_t>& bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    const uint8_t lead = bytes[at];
    size_t length = 0;
    uint32_t code = 0;
    if (lead < 0x80) {
      length = 1;
      code = lead;
    } else if ((lead & 0xe0) == 0xc0) {
      length = 2;
      code = lead & 0x1f;
    } else if ((lead & 0xf0) == 0xe0) {
      length = 3;
      code = lead & 0x0f;
    } else if ((lead & 0xf8) == 0xf0) {
      length = 4;
      code = lead & 0x07;
    } else {
      return false;
    }
    if (at + length > bytes.size()) return false;
    for (size_t i = 1; i < length; ++i) {
      if ((bytes[at + i] & 0xc0) != 0x80) return false;
      code = code << 6 | (bytes[at + i] & 0x3f);
    }
    const size_t shortest = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (length != shortest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
    at += length;
  }
  return true;
}

// Checks both forms on a copy whose slack is not valid UTF-8. Checks the exact form also on a copy without slack, so
// that a sanitizer sees reads beyond the end.
void expect_same(const std::vector<uint8_t>& bytes) {
  const bool expected = reference_valid(bytes);
  std::vector<uint8_t> slack(bytes);
  slack.insert(slack.end(), kSlackBytes, 0xff);
  ASSERT_EQ(valid_utf8(bytes.data(), bytes.size()), expected);
  ASSERT_EQ(valid_utf8_slack(slack.data(), bytes.size()), expected);
  ASSERT_EQ(valid_utf8_prefix(bytes.data(), bytes.size()) == bytes.size(), expected);
}

TEST(Utf8, EveryOneAndTwoByteSequence) {
  for (unsigned a = 0; a < 256; ++a) {
    expect_same({static_cast<uint8_t>(a)});
    for (unsigned b = 0; b < 256; ++b) expect_same({static_cast<uint8_t>(a), static_cast<uint8_t>(b)});
  }
}

TEST(Utf8, EveryThreeByteSequence) {
  // Called directly, with one buffer, because there are 16 million sequences.
  std::array<uint8_t, 3 + kSlackBytes> buffer{};
  std::vector<uint8_t> bytes(3);
  size_t wrong = 0;
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      for (unsigned c = 0; c < 256; ++c) {
        bytes[0] = buffer[0] = static_cast<uint8_t>(a);
        bytes[1] = buffer[1] = static_cast<uint8_t>(b);
        bytes[2] = buffer[2] = static_cast<uint8_t>(c);
        wrong += valid_utf8(buffer.data(), 3) != reference_valid(bytes);
      }
    }
  }
  EXPECT_EQ(wrong, 0U);
}

// Bytes on both sides of every border of table 3-7.
constexpr std::array<uint8_t, 24> kBorders = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                              0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};

TEST(Utf8, FourByteSequencesOfBorderBytes) {
  for (const uint8_t a : kBorders) {
    for (const uint8_t b : kBorders) {
      for (const uint8_t c : kBorders) {
        for (const uint8_t d : kBorders) expect_same({a, b, c, d});
      }
    }
  }
}

// The same sequences at every place of strings of several lengths, across the borders of words and of the two
// validators.
TEST(Utf8, SequencesAtEveryAlignment) {
  const std::vector<std::vector<uint8_t>> sequences = {{0xc2, 0x80},
                                                       {0xdf, 0xbf},
                                                       {0xc1, 0xbf},
                                                       {0xe0, 0xa0, 0x80},
                                                       {0xe0, 0x9f, 0xbf},
                                                       {0xed, 0x9f, 0xbf},
                                                       {0xed, 0xa0, 0x80},
                                                       {0xef, 0xbf, 0xbf},
                                                       {0xf0, 0x90, 0x80, 0x80},
                                                       {0xf0, 0x8f, 0xbf, 0xbf},
                                                       {0xf4, 0x8f, 0xbf, 0xbf},
                                                       {0xf4, 0x90, 0x80, 0x80},
                                                       {0x80},
                                                       {0xff},
                                                       {0xf0, 0x90, 0x80},
                                                       {0xe2, 0x82},
                                                       {0xc3}};
  for (const size_t length : {4U, 7U, 8U, 15U, 16U, 17U, 31U, 32U, 33U, 40U, 63U, 64U, 65U, 130U}) {
    for (const auto& sequence : sequences) {
      for (size_t at = 0; at + sequence.size() <= length; ++at) {
        std::vector<uint8_t> bytes(length, 'a');
        std::copy(sequence.begin(), sequence.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
        expect_same(bytes);
      }
    }
  }
}

TEST(Utf8, RandomMixtures) {
  std::mt19937 random(7);
  for (int round = 0; round < 50'000; ++round) {
    std::vector<uint8_t> bytes;
    const size_t characters = random() % 40;
    for (size_t i = 0; i < characters; ++i) {
      switch (random() % 4) {
        case 0:
          bytes.push_back(static_cast<uint8_t>(random() % 0x80));
          break;
        case 1:
          bytes.insert(bytes.end(), {0xc3, static_cast<uint8_t>(0x80 + random() % 0x40)});
          break;
        case 2:
          bytes.insert(bytes.end(), {0xe2, 0x82, static_cast<uint8_t>(0x80 + random() % 0x40)});
          break;
        default:
          bytes.insert(bytes.end(), {0xf0, 0x9f, 0x98, static_cast<uint8_t>(0x80 + random() % 0x40)});
      }
    }
    if (!bytes.empty() && random() % 2 == 0) bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    if (!bytes.empty() && random() % 4 == 0) bytes.resize(random() % bytes.size());
    expect_same(bytes);
  }
}

TEST(Utf8, AsciiIsToldByEveryBit) {
  for (size_t length = 0; length < 70; ++length) {
    std::vector<uint8_t> bytes(length + kSlackBytes, 0xff);
    std::fill_n(bytes.begin(), length, uint8_t{0x7f});
    EXPECT_TRUE(is_ascii_slack(bytes.data(), length));
    const std::vector<uint8_t> exact(length, 0x7f);
    EXPECT_TRUE(is_ascii(exact.data(), length));
    for (size_t at = 0; at < length; ++at) {
      std::vector<uint8_t> high(exact);
      high[at] = 0x80;
      bytes[at] = 0x80;
      EXPECT_FALSE(is_ascii(high.data(), length));
      EXPECT_FALSE(is_ascii_slack(bytes.data(), length));
      bytes[at] = 0x7f;
    }
  }
}

std::string replaced(std::string_view text) {
  std::string out = "<";
  append_replaced_utf8(out, as_bytes(text).data(), text.size());
  return out.substr(1);
}

TEST(Utf8, OneReplacementForEachMaximalPartOfACharacter) {
#define FFFD "\xef\xbf\xbd"
  EXPECT_EQ(replaced(""), "");
  EXPECT_EQ(replaced("plain \xc3\xa9"), "plain \xc3\xa9");
  EXPECT_EQ(replaced("\xff"), FFFD);
  EXPECT_EQ(replaced("\x80\xbf"), FFFD FFFD);
  EXPECT_EQ(replaced("\xc3(\xc3"), FFFD "(" FFFD);
  EXPECT_EQ(replaced("\xc0\xaf"), FFFD FFFD);
  EXPECT_EQ(replaced("\xe2\x82"), FFFD);
  EXPECT_EQ(replaced("\xe2\x82x"), FFFD "x");
  EXPECT_EQ(replaced("\xed\xa0\x80"), FFFD FFFD FFFD);
  EXPECT_EQ(replaced("\xe0\x80\xaf"), FFFD FFFD FFFD);
  EXPECT_EQ(replaced("\xf0\x9f\x98"), FFFD);
  EXPECT_EQ(replaced("\xf0\x9f\xe2\x82\xac"), FFFD "\xe2\x82\xac");
  EXPECT_EQ(replaced("\xf4\x90\x80\x80"), FFFD FFFD FFFD FFFD);
  // The example of the Unicode standard, table 3-8.
  EXPECT_EQ(replaced("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82"
                     "A"),
            FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A");
  EXPECT_EQ(replaced("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf"
                     "A"),
            FFFD FFFD FFFD FFFD "A");
#undef FFFD
}

TEST(Utf8, WhatIsReplacedIsValidAndTheRestUntouched) {
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    const size_t length = random() % 24;
    for (size_t i = 0; i < length; ++i) bytes += static_cast<char>(kBorders.at(random() % kBorders.size()));
    const std::string out = replaced(bytes);
    ASSERT_TRUE(valid_utf8(as_bytes(out).data(), out.size()));
    const size_t prefix = valid_utf8_prefix(as_bytes(bytes).data(), bytes.size());
    ASSERT_EQ(out.substr(0, prefix), bytes.substr(0, prefix));
    ASSERT_EQ(out == bytes, prefix == bytes.size());
  }
}

TEST(Utf8, PrefixEndsBetweenCharacters) {
  const auto prefix = [](std::string_view text) { return valid_utf8_prefix(as_bytes(text).data(), text.size()); };
  EXPECT_EQ(prefix(""), 0U);
  EXPECT_EQ(prefix("abc"), 3U);
  EXPECT_EQ(prefix("ab\xc3\xa9"), 4U);
  EXPECT_EQ(prefix("ab\xc3"), 2U);
  EXPECT_EQ(prefix("ab\xff"
                   "cd"),
            2U);
  EXPECT_EQ(prefix("\xf0\x9f\x98"), 0U);
}

}  // namespace
}  // namespace jetliner
