#include "base/base64.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetliner {
namespace {

std::string base64(std::string_view text) {
  std::string out = "<";
  append_base64(out, as_bytes(text));
  EXPECT_EQ(out.front(), '<');
  return out.substr(1);
}

// RFC 4648, section 10.
TEST(Base64, TestVectors) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, StandardAlphabet) {
  EXPECT_EQ(base64("\xfb\xff\xbf"), "+/+/");
  EXPECT_EQ(base64("\xff\xff\xff\xff"), "/////w==");
}

TEST(Base64, EveryByteAtEveryPlaceDecodesBack) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t length = 1; length <= 7; ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string bytes(length, '\x5a');
        bytes[at] = static_cast<char>(byte);
        const std::string encoded = base64(bytes);
        ASSERT_EQ(encoded.size(), (length + 2) / 3 * 4);
        std::string decoded;
        unsigned bits = 0;
        int n_bits = 0;
        for (const char c : encoded) {
          if (c == '=') break;
          bits = bits << 6 | static_cast<unsigned>(alphabet.find(c));
          n_bits += 6;
          if (n_bits >= 8) decoded += static_cast<char>(bits >> (n_bits -= 8));
        }
        ASSERT_EQ(decoded, bytes);
      }
    }
  }
}

}  // namespace
}  // namespace jetliner
