// Longs as bytes: the same as by the plain algorithm, and never more than there is room for.
#include "encode/put.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace jetliner {
namespace {

std::vector<uint8_t> put(int64_t value) {
  std::vector<uint8_t> room(kMostScalarBytes);
  const uint8_t* const end = put_long(room.data(), value);
  room.resize(static_cast<size_t>(end - room.data()));
  return room;
}

TEST(PutLong, EveryLength) {
  std::mt19937_64 random(5);
  for (int shift = 0; shift < 64; ++shift) {
    for (int i = 0; i < 200; ++i) {
      const auto value = static_cast<int64_t>(random()) >> shift;
      std::vector<uint8_t> wanted;
      append_long(wanted, value);
      ASSERT_EQ(put(value), wanted) << value;
    }
  }
  for (const int64_t value : {INT64_MIN, INT64_MAX, int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{64}, int64_t{-64},
                              int64_t{1} << 54, int64_t{1} << 55, -(int64_t{1} << 55), (int64_t{1} << 55) - 1}) {
    std::vector<uint8_t> wanted;
    append_long(wanted, value);
    EXPECT_EQ(put(value), wanted) << value;
  }
}

}  // namespace
}  // namespace jetliner
