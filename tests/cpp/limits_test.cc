// Forged counts and sizes, through the whole reader: few bytes must not take much time or memory.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

#include "container/swallowed.h"
#include "files/file_list.h"
#include "read_all.h"
#include "task/block_task.h"
#include "task/piece_stream.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

// ThreadSanitizer keeps some bytes of its own for every byte that is touched.
#if defined(__SANITIZE_THREAD__)
constexpr size_t kMemoryFactor = 5;
#elif defined(__has_feature)
constexpr size_t kMemoryFactor = __has_feature(thread_sanitizer) ? 5 : 1;
#else
constexpr size_t kMemoryFactor = 1;
#endif

// The most memory that the process has held, in bytes. Other tests in the same process count as well, so only the
// growth means anything.
size_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return (std::stoull(line.substr(6)) << 10) / kMemoryFactor;
  }
  return 0;
}

std::string many_fields(int n, const std::string& type) {
  std::string fields;
  for (int i = 0; i < n; ++i) fields += (i > 0 ? "," : "") + field_json("f" + std::to_string(i), type);
  return fields;
}

TEST(Limits, ForgedRowCountsTakeNoMemoryAndNoTime) {
  for (const char* const type : {"\"long\"", "\"string\"", R"(["null"])"}) {
    for (const int64_t count : {int64_t{3}, int64_t{1} << 20, int64_t{1} << 40, std::numeric_limits<int64_t>::max()}) {
      const size_t before = peak_bytes();
      const auto start = std::chrono::steady_clock::now();
      AvroFile file(type);
      file.block(count, Values().number(0).number(0));
      file.block(1, Values().number(0));
      const ReadOutcome strict = read_all(file);
      EXPECT_EQ(strict.rows.size(), 2U);
      ASSERT_TRUE(strict.error.has_value());
      EXPECT_EQ(strict.error->variant(), ErrorVariant::kUnexpectedEof);
      EXPECT_EQ(strict.error->place().record_index, 2);
      EXPECT_EQ(read_all(file, {.ignore_errors = true}).rows.size(), 3U);
      EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
      EXPECT_LT(peak_bytes() - before, 100U << 20) << type << " " << count;
    }
  }
}

// The first block is decoded into room for all rows that the unit claims.
TEST(Limits, ForgedCountOfALaterBlockTakesNoMemory) {
  for (const char* const type : {"\"boolean\"", "\"long\"", R"(["null","boolean"])", "\"string\""}) {
    const size_t before = peak_bytes();
    AvroFile file(record_json(many_fields(5000, type)));
    file.block(1, Values().zeros(5000));  // false, 0, null, ""
    file.block(int64_t{1} << 50, Values().zeros(5000));
    Reader reader({"a"}, {}, [&](const std::string&) { return open_memory(file.bytes()); });
    Batch batch;
    ASSERT_TRUE(reader.next(batch));
    EXPECT_EQ(batch.num_rows(), 2U);
    EXPECT_THROW((void)reader.next(batch), Error);
    EXPECT_LT(peak_bytes() - before, 200U << 20) << type;
  }
}

TEST(Limits, RowsWithoutBytesAreCountedOverTheRead) {
  for (const char* const schema :
       {"\"null\"", R"({"type":"record","name":"R","fields":[{"name":"n","type":"null"}]})",
        R"({"type":"fixed","name":"F","size":0})",
        R"({"type":"record","name":"R","fields":[{"name":"e","type":{"type":"record","name":"E","fields":[]}}]})"}) {
    AvroFile file(schema);
    file.block(1000, Values());
    file.block(2000, Values());
    EXPECT_EQ(read_all(file).rows.size(), 3000U) << schema;
    EXPECT_EQ(read_all(file, {.max_empty_rows = 3000}).rows.size(), 3000U);
    const ReadOutcome strict = read_all(file, {.max_empty_rows = 2999});
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->kind(), ErrorKind::kDecode);
    EXPECT_EQ(strict.rows.size(), 2999U);
    EXPECT_EQ(strict.error->place().record_index, 1999);
    file.block(int64_t{1} << 60, Values());
    file.block(1, Values());
    EXPECT_TRUE(read_all(file, {.max_empty_rows = 4000}).error.has_value());
    // A block that claims more than is allowed, of which some rows are wanted.
    EXPECT_FALSE(read_all(file, {.max_empty_rows = 4000, .n_rows = 3500}).error.has_value());
    const ReadOutcome lenient = read_all(file, {.max_empty_rows = 4000, .ignore_errors = true});
    EXPECT_EQ(lenient.rows.size(), 4000U);
    EXPECT_EQ(lenient.bad_blocks.size(), 2U);
  }
}

// A damaged record took much memory before the damage was found. The blocks after it in the same unit were lost
// silently.
TEST(Limits, BlocksAfterALargeDamagedRecordAreRead) {
  const std::string schema = record_json(field_json("s", "\"string\"") + "," + field_json("b", "\"boolean\""));
  AvroFile file(schema, "deflate");
  const std::string large(3 * kChunkBytes, 'x');
  file.block(1, Values().string("first").boolean(true));
  file.block(1, Values().string(large).hex_bytes("07"));
  file.block(1, Values().string("second").boolean(true));
  file.block(1, Values().string(large).hex_bytes("07"));
  file.block(1, Values().string("third").boolean(false));
  for (const size_t n_threads : {1, 2}) {
    const ReadOutcome outcome = read_all(file, {.ignore_errors = true, .n_threads = n_threads});
    EXPECT_EQ(outcome.rows, (Texts{R"({s:"first",b:true})", R"({s:"second",b:true})", R"({s:"third",b:false})"}));
    EXPECT_EQ(outcome.bad_blocks.size(), 2U);
  }
}

// Items of one byte each unfold to many columns: rows that do not fit together are read one by one.
std::string wide_list(int width) {
  return record_json(
      field_json("l", R"({"type":"array","items":["null",)" + record_json(many_fields(width, "\"long\""), "W") + "]}") +
      "," + field_json("end", "\"int\""));
}

TEST(Limits, RowsThatDoNotFitTogetherAreReadOneByOne) {
  AvroFile file(wide_list(1000), "deflate");
  Values rows;
  const size_t items = 2000;
  for (int i = 0; i < 50; ++i) {
    rows.number(static_cast<int64_t>(items)).zeros(items).end().number(i);  // 16 MB of columns each
  }
  file.block(50, rows);
  const size_t before = peak_bytes();
  Reader reader({"a"}, {.batch_size = 10, .n_threads = 1},
                [&](const std::string&) { return open_memory(file.bytes()); });
  size_t num_rows = 0;
  Batch batch;
  while (reader.next(batch)) num_rows += batch.num_rows();
  EXPECT_EQ(num_rows, 50U);
  EXPECT_LT(peak_bytes() - before, 2 * kMaxChunkBytes + (size_t{64} << 20));  // and the growth of lists
}

TEST(Limits, OneRowThatDoesNotFitIsAnErrorAndNotTheEndOfTheProcess) {
  AvroFile file(wide_list(10'000), "deflate");
  Values bad;
  const size_t items = 100'000;  // 8 GB of columns
  bad.number(static_cast<int64_t>(items)).zeros(items).end().number(2);
  file.block(2, Values().end().number(1).append(bad));
  file.block(1, Values().end().number(3));
  const ReadOutcome strict = read_all(file, {.columns = ColumnNames{{"end", "l"}}, .n_threads = 1});
  EXPECT_EQ(strict.rows, Texts{"{l:[],end:1}"});
  ASSERT_TRUE(strict.error.has_value());
  EXPECT_EQ(strict.error->kind(), ErrorKind::kDecode);
  EXPECT_EQ(strict.error->place().record_index, 1);
  EXPECT_EQ(read_all(file, {.ignore_errors = true}).rows, (Texts{"{l:[],end:1}", "{l:[],end:3}"}));
  // The column itself may be left out.
  EXPECT_EQ(read_all(file, {.columns = ColumnNames{{"end"}}}).rows, (Texts{"{end:1}", "{end:2}", "{end:3}"}));
}

// A block of a few bytes whose rows repeat long names as text, again and again.
TEST(Limits, TextOfRecordsWithinThemselvesIsBoundedForABlock) {
  const std::string name(200'000, 'n');
  AvroFile file(record_json(field_json(name, "\"null\"") + "," + field_json("next", R"(["null","R"])")), "deflate");
  Values rows;
  for (int i = 0; i < 10'000; ++i) rows.branch(1).branch(0);
  file.block(10'000, rows);
  const size_t before = peak_bytes();
  const ReadOutcome outcome = read_all(file);
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_EQ(outcome.error->kind(), ErrorKind::kDecode);
  EXPECT_LT(peak_bytes() - before, 500U << 20);
}

TEST(Limits, CountsOfItemsWithoutBytesAreRefused) {
  AvroFile file(record_json(field_json("l", R"({"type":"array","items":"null"})")));
  file.block(1, Values().number(std::numeric_limits<int64_t>::max()).end());
  file.block(1, Values().number(2).end());
  EXPECT_TRUE(read_all(file).error.has_value());
  EXPECT_EQ(read_all(file, {.ignore_errors = true}).rows, Texts{"{l:[null,null]}"});
}

// As many bytes are missing from a block as the next block has. So its size leads to the end of the next block.
TEST(Limits, BlockThatIsSwallowedByADamagedOneIsRead) {
  for (const std::string codec : {"null", "deflate", "xz"}) {
    AvroFile file("\"string\"", codec);
    file.block(1, Values().string("first"));
    AvroFile tail("\"string\"", codec);
    const size_t tail_begin = tail.block(1, Values().string("second"));
    tail.block(0, Values());
    tail.block(1, Values().string("third"));
    const Bytes next(tail.bytes().begin() + static_cast<ptrdiff_t>(tail_begin), tail.bytes().end());
    // The head of the damaged block, a part of its data, its marker, and the blocks after it.
    const Bytes part = Bytes(30, 0xff);
    file.packed_block(1, [&] {
      Bytes data = part;
      data.insert(data.end(), kTestSync.begin(), kTestSync.end());
      data.insert(data.end(), next.begin(), next.end() - 16);
      return data;
    }());
    file.block(1, Values().string("fourth"));
    for (const size_t n_threads : {1, 2}) {
      const ReadOutcome outcome = read_all(file, {.ignore_errors = true, .n_threads = n_threads});
      EXPECT_EQ(outcome.rows,
                (Texts{"{value:\"first\"}", "{value:\"second\"}", "{value:\"third\"}", "{value:\"fourth\"}"}));
      ASSERT_EQ(outcome.bad_blocks.size(), 1U);
      EXPECT_NE(outcome.bad_blocks[0].message.find("3 whole blocks, which are read"), std::string::npos);
    }
    EXPECT_EQ(read_all(file).rows.size(), 1U);
  }
}

// Damaged blocks within each other. All end at the same marker, so each one contains all that follow it.
TEST(Limits, BlocksThatAreSwallowedByOneAnotherAreNotFollowedForEver) {
  const Bytes bad = {1};  // a string of -1 bytes
  Bytes data = bad;
  for (int level = 0; level < 1000; ++level) {
    ByteWriter outer;
    outer.raw(ByteSpan(bad)).raw(kTestSync).zigzag(1).zigzag(static_cast<int64_t>(data.size())).raw(ByteSpan(data));
    data = outer.bytes();
  }
  AvroFile file("\"string\"");
  file.packed_block(1, ByteSpan(data));
  file.block(1, Values().string("next"));
  const ReadOutcome outcome = read_all(file, {.ignore_errors = true});
  EXPECT_EQ(outcome.rows, Texts{"{value:\"next\"}"});
  EXPECT_EQ(outcome.bad_blocks.size(), 1U + kMaxSwallowedDepth);
}

// Damage takes much more memory than the damaged bytes. So it is handed out piece by piece.
TEST(Limits, DamageOfBlocksWithinABlockIsHandedOutBitByBit) {
  constexpr size_t kBad = 20'000;
  Bytes data = {1};
  for (size_t i = 0; i < kBad; ++i) {
    data.insert(data.end(), kTestSync.begin(), kTestSync.end());
    data.insert(data.end(), {2, 2, 1});
  }
  AvroFile file("\"string\"");
  file.packed_block(1, ByteSpan(data));
  file.block(1, Values().string("next"));
  const ReadOptions options{.ignore_errors = true};
  const QueryOptions query;
  FileList files({"x"}, options, query, [&](const std::string&) { return open_memory(file.bytes()); });
  const auto stream = make_decode_stream(files, options, std::make_shared<BlockPool>());
  size_t rows = 0;
  size_t damages = 0;
  for (Piece piece; stream->next(SIZE_MAX, Clock::time_point::max(), piece) == StreamPoll::kResult;) {
    EXPECT_EQ(piece.error, nullptr);
    EXPECT_LE(piece.damage.size(), kMaxPieceDamage);
    damages += piece.damage.size();
    if (piece.chunk != nullptr) rows += piece.chunk->rows;
  }
  EXPECT_EQ(rows, 1U);
  EXPECT_EQ(damages, kBad + 1);
}

// Many markers in the data of a damaged block. No chain of blocks follows any of them.
TEST(Limits, MarkersInADamagedBlockAreNotTakenForItsEnd) {
  AvroFile file("\"string\"");
  Bytes data(5, 0xff);
  for (int i = 0; i < 20'000; ++i) {
    data.insert(data.end(), kTestSync.begin(), kTestSync.end());
    data.insert(data.end(), {2, 2, 0});
  }
  data.insert(data.end(), kTestSync.begin(), kTestSync.end());
  data.push_back(0xff);
  file.packed_block(1, ByteSpan(data));
  file.block(1, Values().string("next"));
  const ReadOutcome outcome = read_all(file, {.ignore_errors = true});
  EXPECT_EQ(outcome.rows, Texts{"{value:\"next\"}"});
  EXPECT_EQ(outcome.bad_blocks.size(), 1U);
}

// The limit is for each block, so that it does not depend on the number of threads.
TEST(Limits, ItemsWithoutBytesAreCountedForEachBlock) {
  AvroFile file(record_json(field_json("l", R"({"type":"array","items":"null"})") + "," + field_json("i", "\"long\"")));
  const auto most = static_cast<int64_t>(max_empty_items(0));
  constexpr int64_t kBlocks = 100;  // more items than any one block may have
  for (int64_t i = 0; i < kBlocks; ++i) file.block(1, Values().number(most / 2).end().number(i));
  file.block(2, Values().end().number(7).number(2 * most).end().number(8));
  file.block(1, Values().end().number(9));
  for (const size_t n_threads : {1, 2, 3}) {
    Reader reader({"a"}, {.ignore_errors = true, .n_threads = n_threads},
                  [&](const std::string&) { return open_memory(file.bytes()); });
    size_t rows = 0;
    for (Batch batch; reader.next(batch);) rows += batch.num_rows();
    EXPECT_EQ(rows, static_cast<size_t>(kBlocks) + 2);
    ASSERT_EQ(reader.num_bad_blocks(), 1U);
    EXPECT_EQ(reader.bad_blocks()[0].block_index, kBlocks);
    EXPECT_EQ(reader.bad_blocks()[0].record_index, 1);
  }
}

// A block is refused before it is read if its size is too large for any data within max_block_bytes.
TEST(Limits, CompressedDataThatIsLargerThanTheLimitIsNotRead) {
  constexpr size_t kLimit = 1000;
  const uint64_t most = max_compressed_bytes("deflate", kLimit);
  for (const std::string codec : {"deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    ASSERT_EQ(max_compressed_bytes(codec, kLimit), most);
    AvroFile file("\"long\"", codec);
    file.block(1, longs(1, 1));
    const size_t large_at = file.packed_block(1, ByteSpan(Bytes(most + 1, 0)));
    file.packed_block(1, ByteSpan(Bytes(most, 0)));  // this is read, and does not decompress
    file.block(1, longs(2, 1));
    const ReadOptions limited{.max_block_bytes = kLimit, .n_threads = 1};
    const ReadOutcome strict = read_all(file, limited);
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->kind(), ErrorKind::kCodec);
    EXPECT_EQ(strict.error->variant(), ErrorVariant::kOversizedOutput);
    EXPECT_NE(std::string(strict.error->what()).find("exceeds limit"), std::string::npos);
    EXPECT_EQ(strict.error->place().codec, codec);
    EXPECT_EQ(strict.error->place().block_index, 1);
    EXPECT_EQ(strict.error->place().file_offset, static_cast<int64_t>(large_at));
    const ReadOutcome lenient = read_all(file, {.max_block_bytes = kLimit, .ignore_errors = true});
    EXPECT_EQ(lenient.rows.size(), 2U);
    ASSERT_EQ(lenient.bad_blocks.size(), 2U);
    EXPECT_EQ(lenient.bad_blocks[0].kind, BadBlockKind::kDecompressionFailed);
    EXPECT_EQ(lenient.bad_blocks[0].variant, ErrorVariant::kOversizedOutput);
    EXPECT_EQ(lenient.bad_blocks[1].block_index, 2);
    EXPECT_NE(lenient.bad_blocks[1].message.find("skipped"), std::string::npos);
  }
  EXPECT_EQ(max_compressed_bytes("null", kLimit), UINT64_MAX);
  EXPECT_EQ(max_compressed_bytes("snappy", SIZE_MAX), UINT64_MAX);
}

TEST(Limits, CompressedSizesOfIncompressibleDataAreWithinTheBound) {
  Bytes noise(300'000);
  uint64_t state = 1;
  for (uint8_t& byte : noise) byte = static_cast<uint8_t>((state = state * 6364136223846793005U + 1) >> 56);
  for (const std::string codec : {"deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    for (const size_t bytes : {size_t{0}, size_t{1}, size_t{1000}, noise.size()}) {
      const ByteSpan plain(noise.data(), bytes);
      EXPECT_LE(pack(codec, plain).size(), max_compressed_bytes(codec, bytes) - 60'000) << codec << " " << bytes;
    }
  }
}

// The peek at the end of the large block costs no more than that: nothing of its data is asked for.
TEST(Limits, SizeThatIsRefusedIsNotAskedFor) {
  ByteWriter bytes;
  bytes.magic().zigzag(2).text("avro.schema").text("\"long\"").text("avro.codec").text("deflate").zigzag(0);
  bytes.raw(kTestSync).zigzag(1).zigzag(int64_t{1} << 32);
  const TestSource* opened = nullptr;
  Reader reader({"a"}, {.n_threads = 1}, [&](const std::string&) {
    auto source = std::make_unique<TestSource>(bytes.bytes(), (uint64_t{1} << 32) + 16, TestSource::More::kZeros);
    opened = source.get();
    return source;
  });
  Batch batch;
  const uint64_t before = opened->requested_bytes;
  try {
    (void)reader.next(batch);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.variant(), ErrorVariant::kInvalidSyncMarker);  // the marker is zeros
  }
  EXPECT_LE(before, 2U << 20);
}

}  // namespace
}  // namespace jetliner
