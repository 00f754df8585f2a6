// The queue between sources and fetchers: which thread takes which range.
#include "source/range_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <thread>

#include "codec_samples.h"
#include "jetliner/error.h"
#include "jetliner/range_store.h"
#include "jetliner/source.h"

namespace jetliner {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<Range> ask_ahead(RangeQueue& queue, uint64_t offset) {
  return queue.ask_ahead({.path = "a", .offset = offset, .bytes = 10});
}

std::future<std::shared_ptr<Range>> take_soon(RangeQueue& queue, const std::shared_ptr<FetcherThread>& thread) {
  return std::async(std::launch::async, [&queue, thread] { return queue.take(thread, true); });
}

bool waits(std::future<std::shared_ptr<Range>>& taken) { return taken.wait_for(50ms) == std::future_status::timeout; }

TEST(RangeQueue, AThreadThatHasLentBytesTakesOnlyWhatSomebodyWaitsFor) {
  RangeQueue queue(RangeStoreOptions{});
  const auto thread = std::make_shared<FetcherThread>();
  thread->num_lent = 1;
  const std::shared_ptr<Range> ahead = ask_ahead(queue, 0);
  std::future<std::shared_ptr<Range>> taken = take_soon(queue, thread);
  EXPECT_TRUE(waits(taken));
  EXPECT_EQ(queue.num_idle(), 0U);
  const std::shared_ptr<Range> asked = queue.ask({.path = "a", .offset = 100, .bytes = 10});
  EXPECT_EQ(taken.get(), asked);

  // The reader comes to the range that was only ahead.
  taken = take_soon(queue, thread);
  EXPECT_TRUE(waits(taken));
  const bool interrupted = false;
  std::thread reader([&] { EXPECT_THROW(queue.wait(*ahead, interrupted), Error); });
  EXPECT_EQ(taken.get(), ahead);

  // A thread that need not spare memory, or has lent nothing, takes any range.
  const std::shared_ptr<Range> next = ask_ahead(queue, 200);
  EXPECT_EQ(queue.take(thread, false), next);
  thread->num_lent = 0;
  const std::shared_ptr<Range> last = ask_ahead(queue, 300);
  EXPECT_EQ(queue.take(thread, true), last);
  queue.close();
  reader.join();
}

TEST(RangeQueue, RangesGoToThreadsThatHaveLentNothing) {
  RangeQueue queue(RangeStoreOptions{});
  const auto free = std::make_shared<FetcherThread>();
  const auto holder = std::make_shared<FetcherThread>();
  holder->num_lent = 1;
  std::future<std::shared_ptr<Range>> of_free = take_soon(queue, free);
  EXPECT_TRUE(waits(of_free));
  std::future<std::shared_ptr<Range>> of_holder = take_soon(queue, holder);
  EXPECT_TRUE(waits(of_holder));
  EXPECT_EQ(queue.num_idle(), 1U);
  const std::shared_ptr<Range> first = queue.ask({.path = "a", .bytes = 10});
  EXPECT_EQ(of_free.get(), first);
  const std::shared_ptr<Range> second = queue.ask({.path = "a", .offset = 10, .bytes = 10});
  EXPECT_EQ(of_holder.get(), second);
}

TEST(RangeQueue, AThreadWhoseBytesCameBackWhileItWaitedIsWokenByTheNextOne) {
  RangeQueue queue(RangeStoreOptions{});
  const auto first = std::make_shared<FetcherThread>();
  const auto second = std::make_shared<FetcherThread>();
  first->num_lent = 1;
  std::future<std::shared_ptr<Range>> of_first = take_soon(queue, first);
  EXPECT_TRUE(waits(of_first));
  const std::shared_ptr<Range> one = ask_ahead(queue, 0);
  const std::shared_ptr<Range> two = ask_ahead(queue, 10);
  EXPECT_TRUE(waits(of_first));
  first->num_lent = 0;
  EXPECT_EQ(queue.take(second, true), one);
  EXPECT_EQ(of_first.get(), two);

  // The thread that comes may take nothing itself, and wakes the other one all the same.
  first->num_lent = 1;
  of_first = take_soon(queue, first);
  EXPECT_TRUE(waits(of_first));
  const std::shared_ptr<Range> three = ask_ahead(queue, 20);
  second->num_lent = 1;
  first->num_lent = 0;
  std::future<std::shared_ptr<Range>> of_second = take_soon(queue, second);
  EXPECT_EQ(of_first.get(), three);
  queue.close();
  EXPECT_EQ(of_second.get(), nullptr);
}

TEST(RangeQueue, LentBytesCountUntilTheyAreGivenBack) {
  const Bytes bytes(100'000);
  RangeStore store({.first_bytes = 1000, .chunk_bytes = 4000});
  std::atomic<int> num_alive = 0;
  std::atomic<int> num_uncounted = 0;
  std::thread fetcher([&] {
    while (const std::unique_ptr<RangeJob> job = store.take()) {
      const WantedRange& range = job->range();
      const size_t count = std::min(range.bytes, bytes.size() - static_cast<size_t>(range.offset));
      const auto* const begin = bytes.data() + range.offset;
      const std::shared_ptr<const Bytes> copy(new Bytes(begin, begin + count), [&](const Bytes* owned) {
        delete owned;
        --num_alive;
      });
      ++num_alive;
      job->succeed({{{copy->data(), copy->size()}, copy}}, {.object_bytes = bytes.size(), .version = "1"});
      // The reader keeps the last bytes until it gets the next ones.
      const bool is_last = range.offset + count == bytes.size();
      if (range.offset > 0 && !is_last && !FetcherThread::own()->has_lent()) ++num_uncounted;
    }
    EXPECT_FALSE(FetcherThread::own()->has_lent());
  });
  {
    const std::unique_ptr<Source> source = store.open("a");
    LentBytes held;
    for (uint64_t offset = 0; offset < source->size(); offset += held.bytes.size()) held = source->lend(offset, 1000);
    EXPECT_GT(num_alive, 0);
  }
  while (num_alive > 0) std::this_thread::sleep_for(1ms);
  store.close();
  fetcher.join();
  EXPECT_EQ(num_uncounted, 0);
}

}  // namespace
}  // namespace jetliner
