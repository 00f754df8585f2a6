// Parts of one file, walked over by several threads: where they begin and end, and what they count.
#include "count/count_parts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "reopened_source.h"

namespace jetliner {
namespace {

constexpr auto kForEver = std::chrono::steady_clock::time_point::max();

struct TestFile {
  Bytes bytes;
  std::set<uint64_t> blocks;  // where each one starts
  uint64_t begin = 0;         // the first block
};

// `num_blocks` blocks of 10 rows with this data.
TestFile file_of(int num_blocks, ByteSpan data) {
  AvroFile file("\"bytes\"");
  TestFile all;
  all.begin = file.size();
  for (int i = 0; i < num_blocks; ++i) all.blocks.insert(file.block(10, data));
  all.bytes = file.bytes();
  return all;
}

std::shared_ptr<ReopenedSource::Shared> share(const TestFile& file) {
  auto shared = std::make_shared<ReopenedSource::Shared>();
  shared->bytes = file.bytes;
  return shared;
}

std::vector<CountedPart> parts_of(const TestFile& file, size_t n_threads, CounterOptions options = {}) {
  const ReopenedSource source(share(file));
  const auto parts = CountParts::start(source, kTestSync, options, file.begin, n_threads);
  EXPECT_NE(parts, nullptr);
  std::vector<CountedPart> all;
  do {
    all.push_back(parts->take(kForEver).value());
  } while (all.back().stop < source.size());
  return all;
}

TEST(CountParts, TogetherAreTheWholeFile) {
  const TestFile file = file_of(2000, Bytes(100, 'x'));
  for (const size_t n_threads : {2, 3, 5}) {
    const std::vector<CountedPart> parts = parts_of(file, n_threads);
    EXPECT_GT(parts.size(), n_threads);
    uint64_t rows = 0;
    int64_t blocks = 0;
    uint64_t position = file.begin;
    for (const CountedPart& part : parts) {
      EXPECT_EQ(part.begin, position);  // each begins where the one before has ended
      EXPECT_GE(part.end, part.stop);
      EXPECT_LT(part.end, part.stop + 200);  // at most a block beyond
      rows += part.rows;
      blocks += part.blocks;
      position = part.end;
    }
    EXPECT_EQ(position, file.bytes.size());
    EXPECT_EQ(rows, 20'000U);
    EXPECT_EQ(blocks, 2000);
  }
}

TEST(CountParts, PartWithoutAMarkerHasNoBegin) {
  // The second half of the file is one block, longer than the search for a marker.
  TestFile file = file_of(10, Bytes(100, 'x'));
  ByteWriter last;
  append_block(last, 10, Bytes(4 * kMarkerSearchBytes, 'x'));
  file.bytes.insert(file.bytes.end(), last.bytes().begin(), last.bytes().end());
  const std::vector<CountedPart> parts = parts_of(file, 2);
  EXPECT_EQ(parts.front().begin, file.begin);
  EXPECT_EQ(parts.front().blocks, 11);
  EXPECT_EQ(parts.front().end, file.bytes.size());  // the block reaches over all other parts
  const auto num_without = std::count_if(parts.begin(), parts.end(), [](const CountedPart& p) { return !p.begin; });
  EXPECT_GT(num_without, 5);
}

TEST(CountParts, PartMayBeginAtDataThatLooksLikeAMarker) {
  // In each block a marker and what seems to be a block that ends with it.
  Values data;
  data.zeros(200).raw(kTestSync).zigzag(1'000'000).zigzag(5).raw({1, 2, 3, 4, 5});
  const TestFile file = file_of(2000, ByteSpan(data.bytes()));
  const std::vector<CountedPart> parts = parts_of(file, 2);
  size_t num_wrong = 0;
  for (const CountedPart& part : parts) {
    ASSERT_TRUE(part.begin.has_value());
    if (file.blocks.contains(*part.begin)) continue;
    ++num_wrong;
    EXPECT_GT(part.rows, 0U);  // what it counts is not believed: nobody arrives at its begin
  }
  EXPECT_GT(num_wrong, parts.size() / 2);
}

TEST(CountParts, PartEndsWhereSomethingIsWrong) {
  TestFile file = file_of(2000, Bytes(100, 'x'));
  const uint64_t bad = *std::next(file.blocks.begin(), 999);
  file.bytes[*file.blocks.upper_bound(bad) - 1] ^= 1;  // its marker
  const std::vector<CountedPart> parts = parts_of(file, 2);
  const auto stopped = std::find_if(parts.begin(), parts.end(), [](const CountedPart& p) { return p.end < p.stop; });
  ASSERT_NE(stopped, parts.end());
  EXPECT_EQ(stopped->end, bad);
  uint64_t rows = 0;
  for (auto part = parts.begin(); part <= stopped; ++part) rows += part->rows;
  EXPECT_EQ(rows, 9990U);
}

TEST(CountParts, LimitsOfBlocksHold) {
  const TestFile file = file_of(2000, Bytes(100, 'x'));
  for (const CountedPart& part : parts_of(file, 2, {.max_data_bytes = 99})) {
    EXPECT_EQ(part.end, part.begin);
    EXPECT_EQ(part.rows, 0U);
  }
}

TEST(CountParts, FailuresAreLeftToTheConsumer) {
  const TestFile file = file_of(2000, Bytes(100, 'x'));
  const auto shared = share(file);
  shared->fails = true;
  const ReopenedSource source(shared);
  const auto parts = CountParts::start(source, kTestSync, {}, file.begin, 2);
  ASSERT_NE(parts, nullptr);
  const CountedPart part = parts->take(kForEver).value();
  EXPECT_EQ(part.begin, file.begin);
  EXPECT_EQ(part.end, file.begin);
  EXPECT_EQ(part.rows, 0U);
  EXPECT_FALSE(parts->take(kForEver).value().begin.has_value());
}

TEST(CountParts, NoneWithoutAtLeastTwoMoreSources) {
  const TestFile file = file_of(100, Bytes(100, 'x'));
  for (const int max_reopened : {0, 1, 2}) {
    const auto shared = share(file);
    shared->max_reopened = max_reopened;
    const ReopenedSource source(shared);
    EXPECT_EQ(CountParts::start(source, kTestSync, {}, file.begin, 4) != nullptr, max_reopened == 2);
  }
}

TEST(CountParts, SourceThatHasChangedItsSizeIsNotUsed) {
  const TestFile file = file_of(100, Bytes(100, 'x'));
  const auto shared = share(file);
  shared->missing_bytes = 1;
  const ReopenedSource source(shared);
  EXPECT_EQ(CountParts::start(source, kTestSync, {}, file.begin, 4), nullptr);
}

TEST(CountParts, EndInTheMiddle) {
  const TestFile file = file_of(20'000, Bytes(100, 'x'));
  const ReopenedSource source(share(file));
  const auto parts = CountParts::start(source, kTestSync, {}, file.begin, 2);
  ASSERT_NE(parts, nullptr);
  EXPECT_TRUE(parts->take(kForEver).has_value());
}

}  // namespace
}  // namespace jetliner
