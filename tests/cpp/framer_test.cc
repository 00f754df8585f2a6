#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "framed_file.h"

namespace jetliner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(FramerTest, ReadsTheFieldsOfABlock) {
  ByteWriter file;
  append_header(file);
  const size_t start = file.size();
  file.raw({3 * 2})           // row count
      .raw({4 * 2})           // size
      .raw({10, 11, 12, 13})  // data
      .raw(kTestSync);
  const Framed framed = frame(file.bytes());
  ASSERT_EQ(framed.blocks.size(), 1u);
  EXPECT_EQ(framed.blocks[0].index, 0);
  EXPECT_EQ(framed.blocks[0].row_count, 3);
  EXPECT_EQ(framed.blocks[0].file_offset, start);
  EXPECT_EQ(framed.blocks[0].data, "\x0a\x0b\x0c\x0d");
  EXPECT_TRUE(framed.damages.empty());
}

TEST(FramerTest, TrapHeaderWithoutBlocksIsAnEmptyFile) {
  ByteWriter file;
  const Framed framed = frame(append_header(file).bytes());
  EXPECT_TRUE(framed.blocks.empty());
  EXPECT_TRUE(framed.damages.empty());
}

TEST(FramerTest, TrapBlockWithoutRowsIsSkippedAndCounted) {
  ByteWriter file;
  append_header(file);
  append_block(file, 0, "");  // without rows and bytes
  append_block(file, 1, "a");
  append_block(file, 0, "");
  append_block(file, 1, "b");
  append_block(file, 0, "");  // at the end too
  const Framed framed = frame(file.bytes());
  EXPECT_THAT(framed.data(), ElementsAre("a", "b"));
  EXPECT_THAT(framed.indexes(), ElementsAre(1, 3));
  EXPECT_TRUE(framed.damages.empty());
}

TEST(FramerTest, BlockWithDataAndWithoutRowsIsHandedOut) {  // the decompressed data is not the framer's concern
  ByteWriter file;
  append_header(file);
  append_block(file, 0, "bytes of no row");
  append_block(file, 1, "b");
  EXPECT_THAT(frame(file.bytes()).data(), ElementsAre("bytes of no row", "b"));
}

TEST(FramerTest, BlockWithoutRowsHasItsMarkerVerified) {
  ByteWriter file;
  append_header(file);
  file.raw({0, 0}).raw(std::vector<uint8_t>(16, 0x55));
  const Framed framed = frame(file.bytes());
  ASSERT_EQ(framed.damages.size(), 1u);
  EXPECT_EQ(framed.damages[0].variant, ErrorVariant::kInvalidSyncMarker);
}

TEST(FramerTest, TrapRowsOfZeroBytesAreDelivered) {
  ByteWriter file;
  append_header(file);
  append_block(file, 1000, "");
  append_block(file, INT64_MAX, "");  // the framer does not check the count
  const Framed framed = frame(file.bytes());
  ASSERT_EQ(framed.blocks.size(), 2u);
  EXPECT_EQ(framed.blocks[0].row_count, 1000);
  EXPECT_EQ(framed.blocks[0].data, "");
  EXPECT_EQ(framed.blocks[1].row_count, INT64_MAX);
}

TEST(FramerTest, TrapSyncMarkerInsideDataDoesNotEndABlock) {
  const std::string data = "x" + std::string(as_text(kTestSync)) + "y";
  ByteWriter file;
  append_header(file);
  append_block(file, 1, data);
  append_block(file, 1, as_text(kTestSync));
  const Framed framed = frame(file.bytes());
  EXPECT_THAT(framed.data(), ElementsAre(data, std::string(as_text(kTestSync))));
  EXPECT_TRUE(framed.damages.empty());
}

TEST(FramerTest, AppendedFilesThatShareTheMarkerAreOneFile) {
  ByteWriter file;
  append_header(file);
  append_block(file, 1, "a");
  append_block(file, 1, "b");  // an appender copies the marker from the header
  EXPECT_THAT(frame(file.bytes()).data(), ElementsAre("a", "b"));
}

// Files of many shapes.
std::vector<std::vector<uint8_t>> corpus() {
  std::vector<std::vector<uint8_t>> files;
  std::mt19937 random(7);
  const auto add = [&](const std::vector<size_t>& sizes) {
    ByteWriter file;
    append_header(file);
    for (const size_t size : sizes) {
      std::vector<uint8_t> data(size);
      for (uint8_t& byte : data) byte = static_cast<uint8_t>(random());
      append_block(file, static_cast<int64_t>(size % 5), data);  // some have no rows
    }
    files.push_back(file.bytes());
  };
  add({});
  add({1});
  add({0, 0, 0});
  add({5, 10, 15});  // all without rows
  add({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  add({63, 64, 65, 127, 128, 8191, 8192});  // around the lengths of varints
  add({300, 1, 0, 299, 2, 301});
  add({70'000, 3, 70'001});  // larger than the first unit
  ByteWriter markers;
  append_header(markers);
  append_block(markers, 2, std::string(as_text(kTestSync)) + std::string(as_text(kTestSync)));
  append_block(markers, 1, "z");
  files.push_back(markers.bytes());
  return files;
}

TEST(FramerTest, AnyChunkSizeGivesTheSameBlocks) {
  for (const std::vector<uint8_t>& file : corpus()) {
    const Framed whole = frame(file);
    EXPECT_TRUE(whole.damages.empty());
    for (size_t chunk_bytes = 1; chunk_bytes <= 200; ++chunk_bytes) {
      for (const bool recover : {false, true}) {
        if (file.size() > 100'000 && chunk_bytes % 40 != 1) continue;
        const Framed framed = frame(file, {.chunk_bytes = chunk_bytes, .recover = recover});
        ASSERT_EQ(framed.blocks, whole.blocks) << chunk_bytes;
        ASSERT_TRUE(framed.damages.empty()) << framed.damages[0].message;
      }
    }
  }
}

TEST(FramerTest, AnyUnitSizeGivesTheSameBlocks) {
  for (const std::vector<uint8_t>& file : corpus()) {
    const Framed whole = frame(file);
    for (const size_t unit_bytes : {1, 2, 17, 18, 19, 100, 1000, 65'536, 100'000}) {
      for (const size_t chunk_bytes : {1, 50, 64, 333, 100'000, 10'000'000}) {
        if (file.size() > 100'000 && chunk_bytes < 333) continue;
        const Framed framed = frame(file, {.chunk_bytes = chunk_bytes, .unit_bytes = unit_bytes});
        ASSERT_EQ(framed.blocks, whole.blocks) << unit_bytes << " " << chunk_bytes;
        ASSERT_TRUE(framed.damages.empty());
      }
    }
  }
}

TEST(FramerTest, HugeChunkAndUnitReserveNoMoreThanTheFile) {
  ByteWriter file;
  append_header(file);
  append_block(file, 1, "a");
  const Framed framed = frame(file.bytes(), {.chunk_bytes = SIZE_MAX, .unit_bytes = SIZE_MAX});
  EXPECT_THAT(framed.data(), ElementsAre("a"));
}

TEST(FramerTest, UnitsAreFilledToTheirSizeAndStartSmall) {
  ByteWriter file;
  append_header(file);
  const std::string data(1000, 'd');
  for (int i = 0; i < 5000; ++i) append_block(file, 1, data);
  TestSource source(file.bytes());
  const Header header = read_header(source, 1 << 20);
  BlockFramer framer(source, header, {.chunk_bytes = 1 << 20, .unit_bytes = 1 << 20});
  Unit unit;
  source.requested_bytes = 0;
  ASSERT_TRUE(framer.next(unit));
  EXPECT_LE(source.requested_bytes, 64u << 10) << "few rows read little";
  std::vector<size_t> unit_bytes = {unit.bytes.size()};
  while (framer.next(unit)) unit_bytes.push_back(unit.bytes.size());
  ASSERT_GE(unit_bytes.size(), 6u);
  EXPECT_NEAR(static_cast<double>(unit_bytes[0]), 64 << 10, 2000);
  EXPECT_NEAR(static_cast<double>(unit_bytes[1]), 256 << 10, 2000);
  EXPECT_NEAR(static_cast<double>(unit_bytes[2]), 1 << 20, 2000);
  EXPECT_NEAR(static_cast<double>(unit_bytes[3]), 1 << 20, 2000);
  EXPECT_EQ(source.requested_bytes, file.size() - header.size_bytes) << "every byte is asked for once";
}

TEST(FramerTest, EveryByteIsAskedForOnceWithChunksLargerThanUnits) {
  ByteWriter file;
  append_header(file);
  for (int i = 0; i < 3000; ++i) append_block(file, 1, std::string(1000, 'd'));
  TestSource source(file.bytes());
  const Header header = read_header(source, 4096);
  source.requested_bytes = 0;
  BlockFramer framer(source, header, {.chunk_bytes = 1 << 20, .unit_bytes = 100'000});
  Unit unit;
  int64_t blocks = 0;
  while (framer.next(unit)) {
    blocks += static_cast<int64_t>(unit.blocks.size());
    EXPECT_LE(unit.bytes.size(), 100'000u);
  }
  EXPECT_EQ(blocks, 3000);
  EXPECT_EQ(source.requested_bytes, file.size() - header.size_bytes);
}

TEST(FramerTest, NoRequestIsLargerThanTheChunk) {
  ByteWriter file;
  append_header(file);
  append_block(file, 1, std::string(500'000, 'd'));
  append_block(file, 1, "a");
  TestSource source(file.bytes());
  const Header header = read_header(source, 1000);
  BlockFramer framer(source, header, {.chunk_bytes = 1000});
  Unit unit;
  while (framer.next(unit)) continue;
  EXPECT_LE(source.largest_request_bytes, 1000u);
}

TEST(FramerTest, LargeBlockIsAUnitOfItsOwnSize) {
  ByteWriter file;
  append_header(file);
  append_block(file, 1, std::string(5 << 20, 'd'));
  append_block(file, 1, "a");
  TestSource source(file.bytes());
  const Header header = read_header(source, 4096);
  BlockFramer framer(source, header, {});
  Unit unit;
  ASSERT_TRUE(framer.next(unit));
  ASSERT_EQ(unit.blocks.size(), 1u);
  EXPECT_EQ(unit.blocks[0].data_bytes, 5u << 20);
  EXPECT_EQ(unit.bytes.capacity(), unit.bytes.size());
  ASSERT_TRUE(framer.next(unit));
  EXPECT_EQ(unit.blocks.size(), 1u);
  EXPECT_FALSE(framer.next(unit));
}

TEST(FramerTest, ManyBlocksWithoutRowsDoNotPileUpInMemory) {
  ByteWriter file;
  append_header(file);
  for (int i = 0; i < 200'000; ++i) append_block(file, 0, "");
  append_block(file, 1, "a");
  TestSource source(file.bytes());
  const Header header = read_header(source, 4096);
  BlockFramer framer(source, header, {.chunk_bytes = 4096, .unit_bytes = 8192});
  Unit unit;
  ASSERT_TRUE(framer.next(unit));
  ASSERT_EQ(unit.blocks.size(), 1u);
  EXPECT_EQ(unit.blocks[0].index, 200'000);
  EXPECT_LE(unit.bytes.capacity(), 16'384u);
}

TEST(FramerTest, BytesAfterAUnitAreReadable) {
  ByteWriter file;
  append_header(file);
  append_block(file, 1, "a");
  const auto source = open_memory(file.bytes());
  BlockFramer framer(*source, read_header(*source, 4096), {});
  Unit unit;
  ASSERT_TRUE(framer.next(unit));
  for (size_t i = 0; i < kSlackBytes; ++i) EXPECT_EQ(unit.bytes.data()[unit.bytes.size() + i], 0) << i;
}

// Damage in strict reading.

struct Damaged {
  size_t start = 0;  // of the damaged block, the third
  Framed framed;
  BadBlock damage;
};

// Two whole blocks, then `rest`.
Damaged frame_damaged(const ByteWriter& rest, size_t chunk_bytes = 1 << 20) {
  ByteWriter file;
  append_header(file);
  append_block(file, 1, "first");
  append_block(file, 2, "second");
  Damaged result;
  result.start = file.size();
  file.raw(rest.bytes());
  result.framed = frame(file.bytes(), {.chunk_bytes = chunk_bytes});
  EXPECT_EQ(result.framed.damages.size(), 1u);
  if (!result.framed.damages.empty()) result.damage = result.framed.damages[0];
  return result;
}

void expect_damage(const ByteWriter& rest, BadBlockKind kind, ErrorVariant variant, const std::string& text) {
  for (const size_t chunk_bytes : {size_t{1}, size_t{3}, size_t{1} << 20}) {
    const Damaged got = frame_damaged(rest, chunk_bytes);
    EXPECT_THAT(got.framed.data(), ElementsAre("first", "second"));
    EXPECT_EQ(got.damage.kind, kind);
    EXPECT_EQ(got.damage.error_kind, ErrorKind::kParse);
    EXPECT_EQ(got.damage.variant, variant);
    EXPECT_EQ(got.damage.block_index, 2);
    EXPECT_EQ(got.damage.file_offset, static_cast<int64_t>(got.start));
    EXPECT_FALSE(got.damage.record_index);
    EXPECT_THAT(got.damage.message, HasSubstr("block 2 "));
    EXPECT_THAT(got.damage.message, HasSubstr(text));
  }
}

TEST(FramerTest, TrapSizeBeyondTheEndOfTheFile) {
  const auto claim = [](int64_t size) { return ByteWriter().zigzag(1).zigzag(size).raw({'a', 'b', 'c'}); };
  expect_damage(claim(123), BadBlockKind::kBlockParseFailed, ErrorVariant::kUnexpectedEof,
                "block 2 claims 123 bytes of data but only 3 remain in the file (truncated?)");
  expect_damage(claim(4), BadBlockKind::kBlockParseFailed, ErrorVariant::kUnexpectedEof,
                "claims 4 bytes of data but only 3 remain");
  expect_damage(claim(INT64_MAX), BadBlockKind::kBlockParseFailed, ErrorVariant::kUnexpectedEof, "only 3 remain");
}

TEST(FramerTest, FileThatEndsWithinCountSizeOrMarker) {
  expect_damage(ByteWriter().raw({0x80}), BadBlockKind::kBlockParseFailed, ErrorVariant::kUnexpectedEof,
                "within its row count (truncated?)");
  expect_damage(ByteWriter().raw({2}), BadBlockKind::kBlockParseFailed, ErrorVariant::kUnexpectedEof,
                "within its size (truncated?)");
  expect_damage(ByteWriter().raw({2, 0xFF}), BadBlockKind::kBlockParseFailed, ErrorVariant::kUnexpectedEof,
                "within its size (truncated?)");
  expect_damage(ByteWriter().raw({2, 2, 'a'}), BadBlockKind::kBlockParseFailed, ErrorVariant::kUnexpectedEof,
                "within its sync marker");
  expect_damage(ByteWriter().raw({2, 2, 'a'}).raw(ByteSpan(kTestSync).first(15)), BadBlockKind::kBlockParseFailed,
                ErrorVariant::kUnexpectedEof, "within its sync marker");
}

TEST(FramerTest, NegativeOrOverlongCountAndSize) {
  const std::vector<uint8_t> endless(30, 0xFF);
  expect_damage(ByteWriter().zigzag(-1).zigzag(0).raw(kTestSync), BadBlockKind::kBlockParseFailed,
                ErrorVariant::kInvalidBlock, "invalid row count: -1");
  expect_damage(ByteWriter().zigzag(1).zigzag(-7).raw(kTestSync), BadBlockKind::kBlockParseFailed,
                ErrorVariant::kInvalidBlock, "invalid size: -7");
  expect_damage(ByteWriter().zigzag(INT64_MIN), BadBlockKind::kBlockParseFailed, ErrorVariant::kInvalidBlock,
                "invalid row count");
  expect_damage(ByteWriter().raw(endless), BadBlockKind::kBlockParseFailed, ErrorVariant::kInvalidBlock,
                "invalid row count: not a variable-length long");
  expect_damage(ByteWriter().zigzag(1).raw(endless), BadBlockKind::kBlockParseFailed, ErrorVariant::kInvalidBlock,
                "invalid size: not a variable-length long");
}

TEST(FramerTest, TrapWrongMarkerOfAnyByteIsFound) {
  for (size_t i = 0; i < kTestSync.size(); ++i) {
    SyncMarker wrong = kTestSync;
    wrong[i] ^= 1;
    ByteWriter rest;
    append_block(rest, 1, "third", wrong);  // the file's last block: its marker is compared as well
    expect_damage(rest, BadBlockKind::kInvalidSyncMarker, ErrorVariant::kInvalidSyncMarker, "invalid sync marker");
  }
}

TEST(FramerTest, TrapTwoFilesJoinedWithCat) {
  SyncMarker other = kTestSync;
  other[0] = 0;
  ByteWriter rest;
  append_header(rest, other);
  append_block(rest, 1, "third", other);
  expect_damage(rest, BadBlockKind::kBlockParseFailed, ErrorVariant::kInvalidBlock,
                "two files joined with cat? (use separate files)");
  const Damaged got = frame_damaged(rest);
  EXPECT_THAT(got.damage.message, HasSubstr("another Avro header starts at offset " + std::to_string(got.start)));
}

TEST(FramerTest, TrapForgedSizeWithinAHugeFileReservesNothing) {
  // Sparse: 2^40 bytes of zeros follow.
  ByteWriter file;
  append_header(file);
  file.zigzag(1).zigzag(int64_t{1} << 39);
  TestSource source(file.bytes(), uint64_t{1} << 40, TestSource::More::kZeros);
  const Header header = read_header(source, 4096);
  BlockFramer framer(source, header, {});
  Unit unit;
  ASSERT_TRUE(framer.next(unit));
  ASSERT_TRUE(unit.damage);
  EXPECT_EQ(unit.damage->variant, ErrorVariant::kInvalidSyncMarker);
  EXPECT_LT(unit.bytes.capacity(), 10u << 20);
  EXPECT_FALSE(framer.next(unit));
}

TEST(FramerTest, NothingComesAfterDamageWhenReadingStrictly) {
  ByteWriter file;
  append_header(file);
  append_block(file, 1, "a");
  append_block(file, 1, "b", SyncMarker{});
  append_block(file, 1, "c");
  const auto source = open_memory(file.bytes());
  BlockFramer framer(*source, read_header(*source, 4096), {});
  Unit unit;
  ASSERT_TRUE(framer.next(unit));
  EXPECT_EQ(unit.blocks.size(), 1u);
  EXPECT_TRUE(unit.damage);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(framer.next(unit));
    EXPECT_TRUE(unit.blocks.empty());
    EXPECT_FALSE(unit.damage);
  }
}

TEST(FramerTest, EveryTruncationGivesTheWholeBlocksAndOneDamage) {
  ByteWriter file;
  append_header(file);
  std::vector<size_t> ends = {file.size()};
  for (const std::string_view data : {"a", "", "a longer block", "d"}) {
    append_block(file, 300, data);
    ends.push_back(file.size());
  }
  for (size_t size = ends[0]; size <= file.size(); ++size) {
    const std::vector<uint8_t> cut(file.bytes().begin(), file.bytes().begin() + static_cast<ptrdiff_t>(size));
    const auto whole_blocks = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), size) - ends.begin() - 1);
    const bool is_clean = ends[whole_blocks] == size;
    for (const size_t chunk_bytes : {1, 5, 4096}) {
      for (const bool recover : {false, true}) {
        const Framed framed = frame(cut, {.chunk_bytes = chunk_bytes, .recover = recover});
        EXPECT_EQ(framed.blocks.size(), whole_blocks) << size;
        ASSERT_EQ(framed.damages.size(), is_clean ? 0u : 1u) << size;
        if (is_clean) continue;
        EXPECT_EQ(framed.damages[0].variant, ErrorVariant::kUnexpectedEof) << framed.damages[0].message;
        EXPECT_EQ(framed.damages[0].file_offset, static_cast<int64_t>(ends[whole_blocks]));
        EXPECT_THAT(framed.damages[0].message, HasSubstr("truncated?"));
      }
    }
  }
}

TEST(FramerTest, FileThatLostItsHeaderSinceItWasReadIsAnError) {
  ByteWriter file;
  append_header(file);
  const auto source = open_memory(file.bytes());
  const Header header = read_header(*source, 4096);
  const auto shorter = open_memory(ByteSpan(file.bytes()).first(file.size() - 1));
  try {
    const BlockFramer framer(*shorter, header, {});
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kSource);
    EXPECT_THAT(error.what(), HasSubstr("became shorter"));
  }
}

TEST(FramerTest, FileThatShrinksWhileBeingReadIsTruncated) {
  ByteWriter file;
  append_header(file);
  append_block(file, 1, "a");
  const size_t clean_end = file.size();
  append_block(file, 1, std::string(200, 'b'));
  for (size_t size = clean_end; size < file.size(); ++size) {
    for (const bool recover : {false, true}) {
      for (const size_t chunk_bytes : {1, 30, 4096}) {
        TestSource source({file.bytes().begin(), file.bytes().begin() + static_cast<ptrdiff_t>(size)}, 100'000);
        const Framed framed = frame(source, {.chunk_bytes = chunk_bytes, .recover = recover});
        EXPECT_THAT(framed.data(), ElementsAre("a"));
        // A cut between two blocks is damage as well: the source claimed a larger size.
        ASSERT_EQ(framed.damages.size(), 1u) << size;
        for (const BadBlock& damage : framed.damages) EXPECT_EQ(damage.variant, ErrorVariant::kUnexpectedEof);
      }
    }
  }
}

}  // namespace
}  // namespace jetliner
