// The guards work: without this, no test of this executable could fail.
#include "guard_page.h"

#include <gtest/gtest.h>

#include "column/arena.h"

namespace jetliner {
namespace {

using GuardPageDeathTest = testing::Test;

uint8_t read(const uint8_t* p) { return *const_cast<const volatile uint8_t*>(p); }
void write(uint8_t* p) { *const_cast<volatile uint8_t*>(p) = 1; }

TEST(GuardPageDeathTest, InputEndsAfterTheSlack) {
  GuardedInput input(5000);
  const uint8_t data[] = {1, 2, 3};
  const ByteSpan bytes = input.put(data, GuardedInput::Exact::kEnd, 0xff);
  const uint8_t* const end = bytes.data() + bytes.size();
  EXPECT_EQ(read(end - 1), 3);
  EXPECT_EQ(read(end + kSlackBytes - 1), 0xff);
  EXPECT_DEATH(read(end + kSlackBytes), "");
}

TEST(GuardPageDeathTest, InputBeginsAtThePage) {
  GuardedInput input(5000);
  const uint8_t data[] = {1, 2, 3};
  const uint8_t rest[] = {4};
  const ByteSpan bytes = input.put(data, GuardedInput::Exact::kBegin, 0, rest);
  EXPECT_EQ(read(bytes.data()), 1);
  EXPECT_EQ(read(bytes.data() + 3), 4);
  EXPECT_EQ(read(bytes.data() + 4), 0);
  EXPECT_DEATH(read(bytes.data() - 1), "");
}

TEST(GuardPageDeathTest, InputIsNotWritable) {
  GuardedInput input(100);
  const uint8_t data[] = {1};
  auto* const byte = const_cast<uint8_t*>(input.put(data, GuardedInput::Exact::kEnd, 0).data());
  EXPECT_DEATH(write(byte), "");
}

TEST(GuardPageDeathTest, ScratchEndsAfterItsSlack) {
  Scratch scratch;
  scratch.reserve(1000);
  scratch.resize(10);
  scratch.reserve(5000);
  write(scratch.data() + 5000 + kSlackBytes - 1);
  EXPECT_DEATH(write(scratch.data() + 5000 + kSlackBytes), "");
}

TEST(GuardPageDeathTest, ColumnMemoryEndsAtThePage) {
  Arena arena(std::make_shared<BlockPool>());
  constexpr size_t kBytes = 100 << 10;  // a block of its own
  uint8_t* const data = arena.allocate(kBytes);
  write(data + kBytes - 1);
  EXPECT_DEATH(write(data + kBytes), "");
}

}  // namespace
}  // namespace jetliner
