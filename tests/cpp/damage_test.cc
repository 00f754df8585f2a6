// Damage as data: the place, the kind and the text of everything that may be wrong with a block.
#include "task/damage.h"

#include <gtest/gtest.h>

#include <string>

#include "container/swallowed.h"
#include "resolved.h"
#include "task_unit.h"

namespace jetliner {
namespace {

const BlockRef kBlock = {.index = 7, .row_count = 5, .file_offset = 4000, .data_bytes = 100, .block_bytes = 118};

void expect_place(const BadBlock& damage, BadBlockKind kind, ErrorKind error_kind, ErrorVariant variant) {
  EXPECT_EQ(damage.kind, kind);
  EXPECT_EQ(damage.error_kind, error_kind);
  EXPECT_EQ(damage.variant, variant);
  EXPECT_EQ(damage.path, "a.avro");
  EXPECT_EQ(damage.block_index, 7);
  EXPECT_EQ(damage.file_offset, 4000);
}

// A block at hand: its bytes lie in `buffer`.
PlainBlock plain_block(const SlackBuffer& buffer, size_t cursor, int64_t rows_done = 0) {
  const ByteSpan data(buffer.begin(), buffer.end());
  return {
      .ref = kBlock, .data = data, .whole_bytes = data.size(), .cursor = data.data() + cursor, .rows_done = rows_done};
}

TEST(Damage, ErrorHasAllThatTheDamageSays) {
  const BadBlock damage = {.kind = BadBlockKind::kDecompressionFailed,
                           .codec = "snappy",
                           .block_index = 1,
                           .record_index = 2,
                           .file_offset = 3,
                           .message = "the message",
                           .path = "a.avro",
                           .error_kind = ErrorKind::kCodec,
                           .variant = ErrorVariant::kOversizedOutput,
                           .block_offset = 4,
                           .option = "max_block_bytes"};
  const Error error = error_of(damage);
  EXPECT_STREQ(error.what(), "the message");
  EXPECT_EQ(error.kind(), ErrorKind::kCodec);
  EXPECT_EQ(error.variant(), ErrorVariant::kOversizedOutput);
  EXPECT_EQ(error.place().path, "a.avro");
  EXPECT_EQ(error.place().block_index, 1);
  EXPECT_EQ(error.place().record_index, 2);
  EXPECT_EQ(error.place().file_offset, 3);
  EXPECT_EQ(error.place().block_offset, 4);
  EXPECT_EQ(error.place().codec, "snappy");
  EXPECT_STREQ(error.place().option, "max_block_bytes");
}

TEST(Damage, TooManyEmptyRows) {
  BlockRef block = kBlock;
  block.refused_rows = 3;
  BadBlock damage = too_many_empty_rows(*test_file("\"null\""), block, false);
  expect_place(damage, BadBlockKind::kRecordDecodeFailed, ErrorKind::kDecode, ErrorVariant::kInvalidData);
  EXPECT_EQ(damage.record_index, 5);
  EXPECT_STREQ(damage.option, "max_empty_rows");
  EXPECT_EQ(damage.message, "block claims 8 records that take no bytes; 5 more of such were allowed");
  damage = too_many_empty_rows(*test_file("\"null\""), block, true);
  EXPECT_EQ(damage.message,
            "block claims 8 records that take no bytes; 5 more of such were allowed; skipped 0 bytes, of 3 records");
}

TEST(Damage, ImpossibleRows) {
  BadBlock damage = impossible_rows(*test_file("\"long\""), kBlock, 4, false);
  expect_place(damage, BadBlockKind::kRecordDecodeFailed, ErrorKind::kDecode, ErrorVariant::kInvalidData);
  EXPECT_EQ(damage.record_index, std::nullopt);
  EXPECT_EQ(damage.message, "block claims 5 records; its 100 bytes of data hold 4 at most");
  damage = impossible_rows(*test_file("\"long\""), kBlock, 4, true);
  EXPECT_EQ(damage.message, "block claims 5 records; its 100 bytes of data hold 4 at most; skipped 118 bytes");
}

TEST(Damage, BrokenBlock) {
  const auto file = test_file("\"long\"", "snappy");
  const CodecResult corrupt = {CodecStatus::kCorrupt, {}, "snappy: CRC-32 mismatch"};
  BadBlock damage = broken_block(*file, kBlock, corrupt, 1000, false);
  expect_place(damage, BadBlockKind::kDecompressionFailed, ErrorKind::kCodec, ErrorVariant::kDecompressionError);
  EXPECT_EQ(damage.codec, "snappy");
  EXPECT_EQ(damage.message, "snappy: CRC-32 mismatch");
  EXPECT_EQ(damage.option, nullptr);
  EXPECT_EQ(broken_block(*file, kBlock, corrupt, 1000, true).message,
            "snappy: CRC-32 mismatch; skipped 118 bytes, a block that claims 5 rows");
  const CodecResult large = {CodecStatus::kTooLarge, {}, "snappy: the output exceeds the limit"};
  damage = broken_block(*file, kBlock, large, 1000, false);
  expect_place(damage, BadBlockKind::kDecompressionFailed, ErrorKind::kCodec, ErrorVariant::kOversizedOutput);
  EXPECT_EQ(damage.message, "decompressed size exceeds limit of 1000 bytes");
  EXPECT_STREQ(damage.option, "max_block_bytes");
  const CodecResult dictionary = {CodecStatus::kDictionaryTooLarge, {}, "xz: a larger dictionary than the limit"};
  damage = broken_block(*file, kBlock, dictionary, 1000, false);
  expect_place(damage, BadBlockKind::kDecompressionFailed, ErrorKind::kCodec, ErrorVariant::kOversizedOutput);
  EXPECT_EQ(damage.message, "xz: a larger dictionary than the limit of 1000 bytes");
  EXPECT_STREQ(damage.option, "max_block_bytes");
}

TEST(Damage, BytesLeftOver) {
  const SlackBuffer buffer(Bytes(10));
  const PlainBlock block = plain_block(buffer, 8, 5);
  BadBlock damage = bytes_left_over(*test_file("\"long\""), block, false);
  expect_place(damage, BadBlockKind::kRecordDecodeFailed, ErrorKind::kDecode, ErrorVariant::kInvalidData);
  EXPECT_EQ(damage.record_index, 5);
  EXPECT_EQ(damage.block_offset, 8);
  EXPECT_EQ(damage.message, "2 bytes are left after the block's last record");
  damage = bytes_left_over(*test_file("\"long\"", "deflate"), block, true);
  EXPECT_EQ(damage.message,
            "2 bytes are left after the block's last record; skipped 2 bytes, the rest of the block's 10 decompressed "
            "bytes");
  PlainBlock empty = block;
  empty.ref.row_count = 0;
  EXPECT_EQ(bytes_left_over(*test_file("\"long\""), empty, false).message,
            "the block claims no records, but has 2 bytes of data");
}

class BadRecord : public testing::Test {
 protected:
  // Decodes two rows of the type, and reports what is wrong.
  BadBlock damage_of(const std::string& type, const Values& data, bool skips = false) {
    const auto plan = plan_of(one_field(type));
    ColumnSet columns(plan->columns);
    Decoder decoder(*plan, columns);
    columns.reserve(2);
    const SlackBuffer buffer(ByteSpan(data.bytes()));
    decoder.start_block(data.size());
    const Decoder::Result result = decoder.decode(buffer.begin(), buffer.end(), 2);
    EXPECT_NE(result.status, Status::kOk);
    PlainBlock block = plain_block(buffer, 0, 10);
    block.ref = block_ref_;
    place_ = place_of_record(*plan, block, result);
    return bad_record(*test_file(plan), *plan, block, result, place_, skips);
  }
  RecordPlace place_;
  BlockRef block_ref_ = kBlock;
};

TEST_F(BadRecord, SaysFieldPlaceAndReason) {
  const BadBlock damage = damage_of("\"boolean\"", Values().hex_bytes("01 02"));
  expect_place(damage, BadBlockKind::kRecordDecodeFailed, ErrorKind::kDecode, ErrorVariant::kInvalidData);
  EXPECT_EQ(damage.message, "field 'f': boolean is neither 0 nor 1");
  EXPECT_EQ(damage.record_index, 11);
  EXPECT_EQ(place_.row_begin, 1U);
}

TEST_F(BadRecord, SaysTheRowOfTheFile) {
  block_ref_.first_row = 1000;
  EXPECT_EQ(damage_of("\"boolean\"", Values().hex_bytes("01 02")).message,
            "field 'f': boolean is neither 0 nor 1; row 1011 of the file");
  block_ref_.first_row = INT64_MAX - 10;
  EXPECT_EQ(damage_of("\"boolean\"", Values().hex_bytes("01 02")).message, "field 'f': boolean is neither 0 nor 1");
}

TEST_F(BadRecord, SaysWhatIsPassedOver) {
  // From the start of the bad record: rows before it are read.
  EXPECT_EQ(damage_of("\"boolean\"", Values().hex_bytes("01 02 00 00"), true).message,
            "field 'f': boolean is neither 0 nor 1; skipped 3 bytes, the rest of the block's 4 bytes");
}

TEST_F(BadRecord, DataThatEndsWithinAField) {
  const BadBlock damage = damage_of("\"double\"", Values().real64(1).hex_bytes("00 00"));
  EXPECT_EQ(damage.variant, ErrorVariant::kUnexpectedEof);
  EXPECT_EQ(damage.message, "field 'f': the block's data ends within the record");
  EXPECT_EQ(damage.record_index, 11);
  EXPECT_EQ(place_.row_begin, 8U);
  EXPECT_EQ(place_.field, "f");
}

TEST_F(BadRecord, VariantFollowsTheReason) {
  EXPECT_EQ(damage_of("\"string\"", Values().hex_bytes("02 ff")).variant, ErrorVariant::kInvalidUtf8);
  EXPECT_EQ(damage_of("\"int\"", Values().hex_bytes("ffffffffffffffffffff ffff")).variant,
            ErrorVariant::kInvalidVarint);
}

TEST(Damage, ValueThatTheReaderSchemaCannotHoldIsASchemaViolation) {
  const auto plan = resolved_plan(one_field(R"(["string","long"])"), one_field("\"long\""));
  ColumnSet columns(plan->columns);
  Decoder decoder(*plan, columns);
  columns.reserve(1);
  const SlackBuffer buffer(ByteSpan(Values().branch(0).string("text").bytes()));
  decoder.start_block(6);
  const Decoder::Result result = decoder.decode(buffer.begin(), buffer.end(), 1);
  const PlainBlock block = plain_block(buffer, 0);
  const BadBlock damage =
      bad_record(*test_file(plan), *plan, block, result, place_of_record(*plan, block, result), false);
  expect_place(damage, BadBlockKind::kSchemaViolation, ErrorKind::kDecode, ErrorVariant::kTypeMismatch);
  // The reason is that of the schemas.
  EXPECT_TRUE(damage.message.starts_with("field 'f': the value cannot be read by the reader schema: "))
      << damage.message;
}

TEST(Damage, SwallowedBlocksAreInsertedAndTold) {
  Values data;
  data.raw({1, 2, 3}).raw(kTestSync);
  append_block(data, 2, ByteSpan(longs(3, 2).bytes()));
  data.zigzag(1).zigzag(1).raw({10});
  const TestUnit all = TestUnit(4).block(1, longs(0, 1)).block(1, data).block(1, longs(9, 1));
  Unit unit = all.unit();
  BadBlock damage{.message = "bad"};
  const std::span<const BlockRef> found = insert_swallowed_blocks(unit, 2, all.blocks()[1], damage);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(damage.message, "bad; within them are 2 whole blocks, which are read");
  ASSERT_EQ(unit.blocks.size(), 5U);
  EXPECT_EQ(found.data(), &unit.blocks[2]);
  EXPECT_EQ(unit.blocks[2].row_count, 2);
  EXPECT_EQ(unit.blocks[3].row_count, 1);
  EXPECT_EQ(unit.blocks[4].index, 6);  // what came after the bad block
}

TEST(Damage, NothingIsInsertedWithoutSwallowedBlocksOrTooDeep) {
  Values data;
  data.raw(kTestSync).zigzag(1).zigzag(1).raw({10});
  Unit unit = TestUnit().block(1, data).block(1, longs(1, 1)).unit();
  BadBlock damage{.message = "bad"};
  EXPECT_TRUE(insert_swallowed_blocks(unit, 2, unit.blocks[1], damage).empty());
  BlockRef deep = unit.blocks[0];
  deep.depth = kMaxSwallowedDepth;
  EXPECT_TRUE(insert_swallowed_blocks(unit, 1, deep, damage).empty());
  EXPECT_EQ(unit.blocks.size(), 2U);
  EXPECT_EQ(damage.message, "bad");
  deep.depth = kMaxSwallowedDepth - 1;
  EXPECT_EQ(insert_swallowed_blocks(unit, 1, deep, damage).size(), 1U);
}

TEST(RowBoundOf, FollowsCodecAndLimit) {
  EXPECT_EQ(row_bound("null", 8, 10).most_rows(80), 10U);     // no limit without compression
  EXPECT_EQ(row_bound("deflate", 8, 80).most_rows(80), 10U);  // the limit of a block
  EXPECT_EQ(row_bound("deflate", 1, UINT64_MAX).most_rows(10), 10320U);
  EXPECT_EQ(row_bound("snappy", 2, UINT64_MAX).most_rows(10), 110U);
  EXPECT_EQ(row_bound("xz", 1, 1000).most_rows(1), 1000U);
  EXPECT_EQ(row_bound("null", 0, 10).most_rows(1), UINT64_MAX);
}

}  // namespace
}  // namespace jetliner
