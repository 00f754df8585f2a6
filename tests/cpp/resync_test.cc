// Reading on after damage. Each test says which blocks must survive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "framed_file.h"

namespace jetliner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A file of blocks "block 0" to "block 5", and where each of them starts.
struct SixBlocks {
  std::vector<uint8_t> file;
  std::vector<size_t> starts;

  SixBlocks() {
    ByteWriter out;
    append_header(out);
    for (int i = 0; i < 6; ++i) {
      starts.push_back(out.size());
      append_block(out, 10 + i, "block " + std::to_string(i));
    }
    starts.push_back(out.size());
    file = out.bytes();
  }
  uint8_t& count_of(size_t block) { return file[starts[block]]; }
  uint8_t& size_of(size_t block) { return file[starts[block] + 1]; }
  uint8_t& data_of(size_t block) { return file[starts[block] + 2]; }
  uint8_t& marker_of(size_t block) { return file[starts[block + 1] - 5]; }
  void insert(size_t offset, ByteSpan bytes) {
    file.insert(file.begin() + static_cast<ptrdiff_t>(offset), bytes.begin(), bytes.end());
  }
  void erase(size_t offset, size_t count) {
    const auto from = file.begin() + static_cast<ptrdiff_t>(offset);
    file.erase(from, from + static_cast<ptrdiff_t>(count));
  }
};

// The result must not depend on the chunk size.
Framed recover(const std::vector<uint8_t>& file) {
  const Framed whole = frame(file, {.recover = true});
  for (const size_t chunk_bytes : {1, 2, 7, 15, 16, 17, 31, 64, 100}) {
    for (const size_t unit_bytes : {1, 40, 1 << 20}) {
      const Framed framed = frame(file, {.chunk_bytes = chunk_bytes, .unit_bytes = unit_bytes, .recover = true});
      EXPECT_EQ(framed.blocks, whole.blocks) << chunk_bytes << " " << unit_bytes;
      EXPECT_EQ(framed.damages.size(), whole.damages.size());
      for (size_t i = 0; i < std::min(framed.damages.size(), whole.damages.size()); ++i) {
        EXPECT_EQ(framed.damages[i].message, whole.damages[i].message);
        EXPECT_EQ(framed.damages[i].file_offset, whole.damages[i].file_offset);
      }
    }
  }
  return whole;
}

TEST(ResyncTest, ValidFileHasNoDamage) {
  const SixBlocks six;
  const Framed framed = recover(six.file);
  EXPECT_EQ(framed.blocks, frame(six.file).blocks);
  EXPECT_THAT(framed.damages, IsEmpty());
}

TEST(ResyncTest, DamagedSizeWithAnIntactMarkerLosesOnlyItsBlock) {
  for (const int wrong_size : {0, 2 * 3, 2 * 8, 2 * 60, 0x7F}) {  // too small, too large, negative
    SixBlocks six;
    six.size_of(2) = static_cast<uint8_t>(wrong_size);
    const Framed framed = recover(six.file);
    EXPECT_THAT(framed.indexes(), ElementsAre(0, 1, 3, 4, 5)) << wrong_size;
    ASSERT_EQ(framed.damages.size(), 1u);
    EXPECT_EQ(framed.damages[0].block_index, 2);
    EXPECT_EQ(framed.damages[0].file_offset, static_cast<int64_t>(six.starts[2]));
    EXPECT_THAT(framed.damages[0].message,
                HasSubstr("skipped " + std::to_string(six.starts[3] - six.starts[2]) +
                          " bytes, reading resumes at offset " + std::to_string(six.starts[3])));
    EXPECT_EQ(framed.blocks[2].data, "block 3");
    EXPECT_EQ(framed.blocks[2].file_offset, six.starts[3]);
  }
}

TEST(ResyncTest, DamagedSizeBeyondTheEndOfTheFile) {
  SixBlocks six;
  six.insert(six.starts[2] + 1, as_bytes("\xFE\xFE\xFE"));
  const Framed framed = recover(six.file);
  EXPECT_THAT(framed.indexes(), ElementsAre(0, 1, 3, 4, 5));
  ASSERT_EQ(framed.damages.size(), 1u);
  EXPECT_EQ(framed.damages[0].kind, BadBlockKind::kBlockParseFailed);
  EXPECT_EQ(framed.damages[0].variant, ErrorVariant::kUnexpectedEof);
}

TEST(ResyncTest, NegativeCountLosesOnlyItsBlock) {
  SixBlocks six;
  six.count_of(0) = 1;  // -1
  const Framed framed = recover(six.file);
  EXPECT_THAT(framed.indexes(), ElementsAre(1, 2, 3, 4, 5));
  ASSERT_EQ(framed.damages.size(), 1u);
  EXPECT_EQ(framed.damages[0].variant, ErrorVariant::kInvalidBlock);
}

TEST(ResyncTest, DamagedMarkerLosesOnlyItsBlock) {
  for (size_t block = 0; block < 6; ++block) {
    SixBlocks six;
    six.marker_of(block) ^= 0xFF;
    const Framed framed = recover(six.file);
    ASSERT_EQ(framed.blocks.size(), 5u) << block;
    for (size_t i = 0; i < 5; ++i) EXPECT_EQ(framed.blocks[i].index, static_cast<int64_t>(i < block ? i : i + 1));
    ASSERT_EQ(framed.damages.size(), 1u);
    EXPECT_EQ(framed.damages[0].kind, BadBlockKind::kInvalidSyncMarker);
    EXPECT_EQ(framed.damages[0].block_index, static_cast<int64_t>(block));
    EXPECT_EQ(framed.damages[0].file_offset, static_cast<int64_t>(six.starts[block]));
  }
}

TEST(ResyncTest, ConsecutiveDamagesAreAllReported) {
  SixBlocks six;
  six.size_of(1) = 0x7F;    // negative
  six.size_of(3) = 2 * 3;   // too small
  six.size_of(4) = 2 * 60;  // beyond the end of the file
  const Framed framed = recover(six.file);
  EXPECT_THAT(framed.indexes(), ElementsAre(0, 2, 5));
  EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 2", "block 5"));
  ASSERT_EQ(framed.damages.size(), 3u);
  EXPECT_EQ(framed.damages[0].block_index, 1);
  EXPECT_EQ(framed.damages[1].block_index, 3);
  EXPECT_EQ(framed.damages[2].block_index, 4);
}

// A marker before an impossible block may be a part of some data. So it is passed over.
TEST(ResyncTest, ImpossibleCountAfterADamagedBlockIsPassedOverWithIt) {
  SixBlocks six;
  six.size_of(3) = 2 * 60;
  six.count_of(4) = 1;  // -1
  const Framed framed = recover(six.file);
  EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 1", "block 2", "block 5"));
  ASSERT_EQ(framed.damages.size(), 1u);
  EXPECT_THAT(framed.damages[0].message, HasSubstr("reading resumes at offset " + std::to_string(six.starts[5])));
}

TEST(ResyncTest, TwoNeighboursWithDamagedMarkers) {
  SixBlocks six;
  six.size_of(1) = 0x7F;
  six.marker_of(2) ^= 0xFF;
  const Framed framed = recover(six.file);
  EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 3", "block 4", "block 5"));
  ASSERT_EQ(framed.damages.size(), 2u);
  EXPECT_EQ(framed.damages[0].block_index, 1);
  EXPECT_EQ(framed.damages[1].block_index, 2);
  EXPECT_EQ(framed.damages[1].kind, BadBlockKind::kInvalidSyncMarker);
}

TEST(ResyncTest, ManyNeighboursWithDamagedMarkersLoseNoOther) {
  SixBlocks six;
  for (const size_t block : {1, 2, 3}) six.marker_of(block) ^= 1;
  const Framed framed = recover(six.file);
  EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 4", "block 5"));
  EXPECT_EQ(framed.damages.size(), 3U);
}

TEST(ResyncTest, ManyBytesInsertedBetweenBlocksLoseTheNextBlock) {
  SixBlocks six;
  six.insert(six.starts[3], as_bytes("some more garbage than a block is long"));
  const Framed framed = recover(six.file);
  // The marker before the garbage is the end of block 2. The next marker is the end of block 3, whose start is unknown.
  EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 1", "block 2", "block 4", "block 5"));
  EXPECT_EQ(framed.damages.size(), 1u);
}

TEST(ResyncTest, FewBytesInsertedBetweenBlocksLoseNone) {
  for (const std::string_view garbage : {"\xFF", "garbage", "0123456789abcde"}) {
    SixBlocks six;
    six.insert(six.starts[3], as_bytes(garbage));
    const Framed framed = recover(six.file);
    EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 1", "block 2", "block 3", "block 4", "block 5"))
        << garbage;
    ASSERT_EQ(framed.damages.size(), 1u);
    EXPECT_THAT(framed.damages[0].message, HasSubstr("skipped " + std::to_string(garbage.size()) + " bytes"));
  }
}

TEST(ResyncTest, BytesMissingFromAMarkerLoseOnlyItsBlock) {
  for (size_t count = 1; count <= 4; ++count) {
    for (size_t begin = 0; begin + count <= 16; ++begin) {
      SixBlocks six;
      six.erase(six.starts[3] - 16 + begin, count);
      const Framed framed = recover(six.file);
      EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 1", "block 3", "block 4", "block 5"))
          << count << " at " << begin;
      EXPECT_EQ(framed.damages.size(), 1u);
    }
  }
}

TEST(ResyncTest, BytesInsertedIntoAMarkerLoseOnlyItsBlock) {
  for (const std::string_view more : {"\x99", "\x01\x02\x03", "0123456789"}) {
    for (size_t begin = 1; begin < 16; ++begin) {
      SixBlocks six;
      six.insert(six.starts[3] - 16 + begin, as_bytes(more));
      const Framed framed = recover(six.file);
      EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 1", "block 3", "block 4", "block 5"))
          << more << " at " << begin;
      EXPECT_EQ(framed.damages.size(), 1u);
    }
  }
}

// The end of a block, and the first byte of its marker.
TEST(ResyncTest, BytesMissingUpToTheLastOnesOfAMarkerLoseOnlyItsBlock) {
  for (size_t count = 1; count <= 16; ++count) {
    SixBlocks six;
    six.erase(six.starts[3] - 6 - count, count);
    const Framed framed = recover(six.file);
    EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 1", "block 3", "block 4", "block 5")) << count;
    EXPECT_EQ(framed.damages.size(), 1u);
  }
}

TEST(ResyncTest, BytesRemovedFromABlockLoseOnlyThatBlock) {
  for (size_t count = 1; count <= 9; ++count) {
    SixBlocks six;
    six.erase(six.starts[3], count);
    const Framed framed = recover(six.file);
    EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 1", "block 2", "block 4", "block 5")) << count;
    EXPECT_EQ(framed.damages.size(), 1u) << count;
  }
}

TEST(ResyncTest, BytesRemovedAcrossTwoBlocksLoseBoth) {
  SixBlocks six;
  six.erase(six.starts[2] + 3, six.starts[3] - six.starts[2]);
  const Framed framed = recover(six.file);
  EXPECT_THAT(framed.data().back(), "block 5");
  EXPECT_EQ(framed.blocks.size() + framed.damages.size(), 5u);
}

TEST(ResyncTest, TrapMarkerInsideTheDamagedDataIsNotTakenForItsEnd) {
  // The data holds the marker, then bytes that are no block.
  for (const std::string_view after :
       {"\x01\x01\x01", "\x02\x06zzz", "\x02\x00zzz", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"}) {
    const std::string data = "ab" + std::string(as_text(kTestSync)) + std::string(after) + std::string(40, '.');
    ByteWriter file;
    append_header(file);
    append_block(file, 1, "a");
    const size_t damaged_start = file.size();
    append_block(file, 1, data);
    const size_t next_start = file.size();
    append_block(file, 1, "c");
    append_block(file, 1, "d");
    std::vector<uint8_t> bytes = file.bytes();
    bytes[damaged_start + 1] = 0x7F;  // the size is negative now
    const Framed framed = recover(bytes);
    EXPECT_THAT(framed.data(), ElementsAre("a", "c", "d"));
    EXPECT_THAT(framed.indexes(), ElementsAre(0, 2, 3));
    ASSERT_EQ(framed.damages.size(), 1u);
    EXPECT_THAT(framed.damages[0].message, HasSubstr("reading resumes at offset " + std::to_string(next_start)));
  }
}

TEST(ResyncTest, OverlappingOccurrencesOfAPeriodicMarker) {
  SyncMarker period;
  period.fill(0x0E);  // count 7, size 7
  ByteWriter file;
  append_header(file, period);
  append_block(file, 1, "a", period);
  const size_t damaged_start = file.size();
  append_block(file, 1, "bbb\x0E", period);
  append_block(file, 1, "c", period);
  std::vector<uint8_t> bytes = file.bytes();
  bytes[damaged_start] = 1;  // negative count
  const Framed framed = recover(bytes);
  EXPECT_THAT(framed.data(), ElementsAre("a", "c"));
  EXPECT_EQ(framed.damages.size(), 1u);
}

TEST(ResyncTest, DamagedBlockFollowedByATruncatedLastOne) {
  SixBlocks six;
  six.size_of(3) = 0x7F;
  six.file.resize(six.starts[5] - 3);  // block 4 lacks the end of its marker
  const Framed framed = recover(six.file);
  EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 1", "block 2"));
  ASSERT_EQ(framed.damages.size(), 2u);
  EXPECT_EQ(framed.damages[0].block_index, 3);
  EXPECT_EQ(framed.damages[1].block_index, 4);
  EXPECT_EQ(framed.damages[1].variant, ErrorVariant::kUnexpectedEof);
  EXPECT_THAT(framed.damages[1].message, HasSubstr("no further block was found before the end of the file"));
}

TEST(ResyncTest, DamagedLastBlock) {
  SixBlocks six;
  six.size_of(5) = 0x7F;
  const Framed framed = recover(six.file);
  EXPECT_EQ(framed.blocks.size(), 5u);
  ASSERT_EQ(framed.damages.size(), 1u);
  EXPECT_THAT(framed.damages[0].message,
              HasSubstr("skipped " + std::to_string(six.starts[6] - six.starts[5]) + " bytes, the last of the file"));
}

TEST(ResyncTest, GarbageAtTheEndIsOneDamage) {
  for (const std::string_view garbage :
       {"\n", "garbage", "\x02", "a long tail of garbage that holds no marker at all"}) {
    SixBlocks six;
    six.insert(six.starts[6], as_bytes(garbage));
    const Framed framed = recover(six.file);
    EXPECT_EQ(framed.blocks.size(), 6u);
    ASSERT_EQ(framed.damages.size(), 1u) << garbage;
    EXPECT_THAT(framed.damages[0].message, HasSubstr("skipped " + std::to_string(garbage.size()) + " bytes"));
  }
}

TEST(ResyncTest, NothingButGarbageAfterTheHeader) {
  ByteWriter file;
  append_header(file);
  file.raw(std::vector<uint8_t>(100'000, 0xFF));
  const Framed framed = frame(file.bytes(), {.chunk_bytes = 100, .recover = true});
  EXPECT_THAT(framed.blocks, IsEmpty());
  EXPECT_EQ(framed.damages.size(), 1u);
}

TEST(ResyncTest, ResumesFarAheadAcrossManyChunks) {
  SixBlocks six;
  six.insert(six.starts[2], std::vector<uint8_t>(3'000'000, 0xFF));
  for (const size_t chunk_bytes : {1000, 4096, 1 << 20}) {
    TestSource source(six.file);
    const Framed framed = frame(source, {.chunk_bytes = chunk_bytes, .recover = true});
    EXPECT_THAT(framed.data(), ElementsAre("block 0", "block 1", "block 3", "block 4", "block 5"));
    EXPECT_LE(source.requested_bytes, six.file.size() + 20'000) << "the search passes each byte once";
  }
}

TEST(ResyncTest, ForgedSizeWithinAHugeFileIsPassedOverWithoutReservingIt) {
  ByteWriter file;
  append_header(file);
  file.zigzag(1).zigzag(100 << 20).raw({1, 2, 3}).raw(kTestSync);  // claims 100 MiB
  append_block(file, 1, "a");
  TestSource source(file.bytes(), 200 << 20, TestSource::More::kZeros);
  const Header header = read_header(source, 4096);
  BlockFramer framer(source, header, {.recover = true});
  Unit unit;
  ASSERT_TRUE(framer.next(unit));
  EXPECT_TRUE(unit.damage);
  ASSERT_TRUE(framer.next(unit));
  ASSERT_EQ(unit.blocks.size(), 1u);
  EXPECT_LT(unit.bytes.capacity(), 10u << 20);
}

// Every byte of the blocks is changed in several ways. All other blocks must be read as they were written.
TEST(ResyncTest, AnyDamagedByteLosesItsBlockOnly) {
  const SixBlocks six;
  const std::vector<FramedBlock> written = frame(six.file).blocks;
  for (size_t offset = six.starts[0]; offset < six.file.size(); ++offset) {
    const auto owner =
        static_cast<size_t>(std::upper_bound(six.starts.begin(), six.starts.end(), offset) - six.starts.begin() - 1);
    for (const int change : {1, 2, 0x10, 0x7F, 0x80, 0xFF}) {
      std::vector<uint8_t> file = six.file;
      file[offset] = static_cast<uint8_t>(file[offset] ^ change);
      const Framed framed = frame(file, {.chunk_bytes = 50, .recover = true});
      size_t intact = 0;
      for (const FramedBlock& block : framed.blocks) {
        for (const FramedBlock& original : written) {
          if (original.file_offset != block.file_offset || original.data != block.data) continue;
          ++intact;
          // Indexes are counted. So they stay the same if neither count nor size is changed.
          EXPECT_EQ(original.index, block.index);
        }
      }
      const bool is_in_data = offset >= six.starts[owner] + 2 && offset < six.starts[owner + 1] - 16;
      const bool is_in_count = offset == six.starts[owner];
      EXPECT_GE(intact, 5u) << "offset " << offset << " change " << change;
      if (is_in_data) {
        EXPECT_THAT(framed.damages, IsEmpty());
      } else if (!is_in_count) {
        EXPECT_EQ(framed.damages.size(), 1u);
      }
    }
  }
}

TEST(ResyncTest, EveryTruncationOfADamagedFileEnds) {
  SixBlocks six;
  six.size_of(1) = 2 * 9;
  six.marker_of(3) ^= 1;
  for (size_t size = six.starts[0]; size <= six.file.size(); ++size) {
    const std::vector<uint8_t> cut(six.file.begin(), six.file.begin() + static_cast<ptrdiff_t>(size));
    for (const size_t chunk_bytes : {1, 20, 4096}) {
      for (const bool recover : {false, true}) {
        const Framed framed = frame(cut, {.chunk_bytes = chunk_bytes, .recover = recover});
        for (const FramedBlock& block : framed.blocks) {
          EXPECT_THAT(block.data, HasSubstr("block "));
          EXPECT_NE(block.data, "block 1");
          EXPECT_NE(block.data, "block 3");
        }
      }
    }
  }
}

struct Work {
  Framed framed;
  uint64_t unit_bytes = 0;       // of memory, all units together, which is at least what was copied to them
  uint64_t requested_bytes = 0;  // from the source
};

Work measure_recovery(const std::vector<uint8_t>& file) {
  TestSource source(file);
  const Header header = read_header(source, 4096);
  BlockFramer framer(source, header, {.recover = true});
  Work work;
  for (;;) {
    Unit unit;  // a new one each time, so that its capacity tells what it held
    if (!framer.next(unit)) break;
    work.unit_bytes += unit.bytes.capacity();
    for (const BlockRef& block : unit.blocks) {
      work.framed.blocks.push_back(
          {block.index, block.row_count, block.file_offset,
           std::string(as_text(unit.bytes.bytes().subspan(block.data_begin, block.data_bytes)))});
    }
    if (unit.damage) work.framed.damages.push_back(*unit.damage);
  }
  work.requested_bytes = source.requested_bytes;
  return work;
}

// Bytes that a damage may cost, apart from those that it skips.
constexpr uint64_t kUnitBytesPerDamage = 8 << 10;
constexpr uint64_t kRequestedBytesPerDamage = 200;

// Blocks of 34 bytes, each of which claims to reach to a place in the second half of the file where a whole block
// follows, but no marker is before it.
TEST(ResyncTest, TrapOverlappingClaimsAreNotReadInFull) {
  constexpr size_t kClaims = 4000;
  constexpr size_t kStride = 34;
  ByteWriter out;
  append_header(out);
  const size_t begin = out.size();
  for (size_t i = 0; i < kClaims; ++i) {
    const size_t start = out.size();
    const size_t claimed_end = begin + (kClaims + i) * kStride + 16;
    constexpr size_t kHeadBytes = 1 + 3;
    out.zigzag(1).zigzag(static_cast<int64_t>(claimed_end - 16 - kHeadBytes - start));
    ASSERT_EQ(out.size(), start + kHeadBytes);
    out.raw(std::vector<uint8_t>(kStride - kHeadBytes - 16)).raw(kTestSync);
  }
  for (size_t i = 0; i < kClaims; ++i) {
    out.raw(std::vector<uint8_t>(16, 'J'));
    append_block(out, 0, "");
  }
  append_block(out, 1, "last");
  const Work work = measure_recovery(out.bytes());
  EXPECT_THAT(work.framed.data(), ElementsAre("last"));
  EXPECT_GE(work.framed.damages.size(), kClaims);
  // The size of the first block is trusted, because there was no damage yet.
  EXPECT_LE(work.unit_bytes, 3 * out.size() + work.framed.damages.size() * kUnitBytesPerDamage);
  EXPECT_LE(work.requested_bytes, 3 * out.size() + work.framed.damages.size() * kRequestedBytesPerDamage);
}

TEST(ResyncTest, TrapManyDamagesCostWhatTheySkip) {
  constexpr size_t kDamages = 20'000;
  ByteWriter out;
  append_header(out);
  for (size_t i = 0; i < kDamages; ++i) out.zigzag(1).zigzag(int64_t{1} << 50).raw(kTestSync);
  append_block(out, 1, "last");
  const Work work = measure_recovery(out.bytes());
  EXPECT_THAT(work.framed.data(), ElementsAre("last"));
  EXPECT_EQ(work.framed.damages.size(), kDamages);
  EXPECT_LE(work.unit_bytes, 3 * out.size() + kDamages * kUnitBytesPerDamage);
  EXPECT_LE(work.requested_bytes, 3 * out.size() + kDamages * kRequestedBytesPerDamage);
}

TEST(ResyncTest, UnitsAfterDamageGrowAgain) {
  ByteWriter out;
  append_header(out);
  out.raw({0xFF}).raw(kTestSync);
  for (int i = 0; i < 3000; ++i) append_block(out, 1, std::string(1000, 'd'));
  const auto source = open_memory(out.bytes());
  BlockFramer framer(*source, read_header(*source, 4096), {.recover = true});
  Unit unit;
  ASSERT_TRUE(framer.next(unit));
  ASSERT_TRUE(unit.damage);
  std::vector<size_t> unit_bytes;
  size_t blocks = 0;
  while (framer.next(unit)) {
    EXPECT_FALSE(unit.damage);
    unit_bytes.push_back(unit.bytes.size());
    blocks += unit.blocks.size();
  }
  EXPECT_EQ(blocks, 3000u);
  ASSERT_GE(unit_bytes.size(), 5u);
  EXPECT_LE(unit_bytes[0], 4u << 10);
  EXPECT_NEAR(static_cast<double>(unit_bytes[2]), 64 << 10, 2000);
  EXPECT_GE(unit_bytes[4], (1u << 20) - 2000);
}

// Bytes changed, inserted and removed at random (from a fixed seed): blocks and reports come in order, and are few.
TEST(ResyncTest, RandomDamageIsReportedInOrder) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    SixBlocks six;
    for (int hit = 0; hit < 3; ++hit) {
      const size_t offset = six.starts[0] + random() % (six.file.size() - six.starts[0] - 8);
      switch (random() % 3) {
        case 0:
          six.insert(offset, std::vector<uint8_t>(1 + random() % 20, static_cast<uint8_t>(random())));
          break;
        case 1:
          six.erase(offset, 1 + random() % 8);
          break;
        default:
          six.file[offset] = static_cast<uint8_t>(random());
      }
    }
    const Framed framed = frame(six.file, {.chunk_bytes = 1 + random() % 100, .recover = true});
    int64_t last_damage = 0;
    for (const BadBlock& damage : framed.damages) {
      EXPECT_GT(damage.file_offset, last_damage);
      last_damage = damage.file_offset;
    }
    uint64_t last_end = 0;
    for (const FramedBlock& block : framed.blocks) {
      EXPECT_GE(block.file_offset, last_end);
      last_end = block.file_offset + 2 + block.data.size() + kTestSync.size();
    }
    EXPECT_LE(last_end, six.file.size());
    EXPECT_LE(framed.damages.size(), 4u);
  }
}

}  // namespace
}  // namespace jetliner
