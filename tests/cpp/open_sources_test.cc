// Which sources of a read are interrupted, and when they are forgotten.
#include "files/open_sources.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

namespace jetliner {
namespace {

// What happened to a source, for as long as the test goes.
struct Fate {
  std::atomic<int> num_interrupts = 0;
  std::atomic<int> num_closed = 0;
};

class FatefulSource final : public Source {
 public:
  explicit FatefulSource(Fate& fate) : fate_(fate) {}
  ~FatefulSource() override { ++fate_.num_closed; }
  size_t read_at(uint64_t /*offset*/, std::span<uint8_t> /*out*/) override { return 0; }
  [[nodiscard]] uint64_t size() const override { return 42; }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 1; }
  void interrupt() override { ++fate_.num_interrupts; }

 private:
  Fate& fate_;
};

OpenSources::Handle open(OpenSources& home, Fate& fate) { return home.hold(std::make_unique<FatefulSource>(fate)); }

TEST(OpenSources, InterruptReachesAllThatAreOpen) {
  OpenSources home;
  Fate first;
  Fate second;
  const OpenSources::Handle a = open(home, first);
  const OpenSources::Handle b = open(home, second);
  EXPECT_EQ(first.num_interrupts + second.num_interrupts, 0);
  home.interrupt();
  EXPECT_EQ(first.num_interrupts, 1);
  EXPECT_EQ(second.num_interrupts, 1);
}

TEST(OpenSources, LaterSourcesAreInterruptedAtOnce) {
  OpenSources home;
  home.interrupt();
  Fate fate;
  const OpenSources::Handle handle = open(home, fate);
  EXPECT_EQ(fate.num_interrupts, 1);
}

TEST(OpenSources, ClosedSourcesAreNotInterrupted) {
  OpenSources home;
  Fate reset;
  Fate ended;
  Fate kept;
  OpenSources::Handle handle = open(home, reset);
  const OpenSources::Handle other = open(home, kept);
  {
    const OpenSources::Handle scoped = open(home, ended);
  }
  handle.reset();
  EXPECT_FALSE(handle);
  EXPECT_EQ(reset.num_closed, 1);
  EXPECT_EQ(ended.num_closed, 1);
  home.interrupt();
  EXPECT_EQ(reset.num_interrupts, 0);
  EXPECT_EQ(ended.num_interrupts, 0);
  EXPECT_EQ(kept.num_interrupts, 1);
}

TEST(OpenSources, HandleGivesItsSource) {
  OpenSources home;
  Fate fate;
  const OpenSources::Handle handle = open(home, fate);
  ASSERT_TRUE(handle);
  EXPECT_EQ(handle->size(), 42U);
  EXPECT_EQ((*handle).size(), 42U);
  EXPECT_FALSE(OpenSources::Handle());
}

TEST(OpenSources, MovedHandleOwnsTheSourceAlone) {
  OpenSources home;
  Fate fate;
  OpenSources::Handle from = open(home, fate);
  {
    const OpenSources::Handle to(std::move(from));
    EXPECT_TRUE(to);
    EXPECT_FALSE(from);  // NOLINT(bugprone-use-after-move): it is empty, and may be used
    from.reset();
    EXPECT_EQ(fate.num_closed, 0);
    home.interrupt();
    EXPECT_EQ(fate.num_interrupts, 1);
  }
  EXPECT_EQ(fate.num_closed, 1);
}

TEST(OpenSources, AssignmentClosesTheSourceBefore) {
  OpenSources home;
  Fate before;
  Fate after;
  OpenSources::Handle handle = open(home, before);
  handle = open(home, after);
  EXPECT_EQ(before.num_closed, 1);
  EXPECT_EQ(after.num_closed, 0);
  home.interrupt();
  EXPECT_EQ(before.num_interrupts, 0);
  EXPECT_EQ(after.num_interrupts, 1);
}

TEST(OpenSources, HandlesMayBeResetTwice) {
  OpenSources home;
  Fate fate;
  OpenSources::Handle handle = open(home, fate);
  handle.reset();
  handle.reset();
  EXPECT_EQ(fate.num_closed, 1);
  home.interrupt();
}

// Meant for ThreadSanitizer as well.
TEST(OpenSources, SourcesComeAndGoWhileOthersInterrupt) {
  OpenSources home;
  Fate fate;
  std::thread opener([&] {
    for (int i = 0; i < 1000; ++i) {
      OpenSources::Handle first = open(home, fate);
      OpenSources::Handle second = open(home, fate);
      first = std::move(second);
    }
  });
  for (int i = 0; i < 100; ++i) home.interrupt();
  opener.join();
  EXPECT_EQ(fate.num_closed, 2000);
  const int before = fate.num_interrupts;
  home.interrupt();
  EXPECT_EQ(fate.num_interrupts, before);  // all are forgotten
}

}  // namespace
}  // namespace jetliner
