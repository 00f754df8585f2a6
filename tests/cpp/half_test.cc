// Half-precision numbers: every one of them.
#include "base/half.h"

#include <gtest/gtest.h>

namespace jetliner {
namespace {

TEST(Half, EveryHalfSurvives) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = half_to_float(half);
    uint16_t back = 0;
    ASSERT_TRUE(float_to_half(value, &back));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(half_to_float(back)));
    } else {
      EXPECT_EQ(back, half);
    }
  }
  EXPECT_EQ(half_to_float(0x3c00), 1.0F);
  EXPECT_EQ(half_to_float(0x7bff), 65504.0F);
  EXPECT_EQ(half_to_float(0x0001), 0x1p-24F);
}

TEST(Half, OtherFloatsAreRefused) {
  uint16_t half = 7;
  for (const float value : {0.1F, 65505.0F, 1e9F, 0x1p-25F, 1.0F + 0x1p-11F}) {
    EXPECT_FALSE(float_to_half(value, &half)) << value;
  }
  EXPECT_EQ(half, 7);
}

}  // namespace
}  // namespace jetliner
