// The rows of one file by the headers of its blocks: alone and in parts, and what comes after the walk.
#include "count/file_count.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "reopened_source.h"
#include "types/arrow_columns.h"

namespace jetliner {
namespace {

constexpr auto kForEver = std::chrono::steady_clock::time_point::max();

class FileCountTest : public testing::Test {
 protected:
  void open(const AvroFile& file, const std::string& schema_json, size_t n_threads = 1, bool ignore_errors = false) {
    shared_ = std::make_shared<ReopenedSource::Shared>();
    shared_->bytes = file.bytes();
    OpenFile opened;
    opened.source = sources_.hold(std::make_unique<ReopenedSource>(shared_));
    auto context = std::make_shared<FileContext>();
    context->path = std::make_shared<const std::string>("a.avro");
    context->size_bytes = opened.source->size();
    context->header = read_header(*opened.source, 4096);
    const auto schema = std::make_shared<const Schema>(parse_schema(schema_json));
    ArrowType columns = arrow_columns(*schema);
    number_columns(columns);
    context->plan = compile(schema, std::make_shared<const ArrowType>(std::move(columns)));
    opened.context = std::move(context);
    opened.framer_options.recover = ignore_errors;
    opened.empty_rows_left = &empty_rows_left_;
    opened.num_blocks = &num_blocks_;
    count_ = std::make_unique<FileCount>(std::move(opened), ignore_errors, n_threads);
  }
  uint64_t walk() {
    uint64_t rows = 0;
    bool goes_on = true;
    while (goes_on) {
      const uint64_t before = count_->position();
      goes_on = count_->walk(kForEver);
      EXPECT_GE(count_->position(), before);
      rows += count_->take_rows();
    }
    return rows;
  }
  // Rows after the walk; damage goes to damage_.
  uint64_t read_on() {
    uint64_t rows = 0;
    Piece piece;
    while (count_->read_on(piece, rows)) {
    }
    damage_ = std::move(piece.damage);
    return rows;
  }

  uint64_t empty_rows_left_ = 10;
  std::atomic<uint64_t> num_blocks_ = 0;
  OpenSources sources_;
  std::shared_ptr<ReopenedSource::Shared> shared_;
  std::unique_ptr<FileCount> count_;
  std::vector<BadBlock> damage_;
};

// Blocks that are worth a request each, and requests enough for two threads.
AvroFile large_file(ByteSpan data, std::vector<size_t>* blocks = nullptr) {
  AvroFile file("\"bytes\"");
  for (int i = 0; i < 4000; ++i) {
    const size_t block = file.block(10, data);
    if (blocks != nullptr) blocks->push_back(block);
  }
  return file;
}

TEST_F(FileCountTest, WalksToTheEnd) {
  AvroFile file("\"long\"");
  file.block(3, longs(0, 3));
  file.block(0, Values());
  file.block(2, longs(0, 2));
  open(file, "\"long\"");
  EXPECT_EQ(*count_->context()->path, "a.avro");
  EXPECT_EQ(walk(), 5U);
  EXPECT_EQ(count_->position(), file.size());
  EXPECT_EQ(count_->take_rows(), 0U);
  EXPECT_FALSE(count_->walk(kForEver));
  EXPECT_EQ(read_on(), 0U);
  EXPECT_TRUE(damage_.empty());
}

TEST_F(FileCountTest, FramerGoesOnWhereTheWalkCannot) {
  for (const bool ignore_errors : {false, true}) {
    AvroFile file("\"long\"");
    file.block(3, longs(0, 3));
    const size_t bad = file.block(2, longs(0, 2));
    Bytes bytes = file.bytes();
    bytes.back() ^= 1;  // the marker of the second block
    AvroFile whole("\"long\"");
    whole.raw(ByteSpan(bytes).subspan(whole.size()));
    whole.block(4, longs(0, 4));
    open(whole, "\"long\"", 1, ignore_errors);
    EXPECT_EQ(walk(), 3U);
    EXPECT_EQ(count_->position(), bad);
    EXPECT_EQ(read_on(), ignore_errors ? 4U : 0U);
    ASSERT_EQ(damage_.size(), 1U);
    EXPECT_EQ(damage_[0].block_index, 1);
    EXPECT_EQ(damage_[0].file_offset, static_cast<int64_t>(bad));
    EXPECT_EQ(damage_[0].path, "a.avro");
  }
}

TEST_F(FileCountTest, MoreRowsThanTheBytesHoldAreDamage) {
  for (const bool ignore_errors : {false, true}) {
    AvroFile file("\"long\"");
    file.block(3, longs(0, 3));
    file.block(5, longs(0, 4));
    file.block(2, longs(0, 2));
    open(file, "\"long\"", 1, ignore_errors);
    EXPECT_EQ(walk(), 3U);
    EXPECT_EQ(read_on(), ignore_errors ? 2U : 0U);
    ASSERT_EQ(damage_.size(), 1U);
    EXPECT_TRUE(damage_[0].message.starts_with("block claims 5 records; its 4 bytes of data hold 4 at most"))
        << damage_[0].message;
  }
}

TEST_F(FileCountTest, RowsWithoutBytesAreCountedAgainstTheirLimit) {
  for (const bool ignore_errors : {false, true}) {
    empty_rows_left_ = 10;
    AvroFile file("\"null\"");
    file.block(8, Values());
    file.block(5, Values());
    open(file, "\"null\"", 1, ignore_errors);
    EXPECT_FALSE(count_->walk(kForEver));  // there is no walk
    EXPECT_EQ(count_->take_rows(), 0U);
    EXPECT_EQ(read_on(), 10U);
    ASSERT_EQ(damage_.size(), 1U);
    EXPECT_STREQ(damage_[0].option, "max_empty_rows");
    EXPECT_EQ(damage_[0].record_index, 2);
  }
}

TEST_F(FileCountTest, ErrorsHaveThePath) {
  AvroFile file("\"long\"");
  file.block(3, longs(0, 3));
  open(file, "\"long\"");
  shared_->fails = true;
  try {
    (void)count_->walk(kForEver);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.place().path, "a.avro");
  }
}

TEST_F(FileCountTest, LargeFileIsCountedInParts) {
  const AvroFile file = large_file(Bytes(200, 0));
  for (const size_t n_threads : {1, 2, 3}) {
    open(file, "\"bytes\"", n_threads);
    EXPECT_EQ(walk(), 40'000U);
    EXPECT_EQ(count_->position(), file.size());
    EXPECT_EQ(shared_->num_reopened, n_threads == 1 ? 0 : static_cast<int>(n_threads));
  }
}

TEST_F(FileCountTest, SmallFileIsNot) {
  AvroFile file("\"bytes\"");
  for (int i = 0; i < 1000; ++i) file.block(10, ByteSpan(Bytes(200, 0)));
  open(file, "\"bytes\"", 4);
  EXPECT_EQ(walk(), 10'000U);
  EXPECT_EQ(shared_->num_reopened, 0);
}

// A part that begins there would count other rows (CountParts.PartMayBeginAtDataThatLooksLikeAMarker).
TEST_F(FileCountTest, DataThatLooksLikeAMarkerDoesNotCount) {
  Values data;
  data.zeros(200).raw(kTestSync).zigzag(5).zigzag(5).raw({1, 2, 3, 4, 5});
  open(large_file(ByteSpan(data.bytes())), "\"bytes\"", 2);
  EXPECT_EQ(walk(), 40'000U);
  EXPECT_EQ(shared_->num_reopened, 2);
  EXPECT_EQ(read_on(), 0U);
  EXPECT_TRUE(damage_.empty());
}

TEST_F(FileCountTest, DamageWithinAPartIsFoundAsByOneWalk) {
  std::vector<size_t> blocks;
  AvroFile file = large_file(Bytes(200, 0), &blocks);
  Bytes bytes = file.bytes();
  bytes[blocks[3000] - 1] ^= 1;  // the marker of block 2999
  AvroFile damaged("\"bytes\"");
  damaged.raw(ByteSpan(bytes).subspan(damaged.size()));
  for (const size_t n_threads : {1, 2}) {
    open(damaged, "\"bytes\"", n_threads, /*ignore_errors=*/true);
    EXPECT_EQ(walk(), 29'990U);
    EXPECT_EQ(count_->position(), blocks[2999]);
    EXPECT_EQ(read_on(), 10'000U);
    ASSERT_EQ(damage_.size(), 1U);
    EXPECT_EQ(damage_[0].block_index, 2999);
  }
}

TEST_F(FileCountTest, SourceThatCannotBeReopenedIsCountedByOneThread) {
  open(large_file(Bytes(200, 0)), "\"bytes\"", 4);
  shared_->max_reopened = 1;
  EXPECT_EQ(walk(), 40'000U);
}

}  // namespace
}  // namespace jetliner
