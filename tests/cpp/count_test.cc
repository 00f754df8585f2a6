// Rows counted by the heads of blocks. Counting must give as many rows as reading, and the same damage, for blocks of
// every kind.
#include <gtest/gtest.h>

#include <chrono>
#include <new>
#include <string>
#include <vector>

#include "counted.h"
#include "slow_files.h"

namespace jetliner {
namespace {

// Counting must agree with reading. The data within blocks must not be damaged, since counting does not look at it.
void expect_as_read(const MemoryFiles& files, ReadOptions options = {}) {
  for (const bool ignore_errors : {false, true}) {
    options.ignore_errors = ignore_errors;
    const ReadOutcome read = read_all(files, options);
    expect_same_count(count(files, options), {read.rows.size(), read.error, read.bad_blocks});
  }
}

TEST(Count, AsManyRowsAsReadingFindsWithEveryCodec) {
  for (const char* const codec : {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    SCOPED_TRACE(codec);
    expect_as_read(MemoryFiles(longs_file({3, 0, 1000, 1}, 0, codec).bytes()));
    expect_as_read(MemoryFiles(longs_file({}, 0, codec).bytes()));
    expect_as_read(MemoryFiles(longs_file({0, 0}, 0, codec).bytes()));
  }
}

TEST(Count, BlocksAreNotLookedInto) {
  AvroFile file("\"long\"", "snappy");
  file.block(3, longs(0, 3));
  file.packed_block(2, as_bytes("not snappy at all"));
  const Counted counted = count(MemoryFiles(file.bytes()));
  EXPECT_FALSE(counted.error.has_value());
  EXPECT_EQ(counted.rows, 5U);
  EXPECT_EQ(count_rows({"a.avro"}, {}, MemoryFiles(file.bytes()).opener()), 5U);
}

TEST(Count, LittleIsReadOfLargeBlocks) {
  Bytes file;
  {
    AvroFile blocks("\"long\"");
    for (int i = 0; i < 20; ++i) blocks.block(100'000, longs(0, 100'000));
    file = blocks.bytes();
  }
  class FileLike final : public Source {
   public:
    FileLike(const Bytes& bytes, uint64_t& requested) : inner_(open_memory(bytes)), requested_(requested) {}
    size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
      requested_ += out.size();
      return inner_->read_at(offset, out);
    }
    [[nodiscard]] uint64_t size() const override { return inner_->size(); }
    [[nodiscard]] size_t preferred_chunk_bytes() const override { return 64 << 10; }
    [[nodiscard]] size_t request_cost_bytes() const override { return 2 << 10; }

   private:
    std::unique_ptr<Source> inner_;
    uint64_t& requested_;
  };
  uint64_t requested = 0;
  const SourceOpener opener = [&](const std::string&) { return std::make_unique<FileLike>(file, requested); };
  EXPECT_EQ(count({"a"}, {}, opener).rows, 2'000'000U);
  EXPECT_LT(requested, file.size() / 8);
}

TEST(Count, CutAnywhereIsReportedAsByReading) {
  const AvroFile whole = longs_file({5, 0, 7, 3});
  for (size_t size = 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    expect_as_read(MemoryFiles(Bytes(whole.bytes().begin(), whole.bytes().begin() + static_cast<ptrdiff_t>(size))));
  }
}

TEST(Count, DamagedHeadsAndMarkersAreReportedAsByReading) {
  // Blocks of one long each. Their data is valid for every count that the damage may claim, so only heads are wrong.
  AvroFile file(R"({"type":"fixed","name":"F","size":8})");
  std::vector<size_t> blocks;
  for (int i = 0; i < 6; ++i) blocks.push_back(file.block(4, Values().zeros(32)));
  for (const size_t block : blocks) {
    for (const size_t at : {block, block + 1, block + 2 + 32, block + 2 + 32 + 15}) {
      Bytes damaged = file.bytes();
      damaged[at] = 0x7f;  // -64 as a head, and in no marker
      SCOPED_TRACE(at);
      expect_as_read(MemoryFiles(damaged));
    }
  }
}

TEST(Count, FilesJoinedWithCatAreCountedAsRead) {
  Bytes joined = longs_file({5, 7}).bytes();
  const Bytes second = longs_file({30}).bytes();
  joined.insert(joined.end(), second.begin(), second.end());
  expect_as_read(MemoryFiles(joined));
}

TEST(Count, RowsThatTakeNoBytesAreBoundedAsInReading) {
  AvroFile file("\"null\"");
  for (int i = 0; i < 4; ++i) file.block(100, Values());
  expect_as_read(MemoryFiles(file.bytes()));
  expect_as_read(MemoryFiles(file.bytes()), {.max_empty_rows = 250});
}

TEST(Count, MoreRowsThanTheBytesCanHoldAreRefused) {
  for (const char* const codec : {"null", "deflate", "snappy"}) {
    SCOPED_TRACE(codec);
    AvroFile file("\"double\"", codec);
    file.block(1, Values().real64(1));
    const size_t bad = file.packed_block(INT64_MAX, as_bytes("12345678"));
    file.block(1, Values().real64(1));
    const Counted strict = count(MemoryFiles(file.bytes()));
    EXPECT_EQ(strict.rows, 1U);
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->kind(), ErrorKind::kDecode);
    EXPECT_EQ(strict.error->place().block_index, 1);
    EXPECT_EQ(strict.error->place().file_offset, static_cast<int64_t>(bad));
    const Counted ignoring = count(MemoryFiles(file.bytes()), {.ignore_errors = true});
    EXPECT_EQ(ignoring.rows, 2U);
    ASSERT_EQ(ignoring.bad_blocks.size(), 1U);
    EXPECT_NE(ignoring.bad_blocks[0].message.find("9223372036854775807 records"), std::string::npos);
  }
}

TEST(Count, SumsThatNoNumberHoldsAreAnError) {
  // xz has no bound of expansion, and there is no limit.
  AvroFile file("\"double\"", "xz");
  for (int i = 0; i < 40; ++i) file.packed_block(INT64_MAX / 16, as_bytes("123456789"));
  const Counted counted = count(MemoryFiles(file.bytes()), {.max_block_bytes = std::nullopt});
  ASSERT_TRUE(counted.error.has_value());
  EXPECT_NE(std::string(counted.error->what()).find("more rows than can be counted"), std::string::npos);
}

TEST(Count, FilesNeedNotHaveTheSameSchema) {
  MemoryFiles files;
  files.add("a", longs_file({5}).bytes());
  AvroFile other("\"string\"");
  other.block(1, Values().string("x"));
  files.add("b", other.bytes());
  EXPECT_EQ(count(files).rows, 6U);
  EXPECT_FALSE(count(files).error.has_value());
}

TEST(Count, ManyFilesAreCountedInTheirOrder) {
  MemoryFiles files;
  for (int i = 0; i < 100; ++i) files.add("f" + std::to_string(100 + i), longs_file({i, 1}).bytes());
  expect_as_read(files);
  // The first bad file in the list is reported, with the rows before it.
  MemoryFiles damaged;
  for (int i = 0; i < 100; ++i) {
    Bytes bytes = longs_file({i, 1}).bytes();
    if (i == 40 || i == 41 || i == 90) bytes.back() ^= 1;
    damaged.add("f" + std::to_string(100 + i), bytes);
  }
  expect_as_read(damaged);
  // Slow files are counted at the same time.
  for (const size_t n_threads : {0, 1, 2, 20}) {
    SlowFiles slow(files, std::chrono::milliseconds(1));
    EXPECT_EQ(count(files.paths(), {.n_threads = n_threads}, slow.opener()).rows, 5050U);
    SlowFiles slow_and_damaged(damaged, std::chrono::milliseconds(1));
    const Counted strict = count(damaged.paths(), {.n_threads = n_threads}, slow_and_damaged.opener());
    EXPECT_EQ(strict.rows, 40U * 39 / 2 + 40 + 40);
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->place().path, "f140");
    EXPECT_EQ(damaged.num_open(), 0);
    const Counted ignoring =
        count(damaged.paths(), {.ignore_errors = true, .n_threads = n_threads}, slow_and_damaged.opener());
    EXPECT_EQ(ignoring.rows, 5050U - 3);
    EXPECT_EQ(ignoring.bad_blocks.size(), 3U);
  }
}

TEST(Count, SlowFilesCanBeLeftAtAnyTime) {
  MemoryFiles files;
  for (int i = 0; i < 60; ++i) files.add("f" + std::to_string(i), longs_file({10}).bytes());
  for (const int batches : {1, 8, 20, 59}) {
    SlowFiles slow(files, std::chrono::milliseconds(1));
    Reader reader(files.paths(), {.batch_size = 10, .columns = RowsOnly{}}, slow.opener());
    Batch batch;
    for (int i = 0; i < batches; ++i) EXPECT_TRUE(reader.next(batch));
    reader.close();
    EXPECT_EQ(files.num_open(), 0);
  }
}

TEST(Count, RowIndexAndPathWithoutColumns) {
  MemoryFiles files;
  files.add("a", longs_file({2, 1}).bytes());
  files.add("b", longs_file({2}).bytes());
  const ReadOptions options{
      .batch_size = 2, .columns = RowsOnly{}, .row_index_name = "row", .row_index_offset = 10, .path_column = "path"};
  const ReadOutcome outcome = read_all(files, options);
  EXPECT_EQ(outcome.rows, (std::vector<std::string>{"{row:10,path:\"a\"}", "{row:11,path:\"a\"}", "{row:12,path:\"a\"}",
                                                    "{row:13,path:\"b\"}", "{row:14,path:\"b\"}"}));
  EXPECT_EQ(outcome.batches, (std::vector<size_t>{2, 2, 1}));
}

TEST(Count, LaterFilesAreNotOpenedOnceTheLimitIsReached) {
  MemoryFiles files;
  for (int i = 0; i < 50; ++i) files.add("f" + std::to_string(i), longs_file({10}).bytes());
  const int before = files.num_opened();
  EXPECT_EQ(count(files, {.n_rows = 15}).rows, 15U);
  EXPECT_EQ(files.num_opened() - before, 50 + 1);  // the headers, and the second file
}

}  // namespace
}  // namespace jetliner
