// The parts of a file besides its rows, and the progress of a reader.
#include "jetliner/inspect.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "read_all.h"

namespace jetliner {
namespace {

std::vector<BlockInfo> blocks_of(const Bytes& bytes, const ReadOptions& options = {}) {
  const MemoryFiles files(bytes);
  Inspector inspector("a.avro", options, files.opener());
  std::vector<BlockInfo> all;
  for (std::vector<BlockInfo> some; inspector.next(some);) all.insert(all.end(), some.begin(), some.end());
  return all;
}

TEST(Inspect, HeaderAndBlocks) {
  AvroFile file("\"long\"", "deflate");
  const size_t first = file.block(3, longs(0, 3));
  file.block(0, Values());
  const size_t third = file.block(200, longs(0, 200));
  const MemoryFiles files(file.bytes());
  Inspector inspector("a.avro", {}, files.opener());
  EXPECT_EQ(inspector.file().codec, "deflate");
  EXPECT_EQ(inspector.file().schema_json, "\"long\"");
  EXPECT_EQ(inspector.file().sync_marker, kTestSync);
  EXPECT_EQ(inspector.file().header_bytes, first);
  EXPECT_EQ(inspector.file().size_bytes, file.size());
  ASSERT_EQ(inspector.file().metadata.size(), 2U);
  EXPECT_EQ(inspector.file().metadata[1].first, "avro.codec");
  const std::vector<BlockInfo> blocks = blocks_of(file.bytes());
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].rows, 3U);
  EXPECT_EQ(blocks[0].file_offset, first);
  EXPECT_EQ(blocks[0].uncompressed_bytes, 3U);
  EXPECT_EQ(blocks[1].index, 2);
  EXPECT_EQ(blocks[1].file_offset, third);
  EXPECT_EQ(blocks[1].uncompressed_bytes, longs(0, 200).size());
}

TEST(Inspect, DamageIsThrownOrLeftOut) {
  for (const char* const codec : {"deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    AvroFile file("\"long\"", codec);
    file.block(3, longs(0, 3));
    file.packed_block(3, as_bytes("\xff\xff\xff\xff\xff"));
    file.block(3, longs(0, 3));
    try {
      blocks_of(file.bytes());
      FAIL() << codec;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kCodec);
      EXPECT_EQ(error.place().block_index, 1);
      EXPECT_EQ(error.place().path, "a.avro");
    }
    const std::vector<BlockInfo> blocks = blocks_of(file.bytes(), {.ignore_errors = true});
    ASSERT_EQ(blocks.size(), 3U);
    EXPECT_FALSE(blocks[1].uncompressed_bytes.has_value());
    EXPECT_EQ(blocks[2].uncompressed_bytes, 3U);
  }
}

TEST(Inspect, CutAnywhereIsAnError) {
  AvroFile file("\"long\"");
  const size_t first = file.block(3, longs(0, 3));
  const size_t second = file.block(4, longs(0, 4));
  for (size_t size = 0; size < file.size(); ++size) {
    const Bytes part(file.bytes().begin(), file.bytes().begin() + static_cast<ptrdiff_t>(size));
    const bool is_whole = size == first || size == second;  // a cut between two blocks cannot be noticed
    bool threw = false;
    try {
      blocks_of(part);
    } catch (const Error&) {
      threw = true;
    }
    EXPECT_EQ(threw, !is_whole) << size;
  }
}

TEST(Progress, GrowsToTheEnd) {
  MemoryFiles files;
  for (int i = 0; i < 3; ++i) {
    AvroFile file("\"long\"");
    for (int block = 0; block < 10; ++block) file.block(100, longs(0, 100));
    files.add(std::to_string(i), file.bytes());
  }
  for (const size_t batch_size : {30, 100, 1500}) {
    Reader reader(files.paths(), {.batch_size = batch_size}, files.opener());
    EXPECT_EQ(reader.bytes_read(), 0U);
    EXPECT_FALSE(reader.estimated_rows().has_value());
    uint64_t before = 0;
    for (Batch batch; reader.next(batch);) {
      EXPECT_GT(reader.bytes_read(), before);
      before = reader.bytes_read();
      EXPECT_LE(before, reader.total_bytes());
      ASSERT_TRUE(reader.estimated_rows().has_value());
      EXPECT_GE(*reader.estimated_rows(), reader.rows_read());
      EXPECT_NEAR(static_cast<double>(*reader.estimated_rows()), 3000, 1500);
    }
    EXPECT_EQ(reader.bytes_read(), reader.total_bytes());
    EXPECT_EQ(reader.estimated_rows(), 3000U);
  }
}

TEST(Progress, CountingMakesProgressToo) {
  MemoryFiles files;
  AvroFile file("\"long\"");
  for (int block = 0; block < 10; ++block) file.block(100, longs(0, 100));
  files.add("a", file.bytes());
  Reader reader(files.paths(), {.batch_size = 300, .columns = RowsOnly{}}, files.opener());
  Batch batch;
  ASSERT_TRUE(reader.next(batch));
  EXPECT_GT(reader.bytes_read(), 0U);
  while (reader.next(batch)) {
  }
  EXPECT_EQ(reader.bytes_read(), file.size());
}

}  // namespace
}  // namespace jetliner
