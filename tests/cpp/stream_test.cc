// The pipeline with opaque work: order, budget, who calls the producer, submitted work, failures, and stopping. Meant
// for ThreadSanitizer as well (make test-tsan).
#include "pipeline/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline_items.h"

namespace jetliner {
namespace {

using namespace std::chrono_literals;

// Shared by a test, its producer and its workers.
struct Factory {
  size_t num_works = 100;
  size_t work_bytes = 0;
  std::function<bool(size_t number)> is_slow = [](size_t) { return false; };
  size_t fails_at = SIZE_MAX;         // the producer, at this work
  size_t worker_fails_at = SIZE_MAX;  // a worker, at this work
  std::chrono::microseconds work_time{0};
  std::atomic<bool> blocks = false;  // the producer waits while this is set

  std::atomic<size_t> made = 0;        // works that the producer gave
  std::atomic<size_t> held_bytes = 0;  // of works that no worker has begun
  std::atomic<size_t> most_held_bytes = 0;
  std::atomic<int> in_producer = 0;
  std::atomic<int> most_in_producer = 0;
};

void raise_to(std::atomic<size_t>& most, size_t value) {
  size_t seen = most;
  while (seen < value && !most.compare_exchange_weak(seen, value)) {
  }
}

class TestProducer final : public Producer<TestWork> {
 public:
  explicit TestProducer(Factory& factory) : factory_(factory) {}

  bool next(TestWork& work) override {
    const int inside = ++factory_.in_producer;
    most_ = std::max(most_, inside);
    factory_.most_in_producer = most_;
    while (factory_.blocks) std::this_thread::sleep_for(1ms);
    const size_t number = next_++;
    --factory_.in_producer;
    if (number == factory_.fails_at) throw std::runtime_error("producer");
    if (number >= factory_.num_works) return false;
    work = {.number = number, .bytes = factory_.work_bytes, .num_results = number % 3 + 1};
    raise_to(factory_.most_held_bytes, factory_.held_bytes += factory_.work_bytes);
    ++factory_.made;
    return true;
  }
  [[nodiscard]] size_t next_bytes() const override { return factory_.work_bytes; }
  [[nodiscard]] bool is_slow() const override { return factory_.is_slow(next_); }
  [[nodiscard]] bool has_plenty_left() const override { return next_ + 2 < factory_.num_works; }
  void close() override { next_ = factory_.num_works; }

 private:
  Factory& factory_;
  size_t next_ = 0;
  int most_ = 0;
};

class TestWorker final : public Worker<TestWork, TestResult> {
 public:
  explicit TestWorker(Factory& factory) : factory_(factory) {}

  void start(TestWork work) override {
    factory_.held_bytes -= work.bytes;
    work_ = work;
    part_ = 0;
  }
  bool next(size_t /*most_rows*/, TestResult& result) override {
    if (part_ == work_.num_results) return false;
    if (work_.number == factory_.worker_fails_at) throw std::runtime_error("worker");
    if (factory_.work_time > 0us) std::this_thread::sleep_for(factory_.work_time);
    result = {.number = work_.number, .part = part_++, .rows = 10, .bytes = 100};
    return true;
  }

 private:
  Factory& factory_;
  TestWork work_;
  size_t part_ = 0;
};

using TestStream = Stream<TestWork, TestResult>;

std::unique_ptr<TestStream> stream_of(Factory& factory, const StreamOptions& options) {
  return std::make_unique<TestStream>(
      std::make_unique<TestProducer>(factory), [&factory] { return std::make_unique<TestWorker>(factory); }, options);
}

struct Outcome {
  std::vector<std::pair<size_t, size_t>> parts;
  std::string error;
};

Outcome drained(TestStream& stream) {
  Outcome outcome;
  for (TestResult result; stream.next(SIZE_MAX, Clock::now() + 30s, result) == StreamPoll::kResult;) {
    if (result.error == nullptr) {
      outcome.parts.emplace_back(result.number, result.part);
      continue;
    }
    try {
      std::rethrow_exception(result.error);
    } catch (const std::exception& error) {
      outcome.error = error.what();
      break;
    }
  }
  return outcome;
}

std::vector<std::pair<size_t, size_t>> expected_parts(size_t num_works) {
  std::vector<std::pair<size_t, size_t>> parts;
  for (size_t number = 0; number < num_works; ++number) {
    for (size_t part = 0; part < number % 3 + 1; ++part) parts.emplace_back(number, part);
  }
  return parts;
}

// All, none and some of the work come from a slow producer.
const std::vector<std::function<bool(size_t)>>& speeds() {
  static const auto& kSpeeds = *new std::vector<std::function<bool(size_t)>>{
      [](size_t) { return false; },
      [](size_t) { return true; },
      [](size_t number) { return number / 10 % 2 == 1; },
      [](size_t number) { return number % 2 == 0; },
  };
  return kSpeeds;
}

TEST(Stream, ResultsComeInTheOrderOfTheWork) {
  for (const auto& is_slow : speeds()) {
    for (const size_t n_threads : {1, 2, 5}) {
      for (const size_t max_queued_items : {1, 4}) {
        for (const size_t max_ready_bytes : {size_t{1}, size_t{250}, SIZE_MAX}) {
          Factory factory{.is_slow = is_slow};
          const auto stream =
              stream_of(factory, {.limits = {.max_queued_items = max_queued_items, .max_ready_bytes = max_ready_bytes},
                                  .n_threads = n_threads});
          EXPECT_EQ(drained(*stream).parts, expected_parts(factory.num_works));
          EXPECT_EQ(factory.most_in_producer, 1);
        }
      }
    }
  }
}

// The thread of a slow producer asks for room before it has the next work, so that no work is held beyond the limit.
// Work that a worker has taken and not begun counts as well.
TEST(Stream, QueuedWorkStaysWithinItsBytes) {
  Factory factory{.work_bytes = 1000, .is_slow = [](size_t) { return true; }, .work_time = 200us};
  const auto stream =
      stream_of(factory, {.limits = {.max_queued_items = 50, .max_queued_bytes = 4000}, .n_threads = 2});
  EXPECT_EQ(drained(*stream).parts.size(), expected_parts(factory.num_works).size());
  EXPECT_LE(factory.most_held_bytes, 4000U + 2 * 1000U);
  EXPECT_GE(factory.most_held_bytes, 3000U);
}

TEST(Stream, WorkLargerThanTheLimitPassesAlone) {
  Factory factory{.work_bytes = 1000, .is_slow = [](size_t) { return true; }, .work_time = 200us};
  const auto stream = stream_of(factory, {.limits = {.max_queued_items = 50, .max_queued_bytes = 10}, .n_threads = 2});
  EXPECT_EQ(drained(*stream).parts, expected_parts(factory.num_works));
  EXPECT_LE(factory.most_held_bytes, 3 * 1000U);
}

TEST(Stream, ProducerThatFailsIsAnErrorAfterTheResultsBeforeIt) {
  for (const auto& is_slow : speeds()) {
    for (const size_t n_threads : {1, 3}) {
      Factory factory{.is_slow = is_slow, .fails_at = 60};
      const auto stream = stream_of(factory, {.n_threads = n_threads});
      const Outcome outcome = drained(*stream);
      EXPECT_EQ(outcome.error, "producer");
      EXPECT_EQ(outcome.parts, expected_parts(60));
    }
  }
}

TEST(Stream, WorkThatFailsIsAnErrorInItsPlace) {
  for (const size_t n_threads : {1, 3}) {
    Factory factory{.worker_fails_at = 41};
    const auto stream = stream_of(factory, {.n_threads = n_threads});
    const Outcome outcome = drained(*stream);
    EXPECT_EQ(outcome.error, "worker");
    EXPECT_EQ(outcome.parts, expected_parts(41));
  }
}

TEST(Stream, SubmittedWorkGoesFirstAndIsTakenAfterTheEnd) {
  for (const size_t n_threads : {1, 3}) {
    Factory factory{.num_works = 30};
    const auto stream = stream_of(factory, {.n_threads = n_threads, .takes_submitted = true});
    std::vector<std::pair<size_t, size_t>> produced;
    std::vector<std::pair<size_t, size_t>> submitted;
    size_t next_submitted = 1000;
    for (TestResult result;;) {
      const StreamPoll poll = stream->next(SIZE_MAX, Clock::now() + 30s, result);
      if (poll == StreamPoll::kEnd && next_submitted == 1040) break;
      ASSERT_NE(poll, StreamPoll::kPending);
      if (poll == StreamPoll::kResult)
        (result.number < 1000 ? produced : submitted).emplace_back(result.number, result.part);
      if (next_submitted < 1040) stream->submit({.number = next_submitted++, .num_results = 2});
    }
    EXPECT_EQ(produced, expected_parts(30));
    ASSERT_EQ(submitted.size(), 80U);
    for (size_t i = 0; i < submitted.size(); ++i) EXPECT_EQ(submitted[i], std::pair(1000 + i / 2, i % 2));
  }
}

TEST(Stream, NoRowsAreDemandedOfTheProducer) {
  for (const size_t n_threads : {1, 2}) {
    Factory factory;
    const auto stream = stream_of(factory, {.n_threads = n_threads, .takes_submitted = true});
    TestResult result;
    for (int i = 0; i < 20; ++i) ASSERT_EQ(stream->next(SIZE_MAX, Clock::now() + 30s, result), StreamPoll::kResult);
    stream->submit({.number = 500});
    ASSERT_EQ(stream->next(0, Clock::now() + 30s, result), StreamPoll::kResult);
    EXPECT_EQ(result.number, 500U);
    EXPECT_EQ(stream->next(0, Clock::now() + 5ms, result), StreamPoll::kPending);
  }
}

// The consumer waits for a producer that does not come back: stop() wakes it up.
TEST(Stream, StopWakesAConsumerThatWaits) {
  for (const bool is_slow : {false, true}) {
    Factory factory{.is_slow = [is_slow](size_t) { return is_slow; }};
    const auto stream = stream_of(factory, {.n_threads = 2});
    TestResult result;
    for (int i = 0; i < 20; ++i) ASSERT_EQ(stream->next(SIZE_MAX, Clock::now() + 30s, result), StreamPoll::kResult);
    factory.blocks = true;
    std::thread stopper([&] {
      std::this_thread::sleep_for(20ms);
      stream->stop();
    });
    const Clock::time_point start = Clock::now();
    while (stream->next(SIZE_MAX, Clock::now() + 60s, result) == StreamPoll::kResult) {
    }
    EXPECT_LT(Clock::now() - start, 30s);
    stopper.join();
    factory.blocks = false;
    EXPECT_EQ(stream->next(SIZE_MAX, Clock::now() + 30s, result), StreamPoll::kEnd);
  }
}

// What was submitted before the producer failed is still done, and comes before the error.
TEST(Stream, SubmittedWorkIsDoneThoughTheProducerFails) {
  for (const size_t n_threads : {1, 3}) {
    Factory factory{.fails_at = 5};
    const auto stream = stream_of(factory, {.n_threads = n_threads, .takes_submitted = true});
    TestResult result;
    ASSERT_EQ(stream->next(SIZE_MAX, Clock::now() + 30s, result), StreamPoll::kResult);
    while (result.error == nullptr) ASSERT_EQ(stream->next(SIZE_MAX, Clock::now() + 30s, result), StreamPoll::kResult);
    stream->submit({.number = 900});
    ASSERT_EQ(stream->next(0, Clock::now() + 30s, result), StreamPoll::kResult);
    EXPECT_EQ(result.number, 900U);
  }
}

// A worker that has failed may be in any state: the consumer does not use its own again.
TEST(Stream, SubmittedWorkThatFailsIsAnErrorInItsPlace) {
  for (const size_t n_threads : {1, 3}) {
    Factory factory{.num_works = 20, .worker_fails_at = 901};
    const auto stream = stream_of(factory, {.n_threads = n_threads, .takes_submitted = true});
    for (size_t number = 900; number < 904; ++number) stream->submit({.number = number});
    std::vector<size_t> numbers;
    TestResult result;
    while (stream->next(SIZE_MAX, Clock::now() + 30s, result) == StreamPoll::kResult && result.error == nullptr) {
      if (result.number >= 900) numbers.push_back(result.number);
    }
    EXPECT_NE(result.error, nullptr);
    EXPECT_EQ(numbers, std::vector<size_t>{900});
  }
}

TEST(Stream, AbandonedAnywhereItJoinsItsThreads) {
  for (size_t taken = 0; taken < 60; taken += 7) {
    Factory factory{.is_slow = [](size_t number) { return number % 2 == 0; }};
    const auto stream = stream_of(factory, {.limits = {.max_ready_bytes = 150}, .n_threads = 3});
    TestResult result;
    for (size_t i = 0; i < taken; ++i)
      ASSERT_EQ(stream->next(SIZE_MAX, Clock::now() + 30s, result), StreamPoll::kResult);
  }
}

TEST(Stream, DeadlinesDoNotOverflow) {
  EXPECT_GT(deadline_after(std::chrono::milliseconds::max()), Clock::now() + std::chrono::hours(24 * 300));
  EXPECT_LE(deadline_after(0ms), Clock::now());
  Factory factory;
  const auto stream = stream_of(factory, {.n_threads = 2});
  TestResult result;
  EXPECT_EQ(stream->next(SIZE_MAX, deadline_after(std::chrono::milliseconds::max()), result), StreamPoll::kResult);
}

}  // namespace
}  // namespace jetliner
