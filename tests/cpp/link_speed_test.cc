// What one more request costs, from the times of requests.
#include "source/link_speed.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>

namespace jetliner {
namespace {

using namespace std::chrono_literals;

constexpr size_t kRange = 1 << 20;
const LinkSpeed::Clock::time_point kStart{1h};

TEST(LinkSpeed, IsNotKnownFromSmallRequests) {
  LinkSpeed speed;
  EXPECT_FALSE(speed.measured().has_value());
  for (int i = 0; i < 100; ++i) speed.add(kStart + i * 20ms, kStart + (i + 1) * 20ms, 64 << 10);
  EXPECT_FALSE(speed.measured().has_value());
}

TEST(LinkSpeed, CostIsDelayTimesBandwidth) {
  LinkSpeed speed;
  speed.add(kStart, kStart + 20ms, 100);
  // 10 ms for 1 MiB, after a delay of 20 ms. 5 ms is the rest of a request's cost.
  for (int i = 0; i < 10; ++i) speed.add(kStart + i * 30ms, kStart + (i + 1) * 30ms, kRange);
  ASSERT_TRUE(speed.measured().has_value());
  EXPECT_NEAR(speed.measured()->request_cost_bytes(), 2.5 * kRange, 0.01 * kRange);
  EXPECT_NEAR(speed.measured()->delay.count(), 0.020, 1e-6);
  EXPECT_NEAR(speed.measured()->bytes_per_second, 100.0 * kRange, 0.01 * kRange);
}

TEST(LinkSpeed, RequestsAtTheSameTimeAddUp) {
  LinkSpeed speed;
  speed.add(kStart, kStart + 20ms, 100);
  // Four at a time: 4 MiB in 10 ms.
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < 4; ++j) speed.add(kStart + i * 30ms, kStart + (i + 1) * 30ms, kRange);
  }
  EXPECT_NEAR(speed.measured()->request_cost_bytes(), 10.0 * kRange, 0.01 * kRange);
}

TEST(LinkSpeed, FollowsALinkThatGetsSlower) {
  LinkSpeed speed;
  auto now = kStart;
  const auto add = [&](int requests, std::chrono::milliseconds time) {
    for (int i = 0; i < requests; ++i, now += time) speed.add(now, now + time, kRange);
  };
  add(1, 1ms);
  add(1000, 2ms);
  const double before = speed.measured()->request_cost_bytes();
  add(1000, 101ms);
  EXPECT_LT(speed.measured()->request_cost_bytes(), before / 20);
}

}  // namespace
}  // namespace jetliner
