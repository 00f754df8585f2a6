#include "container/block_head.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "container_bytes.h"

namespace jetliner {
namespace {

using Field = BlockHead::Field;
using Status = BlockHead::Status;

// From memory that ends with the bytes: a sanitizer sees every byte read too far.
BlockHead head_of(ByteSpan bytes) {
  const std::unique_ptr<uint8_t[]> copy(new uint8_t[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return read_block_head(copy.get(), copy.get() + bytes.size());
}
BlockHead head_of(const ByteWriter& bytes) { return head_of(ByteSpan(bytes.bytes())); }

void expect_failure(const BlockHead& head, Status status, Field field) {
  EXPECT_FALSE(head.is_ok());
  EXPECT_EQ(head.status, status);
  EXPECT_EQ(head.field, field);
}

TEST(BlockHead, CountAndSize) {
  const BlockHead head = head_of(ByteWriter().zigzag(100).zigzag(7).raw({1, 2, 3}));
  EXPECT_TRUE(head.is_ok());
  EXPECT_EQ(head.row_count, 100);
  EXPECT_EQ(head.data_bytes, 7);
  EXPECT_EQ(head.head_bytes, 3U);
}

TEST(BlockHead, LargestNumbersTakeTheMostBytes) {
  const int64_t largest = std::numeric_limits<int64_t>::max();
  const BlockHead head = head_of(ByteWriter().zigzag(largest).zigzag(largest));
  EXPECT_TRUE(head.is_ok());
  EXPECT_EQ(head.row_count, largest);
  EXPECT_EQ(head.data_bytes, largest);
  EXPECT_EQ(head.head_bytes, kMaxBlockHeadBytes);
}

TEST(BlockHead, CutWithinEitherField) {
  expect_failure(head_of(ByteSpan()), Status::kCut, Field::kCount);
  expect_failure(head_of(ByteWriter().raw({0x80})), Status::kCut, Field::kCount);
  expect_failure(head_of(ByteWriter().zigzag(1)), Status::kCut, Field::kSize);
  expect_failure(head_of(ByteWriter().zigzag(1).raw({0x80, 0x80})), Status::kCut, Field::kSize);
}

TEST(BlockHead, TooLongForALong) {
  const std::initializer_list<int> eleven = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0};
  expect_failure(head_of(ByteWriter().raw(eleven)), Status::kNoLong, Field::kCount);
  expect_failure(head_of(ByteWriter().zigzag(1).raw(eleven)), Status::kNoLong, Field::kSize);
}

TEST(BlockHead, NegativeCountIsToldBeforeTheSizeIsRead) {
  const BlockHead count = head_of(ByteWriter().zigzag(-40).raw({0x80}));
  expect_failure(count, Status::kNegative, Field::kCount);
  EXPECT_EQ(count.row_count, -40);
  const BlockHead size = head_of(ByteWriter().zigzag(3).zigzag(-1));
  expect_failure(size, Status::kNegative, Field::kSize);
  EXPECT_EQ(size.row_count, 3);
  EXPECT_EQ(size.data_bytes, -1);
}

}  // namespace
}  // namespace jetliner
