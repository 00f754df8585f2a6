// Memory of chunks and columns that grow: contents survive, limits hold, and rows that are cut off leave no trace.
#include "column/column_set.h"

#include <gtest/gtest.h>

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <atomic>
#include <cstring>
#include <new>
#include <set>
#include <string>
#include <thread>

#include "column/arena.h"
#include "column/block_pool.h"
#include "decoded.h"

namespace jetliner {
namespace {

TEST(Arena, BuffersAreAlignedAndApart) {
  Arena arena(std::make_shared<BlockPool>());
  std::vector<std::pair<uint8_t*, size_t>> buffers;
  for (const size_t bytes : {0, 1, 63, 64, 65, 0, 4096, 1 << 19, 1 << 20, 3 << 20, 5, 0}) {
    uint8_t* const data = arena.allocate(bytes);
    ASSERT_NE(data, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % kBufferAlignment, 0U);
    std::memset(data, static_cast<int>(buffers.size()), bytes);
    buffers.emplace_back(data, bytes);
  }
  std::set<uint8_t*> addresses;
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_TRUE(addresses.insert(buffers[i].first).second);
    for (size_t k = 0; k < buffers[i].second; ++k) ASSERT_EQ(buffers[i].first[k], i);
  }
  EXPECT_GE(arena.allocated_bytes(), size_t{4} << 20);
}

TEST(Arena, SizesThatWrapAndLimitsAreRefused) {
  Arena arena(std::make_shared<BlockPool>());
  EXPECT_THROW(arena.allocate(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW(arena.allocate(SIZE_MAX - 63), std::bad_alloc);
  EXPECT_THROW(arena.allocate(SIZE_MAX / 2), std::bad_alloc);
  arena.set_limit(8 << 20);
  EXPECT_NE(arena.allocate(3 << 20), nullptr);
  EXPECT_THROW(arena.allocate(6 << 20), std::bad_alloc);
  EXPECT_NE(arena.allocate(1 << 10), nullptr);  // a smaller one still fits
  arena.clear();
  EXPECT_EQ(arena.allocated_bytes(), 0U);
  EXPECT_NE(arena.allocate(6 << 20), nullptr);
}

// A huge page is cleared as a whole when it is touched: chunks follow each other in it.
TEST(Arena, TheRestOfALargeBlockGoesToTheNextChunk) {
  auto pool = std::make_shared<BlockPool>();
  Arena arena(pool);
  arena.expect(kHugePageBytes / 2, kHugePageBytes / 2);
  uint8_t* const data = arena.allocate(kHugePageBytes / 2);
  Arena first = arena.take();
  EXPECT_EQ(first.allocated_bytes(), kHugePageBytes / 2);
  EXPECT_EQ(arena.allocated_bytes(), 0U);
  uint8_t* const next = arena.allocate(kHugePageBytes / 2);
  EXPECT_EQ(next, data + kHugePageBytes / 2);
  Arena second = arena.take();
  // The block lives as long as one of them.
  first.clear();
  next[kHugePageBytes / 2 - 1] = 1;
  second.clear();
  EXPECT_EQ(pool->take(kHugePageBytes).data, data);
}

#ifndef _WIN32
// A thread that uses the pool when the process forks may hold its mutex, in the new process for ever.
TEST(BlockPool, MemoryIsGivenBackInAForkedProcess) {
  auto pool = std::make_shared<BlockPool>();
  std::atomic<bool> done = false;
  std::thread user([&] {
    while (!done) pool->give_back(pool->take(1));
  });
  for (int i = 0; i < 100; ++i) {
    const PoolBlock block = pool->take(1);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(10);  // its signal would end the child with another status
      pool->give_back(block);
      pool->close();
      _exit(0);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    pool->give_back(block);
  }
  done = true;
  user.join();
}
#endif

// Marks blocks and gives them back. Returns how many of as many new blocks have the mark, and so are the same memory.
size_t kept_of(BlockPool& pool, size_t blocks) {
  std::vector<PoolBlock> taken;
  while (taken.size() < blocks) taken.push_back(pool.take(1));
  for (const PoolBlock& block : taken) block.data[0] = 0x5a;
  for (const PoolBlock& block : taken) pool.give_back(block);
  taken.clear();
  while (taken.size() < blocks) taken.push_back(pool.take(1));
  size_t kept = 0;
  for (const PoolBlock& block : taken) kept += block.data[0] == 0x5a ? 1 : 0;  // new memory is zero
  for (const PoolBlock& block : taken) pool.give_back(block);
  return kept;
}

TEST(BlockPool, KeepsWhatComesBackAtOnceButNoMoreThanWasInUse) {
  BlockPool pool(2 * kHugePageBytes);
  EXPECT_EQ(kept_of(pool, 8), 2U);
  pool.expect_back(6 * kHugePageBytes);
  EXPECT_EQ(kept_of(pool, 8), 6U);
  pool.expect_back(SIZE_MAX);
  EXPECT_EQ(kept_of(pool, 8), 8U);
  EXPECT_EQ(kept_of(pool, 100), kMaxExpectedBackBytes / kHugePageBytes);
  pool.close();
  EXPECT_EQ(kept_of(pool, 8), 0U);
}

// Spare blocks of other sizes do not fit. They are freed then.
TEST(BlockPool, SpareAndUsedMemoryAreNotMoreThanWasInUse) {
  const std::vector<size_t> spare = {32, 24, 16, 8, 2};  // two are kept in any case
  for (size_t num_large = 0; num_large < spare.size(); ++num_large) {
    BlockPool pool(2 * kHugePageBytes);
    std::vector<PoolBlock> small;
    while (small.size() < 32) small.push_back(pool.take(1));
    for (const PoolBlock& block : small) block.data[0] = 0x5a;
    pool.expect_back(32 * kHugePageBytes);
    for (const PoolBlock& block : small) pool.give_back(block);
    std::vector<PoolBlock> used;
    while (used.size() < num_large) used.push_back(pool.take(8 * kHugePageBytes));
    size_t kept = 0;
    for (size_t i = 0; i < small.size(); ++i) {
      used.push_back(pool.take(1));
      kept += used.back().data[0] == 0x5a ? 1 : 0;  // new memory is zero
    }
    EXPECT_EQ(kept, spare[num_large]);
    for (const PoolBlock& block : used) pool.give_back(block);
  }
}

TEST(Arena, MovedMemoryStaysAndTheRestStartsAnew) {
  Arena arena(std::make_shared<BlockPool>());
  uint8_t* const data = arena.allocate(100);
  data[99] = 7;
  const Arena kept = std::move(arena);
  uint8_t* const other = arena.allocate(100);
  other[99] = 8;
  EXPECT_EQ(data[99], 7);
  EXPECT_NE(data, other);
}

TEST(BlockPool, BlocksComeBackAndAreNotKeptAfterClose) {
  BlockPool pool;
  const PoolBlock block = pool.take(1);
  EXPECT_EQ(block.bytes, kHugePageBytes);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(block.data) % kHugePageBytes, 0U);
  block.data[block.bytes - 1] = 1;
  pool.give_back(block);
  const PoolBlock again = pool.take(kHugePageBytes);
  EXPECT_EQ(again.data, block.data);
  EXPECT_THROW((void)pool.take(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW((void)pool.take(SIZE_MAX / 2), std::bad_alloc);
  pool.close();
  pool.give_back(again);
  pool.give_back(pool.take(1));  // still works
}

TEST(ColumnSet, ColumnsOfStructsShareAScopeThoseOfListsHaveTheirOwn) {
  const ColumnSet set(columns_of(parse_schema(
      record_json(field_json("a", "[\"null\"," +
                                      record_json(field_json("x", "\"int\"") + "," +
                                                      field_json("l", R"({"type":"array","items":["null","string"]})"),
                                                  "N") +
                                      "]") +
                  "," + field_json("b", "\"null\"")))));
  const std::vector<ColumnSpec>& specs = set.specs();
  ASSERT_EQ(specs.size(), 5U);  // a, a.x, a.l, a.l item, b
  EXPECT_EQ(specs[0].scope, 0U);
  EXPECT_EQ(specs[1].scope, 0U);
  EXPECT_EQ(specs[2].scope, 0U);
  EXPECT_EQ(specs[3].scope, specs[2].item_scope);
  EXPECT_NE(specs[3].scope, 0U);
  EXPECT_EQ(specs[0].subtree_end, 4U);
  EXPECT_EQ(specs[2].subtree_end, 4U);
  // Fields of a nullable struct can be null with it; items of its list cannot.
  EXPECT_TRUE(specs[1].has_validity);
  EXPECT_TRUE(specs[2].has_validity);
  EXPECT_TRUE(specs[3].has_validity);  // nullable itself
  EXPECT_FALSE(specs[4].has_validity);
}

// Bits count as well when the bytes of a chunk are limited.
TEST(ColumnSet, BytesOfARowAddUpOverColumns) {
  std::string fields;
  for (int i = 0; i < 80; ++i)
    fields += (i > 0 ? "," : "") + field_json("f" + std::to_string(i), R"(["null","boolean"])");
  EXPECT_EQ(ColumnSet(columns_of(parse_schema(record_json(fields)))).row_bytes(), 20U);
}

TEST(ColumnSet, GrowingBeyondTheLimitLeavesTheRowsBefore) {
  TestDecoder decoder(
      record_json(field_json("s", "\"string\"") + "," + field_json("l", R"({"type":"array","items":"double"})")));
  const Values row = Values().string("a row that stays").number(1).real64(1.5).end();
  ASSERT_EQ(decoder.decode(Values().append(row).append(row), 2).status, Status::kOk);
  decoder.columns().set_limit_bytes(4 << 20);
  Values large;
  large.append(row).string(std::string(8 << 20, 'x')).end();
  const Decoder::Result result = decoder.decode(large, 2);
  EXPECT_EQ(result.status, Status::kMemory);
  EXPECT_EQ(result.rows, 0U);
  ASSERT_EQ(decoder.decode(row, 1).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), (std::vector<std::string>(3, R"({s:"a row that stays",l:[1.5]})")));
  EXPECT_EQ(decoder.decode(large, 2).status, Status::kMemory);  // the limit holds for the next chunk as well
  decoder.columns().clear();
  EXPECT_EQ(decoder.columns().allocated_bytes(), 0U);
  ASSERT_EQ(decoder.decode(row, 1).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows().size(), 1U);
}

TEST(ColumnSet, ItemCountsThatWouldWrapAreRefused) {
  ColumnSet set(columns_of(parse_schema(R"({"type":"array","items":"double"})")));
  EXPECT_THROW(set.grow(1, SIZE_MAX), std::bad_alloc);
  EXPECT_THROW(set.grow(1, SIZE_MAX / 64), std::bad_alloc);
  EXPECT_THROW(set.grow(1, SIZE_MAX / 128), std::bad_alloc);
  EXPECT_THROW(set.grow_heap(0, size_t{1} << 31), std::bad_alloc);
}

}  // namespace
}  // namespace jetliner
