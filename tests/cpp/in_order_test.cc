// A known number of results, made by several threads: their order, how far ahead they are made, and how it all ends.
#include "pipeline/in_order.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace jetliner {
namespace {

using namespace std::chrono_literals;
using Stopped = std::atomic<bool>;

constexpr auto kForEver = std::chrono::steady_clock::time_point::max();

std::chrono::steady_clock::time_point soon() { return std::chrono::steady_clock::now() + 5ms; }

TEST(InOrder, ResultsComeInOrderWhicheverThreadIsFirst) {
  for (const size_t n_threads : {1, 2, 5}) {
    for (const size_t most_ahead : {1, 3, 1000}) {
      InOrder<size_t> results(200, n_threads, most_ahead, [](size_t index, size_t, const Stopped&) {
        if (index % 7 == 0) std::this_thread::sleep_for(200us);  // others overtake
        return index;
      });
      ASSERT_TRUE(results.has_threads());
      for (size_t i = 0; i < 200; ++i) ASSERT_EQ(results.take(kForEver), i);
    }
  }
}

TEST(InOrder, ThreadsHaveNumbersOfTheirOwn) {
  std::atomic<int> num_waiting = 0;
  InOrder<size_t> results(3, 3, 3, [&](size_t, size_t thread, const Stopped&) {
    ++num_waiting;
    while (num_waiting < 3) std::this_thread::yield();  // all three are at work at the same time
    return thread;
  });
  std::set<size_t> threads;
  for (int i = 0; i < 3; ++i) threads.insert(results.take(kForEver).value());
  EXPECT_EQ(threads, (std::set<size_t>{0, 1, 2}));
}

TEST(InOrder, MakesAtMostSoManyAhead) {
  constexpr size_t kMostAhead = 4;
  std::atomic<size_t> num_taken = 0;  // or about to be
  std::atomic<size_t> num_made = 0;
  std::atomic<bool> too_early = false;
  InOrder<size_t> results(100, 3, kMostAhead, [&](size_t index, size_t, const Stopped&) {
    if (index >= num_taken + kMostAhead) too_early = true;
    ++num_made;
    return index;
  });
  while (num_made < kMostAhead) std::this_thread::yield();  // they are made before anybody asks
  std::this_thread::sleep_for(10ms);
  EXPECT_EQ(num_made, kMostAhead);
  for (size_t i = 0; i < 100; ++i) {
    ++num_taken;
    EXPECT_EQ(results.take(kForEver), i);
  }
  EXPECT_EQ(num_made, 100U);
  EXPECT_FALSE(too_early);
}

TEST(InOrder, DeadlineEndsTheWaitAndLosesNothing) {
  std::promise<void> go;
  InOrder<int> results(2, 1, 2, [&](size_t index, size_t, const Stopped&) {
    if (index == 0) go.get_future().wait();
    return static_cast<int>(index) + 10;
  });
  EXPECT_EQ(results.take(soon()), std::nullopt);
  EXPECT_EQ(results.take(std::chrono::steady_clock::now() - 1h), std::nullopt);
  go.set_value();
  EXPECT_EQ(results.take(kForEver), 10);
  EXPECT_EQ(results.take(kForEver), 11);
}

TEST(InOrder, ResultOutOfTurnWaits) {
  std::promise<void> go;
  std::promise<void> second_is_made;
  InOrder<size_t> results(2, 2, 2, [&](size_t index, size_t, const Stopped&) {
    if (index == 0) go.get_future().wait();
    if (index == 1) second_is_made.set_value();
    return index;
  });
  second_is_made.get_future().wait();
  EXPECT_EQ(results.take(soon()), std::nullopt);
  go.set_value();
  EXPECT_EQ(results.take(kForEver), 0U);
  EXPECT_EQ(results.take(kForEver), 1U);
}

TEST(InOrder, ExceptionsAreThrownInTheirPlace) {
  InOrder<size_t> results(4, 2, 4, [](size_t index, size_t, const Stopped&) {
    if (index == 2) throw std::runtime_error("the third");
    return index;
  });
  EXPECT_EQ(results.take(kForEver), 0U);
  EXPECT_EQ(results.take(kForEver), 1U);
  try {
    (void)results.take(kForEver);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the third");
  }
  EXPECT_EQ(results.take(kForEver), 3U);  // what comes after it is there
}

TEST(InOrder, StopFromAnotherThreadWakesTheTaker) {
  InOrder<int> results(1, 1, 1, [](size_t, size_t, const Stopped& stopped) {
    while (!stopped) std::this_thread::yield();
    return 1;
  });
  std::thread stopper([&] {
    std::this_thread::sleep_for(10ms);
    results.stop();
  });
  EXPECT_EQ(results.take(kForEver), std::nullopt);
  stopper.join();
  EXPECT_EQ(results.take(kForEver), std::nullopt);
}

TEST(InOrder, NothingIsTakenAfterStopEvenIfItWasMade) {
  std::promise<void> made;
  InOrder<size_t> results(2, 1, 2, [&](size_t index, size_t, const Stopped&) {
    if (index == 1) made.set_value();
    return index;
  });
  made.get_future().wait();  // so the first result is there
  results.stop();
  EXPECT_EQ(results.take(kForEver), std::nullopt);
}

TEST(InOrder, NothingMoreIsMadeAfterStop) {
  std::atomic<size_t> num_made = 0;
  {
    InOrder<size_t> results(1000, 2, 1, [&](size_t index, size_t, const Stopped&) {
      ++num_made;
      return index;
    });
    EXPECT_EQ(results.take(kForEver), 0U);
    results.stop();
  }
  EXPECT_LE(num_made, 2U);
}

TEST(InOrder, DestructorStopsThreadsThatMakeAndThatWait) {
  std::atomic<int> num_ended = 0;
  {
    InOrder<int> results(5, 3, 2, [&](size_t, size_t, const Stopped& stopped) {  // two make, the third has no room
      while (!stopped) std::this_thread::yield();
      ++num_ended;
      return 0;
    });
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_LE(num_ended, 2);  // whoever had begun has ended, and nobody began after that
}

TEST(InOrder, NoResults) {
  const InOrder<int> results(0, 2, 1, [](size_t, size_t, const Stopped&) -> int { throw std::logic_error("made"); });
  EXPECT_TRUE(results.has_threads());
}

TEST(InOrder, NoThreads) {
  const InOrder<int> results(5, 0, 1, [](size_t, size_t, const Stopped&) { return 1; });
  EXPECT_FALSE(results.has_threads());
}

TEST(InOrder, ResultsNeedNotBeCopied) {
  InOrder<std::unique_ptr<std::string>> results(2, 1, 1, [](size_t index, size_t, const Stopped&) {
    return std::make_unique<std::string>(std::to_string(index));
  });
  EXPECT_EQ(**results.take(kForEver), "0");
  EXPECT_EQ(**results.take(kForEver), "1");
}

}  // namespace
}  // namespace jetliner
