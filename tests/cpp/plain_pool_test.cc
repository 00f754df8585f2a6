// Memory of candidates: when it is used again, how much of it is kept, and how long it may be used.
#include "filter/plain_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace jetliner {
namespace {

constexpr size_t kKiB = 1024;

std::shared_ptr<PlainUnit> take_with_block(PlainPool& pool, size_t bytes) {
  std::shared_ptr<PlainUnit> unit = pool.take();
  unit->blocks.resize(1);
  unit->blocks[0].reserve(bytes);
  return unit;
}

TEST(PlainPool, UnitComesBackWithItsMemory) {
  const auto pool = std::make_shared<PlainPool>(64 * kKiB);
  std::shared_ptr<PlainUnit> unit = pool->take();
  EXPECT_TRUE(unit->blocks.empty());
  EXPECT_EQ(unit->unit.bytes.capacity(), 0U);
  unit->unit.bytes.own().reserve(5 * kKiB);
  unit->blocks.resize(2);
  unit->blocks[1].reserve(7 * kKiB);
  const uint8_t* const block = unit->blocks[1].data();
  const PlainUnit* const address = unit.get();
  unit.reset();
  unit = pool->take();
  EXPECT_EQ(unit.get(), address);
  EXPECT_EQ(unit->unit.bytes.capacity(), 5 * kKiB);
  ASSERT_EQ(unit->blocks.size(), 2U);
  EXPECT_EQ(unit->blocks[1].data(), block);
}

TEST(PlainPool, UnitInUseIsNotGivenOut) {
  const auto pool = std::make_shared<PlainPool>(64 * kKiB);
  const std::shared_ptr<PlainUnit> first = take_with_block(*pool, kKiB);
  std::shared_ptr<const PlainUnit> other_owner = first;
  const std::shared_ptr<PlainUnit> second = pool->take();
  EXPECT_NE(first, second);
  EXPECT_TRUE(second->blocks.empty());
}

TEST(PlainPool, UnitWaitsForItsLastOwner) {
  const auto pool = std::make_shared<PlainPool>(64 * kKiB);
  std::shared_ptr<PlainUnit> first = take_with_block(*pool, kKiB);
  std::shared_ptr<const PlainUnit> other_owner = first;
  first.reset();
  EXPECT_TRUE(pool->take()->blocks.empty());
  other_owner.reset();
  // One of the two that have come back has the block.
  const std::shared_ptr<PlainUnit> one = pool->take();
  const std::shared_ptr<PlainUnit> two = pool->take();
  EXPECT_EQ(one->blocks.size() + two->blocks.size(), 1U);
}

TEST(PlainPool, KeepsNoMoreThanItsBound) {
  const auto pool = std::make_shared<PlainPool>(10 * kKiB);
  {
    const std::shared_ptr<PlainUnit> first = take_with_block(*pool, 6 * kKiB);
    const std::shared_ptr<PlainUnit> second = take_with_block(*pool, 6 * kKiB);
    const std::shared_ptr<PlainUnit> third = take_with_block(*pool, 4 * kKiB);
  }
  // The third came back first, then the second; together they are the bound. The first was freed.
  size_t kept_bytes = 0;
  std::vector<std::shared_ptr<PlainUnit>> units;
  for (int i = 0; i < 3; ++i) {
    units.push_back(pool->take());
    for (const Scratch& block : units.back()->blocks) kept_bytes += block.capacity();
  }
  EXPECT_EQ(kept_bytes, 10 * kKiB);
}

TEST(PlainPool, BoundCountsUnitAndBlocksAndWhatWasTakenOut) {
  const auto pool = std::make_shared<PlainPool>(10 * kKiB);
  {
    const std::shared_ptr<PlainUnit> unit = take_with_block(*pool, 6 * kKiB);
    unit->unit.bytes.own().reserve(6 * kKiB);
  }
  EXPECT_TRUE(pool->take()->blocks.empty());  // too large together
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(take_with_block(*pool, 6 * kKiB)->blocks[0].capacity(), 6 * kKiB);  // the same one, again and again
  }
  EXPECT_EQ(pool->take()->blocks.size(), 1U);
}

TEST(PlainPool, NothingIsKeptWithoutRoom) {
  const auto pool = std::make_shared<PlainPool>(0);
  (void)take_with_block(*pool, 1);
  EXPECT_TRUE(pool->take()->blocks.empty());
}

TEST(PlainPool, UnitsOutliveThePool) {
  auto pool = std::make_shared<PlainPool>(64 * kKiB);
  std::shared_ptr<PlainUnit> unit = take_with_block(*pool, kKiB);
  const std::weak_ptr<PlainPool> gone = pool;
  pool.reset();
  EXPECT_TRUE(gone.expired());  // units do not keep the pool
  unit->blocks[0].resize(kKiB);
  unit->blocks[0].data()[kKiB - 1] = 1;
  unit.reset();
}

// Meant for ThreadSanitizer as well.
TEST(PlainPool, SeveralThreadsTakeAndGiveBack) {
  const auto pool = std::make_shared<PlainPool>(3 * kKiB);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 500; ++round) {
        const std::shared_ptr<PlainUnit> unit = take_with_block(*pool, kKiB);
        unit->blocks[0].resize(1);
        unit->blocks[0].data()[0] = static_cast<uint8_t>(i);
        std::this_thread::yield();
        ASSERT_EQ(unit->blocks[0].data()[0], i);  // nobody else has it
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  size_t kept = 0;
  std::vector<std::shared_ptr<PlainUnit>> units;
  for (int i = 0; i < 4; ++i) {
    units.push_back(pool->take());
    kept += units.back()->blocks.size();
  }
  EXPECT_LE(kept, 3U);
  EXPECT_GE(kept, 1U);
}

}  // namespace
}  // namespace jetliner
