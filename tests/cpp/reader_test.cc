// The public Reader over files in memory: batches, several files, damage, options.
#include "jetliner/reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "read_all.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

Texts long_texts(int64_t first, int64_t rows) {
  Texts out;
  for (int64_t i = 0; i < rows; ++i) out.push_back("{value:" + std::to_string(first + i) + "}");
  return out;
}

Texts operator+(Texts left, const Texts& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

TEST(Reader, BatchesAreFullAcrossBlocksAndFiles) {
  MemoryFiles files;
  files.add("a", longs_file({5, 0, 3, 1}).bytes());
  files.add("empty", longs_file({}).bytes());
  files.add("b", longs_file({4, 7}, 9).bytes());
  for (const size_t batch_size : {1, 2, 3, 7, 19, 20, 21, 1000}) {
    for (const size_t n_threads : {1, 3}) {
      ReadOptions options{.batch_size = batch_size, .n_threads = n_threads};
      const ReadOutcome outcome = read_all(files, options);
      EXPECT_FALSE(outcome.error.has_value());
      EXPECT_EQ(outcome.rows, long_texts(0, 20));
      EXPECT_EQ(outcome.batches.size(), (20 + batch_size - 1) / batch_size);
    }
  }
}

TEST(Reader, AnyChunkOfBytesGivesTheSameRows) {
  const AvroFile file = longs_file({100, 1, 0, 300, 7});
  for (size_t chunk = 1; chunk < 70; ++chunk) {
    EXPECT_EQ(read_all(file, {.read_chunk_bytes = chunk}).rows, long_texts(0, 408)) << chunk;
  }
  EXPECT_EQ(read_all(file, {.read_chunk_bytes = 1 << 30}).rows, long_texts(0, 408));
  for (const size_t n : {1, 2, 100}) {
    EXPECT_EQ(read_all(file, {.buffer_blocks = n, .buffer_bytes = n}).rows, long_texts(0, 408));
  }
}

TEST(Reader, HeaderWhoseSchemaIsNoJsonIsCalledDamaged) {
  const ReadOutcome outcome = read_all(AvroFile(R"({"type":"record","name":"R","fields":[])"));
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_EQ(outcome.error->variant(), ErrorVariant::kParseError);
  EXPECT_TRUE(std::string(outcome.error->what())
                  .starts_with("the header is damaged, or was written wrongly: the schema is not valid JSON"))
      << outcome.error->what();
}

TEST(Reader, AllCodecs) {
  for (const char* const codec : {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    EXPECT_EQ(read_all(longs_file({1000, 1, 0, 2000}, 0, codec)).rows, long_texts(0, 3001)) << codec;
    // A block that does not decompress is an error with its place. The rows before it are handed out.
    AvroFile file("\"long\"", codec);
    file.block(3, longs(0, 3));
    const size_t bad = file.packed_block(3, as_bytes("\xff\xff\xff\xff\xff"));
    file.block(2, longs(3, 2));
    const ReadOutcome strict = read_all(file);
    EXPECT_EQ(strict.rows, long_texts(0, 3)) << codec;
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->place().block_index, 1);
    EXPECT_EQ(strict.error->place().file_offset, static_cast<int64_t>(bad));
    EXPECT_EQ(strict.error->place().path, "a.avro");
    const bool is_null = std::string(codec) == "null";
    EXPECT_EQ(strict.error->kind(), is_null ? ErrorKind::kDecode : ErrorKind::kCodec);
    if (!is_null) {
      EXPECT_EQ(strict.error->place().codec, codec);
    }
    const ReadOutcome lenient = read_all(file, {.ignore_errors = true});
    EXPECT_EQ(lenient.rows, long_texts(0, 5)) << codec;
    ASSERT_EQ(lenient.bad_blocks.size(), 1U);
    EXPECT_EQ(lenient.bad_blocks[0].kind,
              is_null ? BadBlockKind::kRecordDecodeFailed : BadBlockKind::kDecompressionFailed);
  }
  const ReadOutcome unknown = read_all(AvroFile("\"long\"", "lzo"));
  ASSERT_TRUE(unknown.error.has_value());
  EXPECT_EQ(unknown.error->variant(), ErrorVariant::kUnsupportedCodec);
  EXPECT_EQ(unknown.error->place().codec, "lzo");
}

TEST(Reader, DecompressedSizeIsBounded) {
  const std::string zeros(100'000, '\0');
  for (const char* const codec : {"deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    AvroFile file("\"long\"", codec);
    file.block(1, longs(7, 1));
    file.block(100'000, as_bytes(zeros));
    file.block(1, longs(8, 1));
    const ReadOutcome strict = read_all(file, {.max_block_bytes = 99'999});
    EXPECT_EQ(strict.rows, long_texts(7, 1));
    ASSERT_TRUE(strict.error.has_value()) << codec;
    EXPECT_EQ(strict.error->variant(), ErrorVariant::kOversizedOutput);
    EXPECT_NE(std::string(strict.error->what()).find("exceeds limit"), std::string::npos);
    EXPECT_EQ(read_all(file, {.max_block_bytes = 99'999, .ignore_errors = true}).rows, long_texts(7, 2));
    EXPECT_EQ(read_all(file, {.max_block_bytes = 100'000}).rows.size(), 100'002U);
    EXPECT_EQ(read_all(file, {.max_block_bytes = std::nullopt}).rows.size(), 100'002U);
  }
}

TEST(Reader, RowLimitsOverFiles) {
  MemoryFiles files;
  files.add("a", longs_file({5, 5}).bytes());
  files.add("b", longs_file({5, 5}, 10).bytes());
  for (const uint64_t n : {0, 1, 5, 9, 10, 11, 20, 21, 1000}) {
    for (const size_t batch_size : {1, 4, 100}) {
      EXPECT_EQ(read_all(files, {.batch_size = batch_size, .n_rows = n}).rows,
                long_texts(0, std::min<int64_t>(20, static_cast<int64_t>(n))));
    }
  }
  // Only the schemas of files after the limit are read.
  const int before = files.num_opened();
  (void)read_all(files, {.n_rows = 10});
  EXPECT_EQ(files.num_opened() - before, 2);
  // Damage after the limit does not matter.
  AvroFile damaged = longs_file({5});
  damaged.block(5, Values().number(5));
  EXPECT_FALSE(read_all(damaged, {.n_rows = 5}).error.has_value());
  EXPECT_FALSE(read_all(damaged, {.n_rows = 6}).error.has_value());
  EXPECT_TRUE(read_all(damaged, {.n_rows = 7}).error.has_value());
}

TEST(Reader, RowIndexAndPathGoOnOverFiles) {
  MemoryFiles files;
  files.add("a", longs_file({2}).bytes());
  files.add("empty", longs_file({0}).bytes());
  files.add("a path of more than twelve bytes", longs_file({2, 1}, 5).bytes());
  ReadOptions options{.batch_size = 3, .row_index_name = "i", .row_index_offset = 4294967293U, .path_column = "p"};
  const std::string p = R"(,p:"a path of more than twelve bytes"})";
  EXPECT_EQ(read_all(files, options).rows,
            (Texts{R"({i:4294967293,value:0,p:"a"})", R"({i:4294967294,value:1,p:"a"})", "{i:4294967295,value:5" + p,
                   "{i:4294967295,value:6" + p, "{i:4294967295,value:7" + p}));
  options.columns = ColumnNames{{}};
  EXPECT_EQ(read_all(files, options).rows.size(), 5U);
  for (const char* const name : {"value", "p"}) {
    options.row_index_name = name;
    const ReadOutcome outcome = read_all(files, options);
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(outcome.error->variant(), ErrorVariant::kDuplicate);
  }
}

TEST(Reader, AProjectionThatLeavesNothingYieldsNothing) {
  EXPECT_TRUE(read_all(longs_file({5}), {.columns = ColumnNames{{"unknown"}}}).rows.empty());
  Reader reader({"a"}, {.columns = ColumnNames{{}}},
                [file = longs_file({5})](const std::string&) { return open_memory(file.bytes()); });
  EXPECT_EQ(reader.num_columns(), 0U);
  EXPECT_EQ(reader.column_names(), Texts{"value"});
}

TEST(Reader, RowsBeforeTheDamageAreHandedOutFirst) {
  const std::string schema =
      record_json(field_json("a", "\"int\"") + "," + field_json("l", R"({"type":"array","items":"string"})"));
  AvroFile file(schema);
  file.block(2, Values().number(1).end().number(2).number(1).string("x").end());
  const size_t at = file.block(3, Values().number(3).end().number(4).number(1).bytes_value("ff").end().number(5).end());
  file.block(1, Values().number(6).end());
  for (const size_t batch_size : {1, 2, 3, 100}) {
    const ReadOutcome outcome = read_all(file, {.batch_size = batch_size});
    EXPECT_EQ(outcome.rows, (Texts{"{a:1,l:[]}", R"({a:2,l:["x"]})", "{a:3,l:[]}"}));
    ASSERT_TRUE(outcome.error.has_value());
    EXPECT_EQ(outcome.error->kind(), ErrorKind::kDecode);
    EXPECT_EQ(outcome.error->variant(), ErrorVariant::kInvalidUtf8);
    EXPECT_EQ(outcome.error->place().path, "a.avro");
    EXPECT_EQ(outcome.error->place().block_index, 1);
    EXPECT_EQ(outcome.error->place().record_index, 1);
    EXPECT_EQ(outcome.error->place().file_offset, static_cast<int64_t>(at));
    EXPECT_EQ(outcome.error->place().block_offset, 5);
    EXPECT_NE(std::string(outcome.error->what()).find("'l[]'"), std::string::npos);
  }
  const ReadOutcome lenient = read_all(file, {.ignore_errors = true});
  EXPECT_EQ(lenient.rows, (Texts{"{a:1,l:[]}", R"({a:2,l:["x"]})", "{a:3,l:[]}", "{a:6,l:[]}"}));
  ASSERT_EQ(lenient.bad_blocks.size(), 1U);
  EXPECT_EQ(lenient.bad_blocks[0].kind, BadBlockKind::kRecordDecodeFailed);
  EXPECT_EQ(lenient.bad_blocks[0].record_index, 1);
  EXPECT_EQ(lenient.bad_blocks[0].path, "a.avro");
  // A column that is not wanted is skipped, and its text is not validated.
  EXPECT_EQ(read_all(file, {.columns = ColumnNames{{"a"}}}).rows,
            (Texts{"{a:1}", "{a:2}", "{a:3}", "{a:4}", "{a:5}", "{a:6}"}));
}

TEST(Reader, BytesAfterTheLastRecordOfABlockAreDamage) {
  AvroFile file("\"long\"");
  file.block(2, longs(0, 3));
  file.block(1, longs(2, 1));
  const ReadOutcome strict = read_all(file);
  EXPECT_EQ(strict.rows, long_texts(0, 2));
  ASSERT_TRUE(strict.error.has_value());
  EXPECT_EQ(strict.error->variant(), ErrorVariant::kInvalidData);
  EXPECT_EQ(read_all(file, {.ignore_errors = true}).rows, long_texts(0, 3));
}

TEST(Reader, ABadFileDoesNotEndTheOthers) {
  AvroFile bad = longs_file({2}, 2);
  bad.raw(as_bytes("garbage that is no block"));
  MemoryFiles files;
  files.add("a", longs_file({2}).bytes());
  files.add("bad", bad.bytes());
  files.add("c", longs_file({2}, 4).bytes());
  const ReadOutcome lenient = read_all(files, {.ignore_errors = true});
  EXPECT_EQ(lenient.rows, long_texts(0, 6));
  ASSERT_FALSE(lenient.bad_blocks.empty());
  EXPECT_EQ(lenient.bad_blocks[0].path, "bad");
  const ReadOutcome strict = read_all(files);
  EXPECT_EQ(strict.rows, long_texts(0, 4));
  ASSERT_TRUE(strict.error.has_value());
  EXPECT_EQ(strict.error->place().path, "bad");
}

TEST(Reader, FilesWithFieldsInAnotherOrder) {
  AvroFile one(record_json(field_json("a", "\"int\"") + "," + field_json("b", "\"string\"")));
  one.block(1, Values().number(1).string("one"));
  AvroFile two(record_json(field_json("b", "\"string\"") + "," + field_json("a", "\"int\"")), "deflate");
  two.block(1, Values().string("two").number(2));
  MemoryFiles files;
  files.add("1", one.bytes());
  files.add("2", two.bytes());
  files.add("3", one.bytes());
  for (const size_t n_threads : {1, 2}) {
    EXPECT_EQ(read_all(files, {.n_threads = n_threads}).rows,
              (Texts{R"({a:1,b:"one"})", R"({a:2,b:"two"})", R"({a:1,b:"one"})"}));
    EXPECT_EQ(read_all(files, {.columns = ColumnNames{{"b"}}, .n_threads = n_threads}).rows,
              (Texts{R"({b:"one"})", R"({b:"two"})", R"({b:"one"})"}));
  }
  files.add("4", longs_file({1}).bytes());
  const ReadOutcome outcome = read_all(files);
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_EQ(outcome.error->variant(), ErrorVariant::kIncompatibleSchemas);
  EXPECT_EQ(outcome.error->place().path, "4");
}

TEST(Reader, CloseTwiceAndEarly) {
  for (const bool is_started : {false, true}) {
    MemoryFiles files;
    files.add("a", longs_file({5, 5}).bytes());
    files.add("b", longs_file({5}).bytes());
    Reader reader(files.paths(), {.batch_size = 3, .n_threads = is_started ? 2U : 1U}, files.opener());
    Batch batch;
    if (is_started) {
      ASSERT_TRUE(reader.next(batch));
    }
    reader.close();
    EXPECT_EQ(files.num_open(), 0) << "a file stays open after close()";
    reader.close();
    EXPECT_TRUE(reader.is_finished());
    Batch other;
    EXPECT_FALSE(reader.next(other));
    EXPECT_EQ(reader.poll(other, std::chrono::milliseconds(0)), Poll::kEnd);
    if (is_started) {
      EXPECT_EQ(batch_rows(batch), long_texts(0, 3));  // rows that were handed out stay
      EXPECT_EQ(reader.column_names(), Texts{"value"});
    }
    EXPECT_EQ(reader.schema_json(), "\"long\"");
  }
}

TEST(Reader, CloseFromAnotherThread) {
  AvroFile file("\"long\"", "snappy");
  for (int i = 0; i < 400; ++i) file.block(4000, longs(0, 4000));
  MemoryFiles files(file.bytes());
  for (const int delay_us : {0, 100, 1000, 5000, 20'000}) {
    Reader reader(files.paths(), {.batch_size = 1000, .n_threads = 2}, files.opener());
    std::thread closer([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
      reader.close();
    });
    Batch batch;
    while (reader.next(batch)) EXPECT_EQ(batch.num_rows(), 1000U);
    closer.join();
    EXPECT_TRUE(reader.is_finished());
  }
  EXPECT_EQ(files.num_open(), 0);
}

TEST(Reader, OptionsThatCannotBeMeantAreRefused) {
  const MemoryFiles files(longs_file({1}).bytes());
  const auto refused = [&](const ReadOptions& options) {
    try {
      const Reader reader(files.paths(), options, files.opener());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kConfiguration);
      EXPECT_EQ(files.num_opened(), 0) << "before any file is touched";
      return true;
    }
    return false;
  };
  EXPECT_TRUE(refused({.batch_size = 0}));
  EXPECT_TRUE(refused({.buffer_blocks = 0}));
  EXPECT_TRUE(refused({.buffer_bytes = 0}));
  EXPECT_TRUE(refused({.read_chunk_bytes = 0}));
  EXPECT_TRUE(refused({.max_block_bytes = 0}));
  EXPECT_TRUE(refused({.n_threads = 1025}));
  EXPECT_THROW(Reader({}, {}, files.opener()), Error);
  EXPECT_FALSE(refused({.batch_size = 1,
                        .buffer_blocks = 1,
                        .buffer_bytes = 1,
                        .read_chunk_bytes = 1,
                        .max_block_bytes = 1,
                        .max_empty_rows = 0,
                        .n_rows = 0,
                        .n_threads = 1024}));
}

// Only the first ones are kept with their details. All are counted, and the rows between them are read.
TEST(Reader, BadBlocksBeyondTheCapAreCounted) {
  constexpr size_t kBad = kMaxKeptBadBlocks + 2345;
  AvroFile file("\"boolean\"");
  for (size_t i = 0; i < kBad; ++i) file.block(1, Values().hex_bytes("07"));
  file.block(1, Values().boolean(true));
  const MemoryFiles files(file.bytes());
  for (const size_t n_threads : {1, 2}) {
    Reader reader(files.paths(), {.ignore_errors = true, .n_threads = n_threads}, files.opener());
    Batch batch;
    EXPECT_TRUE(reader.next(batch));
    EXPECT_EQ(batch.num_rows(), 1U);
    EXPECT_FALSE(reader.next(batch));
    EXPECT_EQ(reader.num_bad_blocks(), kBad);
    const std::vector<BadBlock> kept = reader.bad_blocks();
    ASSERT_EQ(kept.size(), kMaxKeptBadBlocks);
    for (size_t i = 0; i < kept.size(); ++i) ASSERT_EQ(kept[i].block_index, static_cast<int64_t>(i));
  }
}

TEST(Reader, EmptyBatchHasTheSchemaOfAll) {
  MemoryFiles files(longs_file({1}).bytes());
  Reader reader(files.paths(), {.row_index_name = "i", .path_column = "p"}, files.opener());
  const Batch empty = reader.empty_batch();
  EXPECT_EQ(empty.num_rows(), 0U);
  EXPECT_TRUE(batch_rows(empty).empty());
  Batch batch;
  ASSERT_TRUE(reader.next(batch));
  Texts schemas;
  for (const Batch& each : {empty, batch}) {
    Owned<ArrowArrayStream> stream;
    each.export_stream(&stream.c);
    Owned<ArrowSchema> schema;
    ASSERT_EQ(stream.c.get_schema(&stream.c, &schema.c), 0);
    schemas.push_back(arrow_schema_text(schema.c));
  }
  EXPECT_EQ(schemas[0], schemas[1]);
  EXPECT_EQ(schemas[0], ":+s[i:I,value:l,p:vu]");
}

TEST(Reader, BatchesOutliveTheReaderAndItsFiles) {
  std::vector<Batch> batches;
  {
    AvroFile file("\"string\"", "deflate");
    for (int i = 0; i < 10; ++i) file.block(1, Values().string("a text that lives in a heap " + std::to_string(i)));
    MemoryFiles files(file.bytes());
    Reader reader(files.paths(), {.batch_size = 3}, files.opener());
    Batch batch;
    while (reader.next(batch)) batches.push_back(batch);
  }
  Texts rows;
  for (const Batch& batch : batches) rows = rows + batch_rows(batch);
  ASSERT_EQ(rows.size(), 10U);
  EXPECT_EQ(rows[9], R"({value:"a text that lives in a heap 9"})");
}

}  // namespace
}  // namespace jetliner
