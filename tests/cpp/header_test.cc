#include "container/header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "container_bytes.h"
#include "jetliner/error.h"

namespace jetliner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

Header parse(const ByteWriter& file, size_t chunk_bytes = 4096) {
  const auto source = open_memory(file.bytes());
  return read_header(*source, chunk_bytes);
}

Error failure(const std::vector<uint8_t>& bytes, size_t chunk_bytes = 4096) {
  const auto source = open_memory(bytes);
  try {
    read_header(*source, chunk_bytes);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "the header was accepted";
  return {ErrorKind::kConfiguration, ErrorVariant::kConfiguration, "accepted"};
}

void expect_parse_error(const Error& error, ErrorVariant variant, int64_t file_offset, const std::string& text) {
  EXPECT_EQ(error.kind(), ErrorKind::kParse) << error.what();
  EXPECT_EQ(error.variant(), variant) << error.what();
  EXPECT_EQ(error.place().file_offset, file_offset) << error.what();
  EXPECT_THAT(error.what(), HasSubstr(text));
}

TEST(HeaderTest, ReadsTheFieldsOfAMinimalHeader) {
  ByteWriter file;
  file.raw({'O', 'b', 'j', 1})  // magic
      .raw({2 * 2})             // 2 entries
      .raw({11 * 2})            // length of the key
      .raw(as_bytes("avro.schema"))
      .raw({6 * 2})  // length of the value
      .raw(as_bytes("\"long\""))
      .raw({10 * 2})  // length of the key
      .raw(as_bytes("avro.codec"))
      .raw({7 * 2})  // length of the value
      .raw(as_bytes("deflate"))
      .raw({0})  // no further entries
      .raw(kTestSync);
  const size_t header_bytes = file.size();
  file.raw({1, 2, 3});  // the header ends before this
  const Header header = parse(file);
  EXPECT_THAT(header.metadata, ElementsAre(Pair("avro.schema", "\"long\""), Pair("avro.codec", "deflate")));
  EXPECT_EQ(header.codec, "deflate");
  EXPECT_EQ(header.schema_json, "\"long\"");
  EXPECT_EQ(header.sync, kTestSync);
  EXPECT_EQ(header.size_bytes, header_bytes);
}

TEST(HeaderTest, AbsentCodecMeansNull) {
  ByteWriter file;
  EXPECT_EQ(parse(append_header(file)).codec, "null");
}

// Several map blocks, one with a negative count and its size; any order; unknown keys; a value that is not text; a
// value that holds the sync marker.
ByteWriter rich_header() {
  const std::string binary("\xff\xfe\0\x80", 4);
  ByteWriter file;
  file.magic();
  file.zigzag(1).text("user.binary").text(binary);  // first block: one entry
  ByteWriter entries;
  entries.text("avro.codec").text("snappy").text("user.sync").text(as_text(kTestSync));
  file.zigzag(-2).zigzag(static_cast<int64_t>(entries.size())).raw(entries.bytes());  // second: negative count, size
  file.zigzag(2).text("avro.schema").text("{\"type\": \"int\"}").text("").text("");   // third: an empty key as well
  return file.zigzag(0).raw(kTestSync);
}

TEST(HeaderTest, TrapMetadataInSeveralBlocksWithNegativeCountsAndUnknownKeys) {
  const ByteWriter file = rich_header();
  const Header header = parse(file);
  EXPECT_THAT(header.metadata,
              ElementsAre(Pair("user.binary", std::string("\xff\xfe\0\x80", 4)), Pair("avro.codec", "snappy"),
                          Pair("user.sync", std::string(as_text(kTestSync))),
                          Pair("avro.schema", "{\"type\": \"int\"}"), Pair("", "")));
  EXPECT_EQ(header.codec, "snappy");
  EXPECT_EQ(header.schema_json, "{\"type\": \"int\"}");
  EXPECT_EQ(header.sync, kTestSync);
  EXPECT_EQ(header.size_bytes, file.size());
}

TEST(HeaderTest, AnyChunkSizeReadsTheSameHeader) {
  const ByteWriter file = rich_header();
  const Header whole = parse(file, 1 << 20);
  for (size_t chunk_bytes = 1; chunk_bytes <= file.size() + 2; ++chunk_bytes) {
    const Header header = parse(file, chunk_bytes);
    EXPECT_EQ(header.metadata, whole.metadata) << chunk_bytes;
    EXPECT_EQ(header.sync, whole.sync) << chunk_bytes;
    EXPECT_EQ(header.size_bytes, whole.size_bytes) << chunk_bytes;
  }
}

TEST(HeaderTest, LargeMetadataAcrossManyReads) {
  const std::string schema(300'000, 's');
  ByteWriter file;
  file.magic().zigzag(1).text("avro.schema").text(schema).zigzag(0).raw(kTestSync);
  for (const size_t chunk_bytes : {1000, 16 << 10, 1 << 20}) EXPECT_EQ(parse(file, chunk_bytes).schema_json, schema);
}

TEST(HeaderTest, ReadsNoMoreThanAChunkAndLittleOfALargeFile) {
  ByteWriter file;
  append_header(file).raw(std::vector<uint8_t>(4 << 20));
  TestSource source(file.bytes());
  read_header(source, 1 << 20);
  EXPECT_LE(source.requested_bytes, 64u << 10);
  TestSource small_chunks(file.bytes());
  read_header(small_chunks, 10);
  EXPECT_LE(small_chunks.largest_request_bytes, 10u);
}

TEST(HeaderTest, LastOfDuplicateKeysWins) {
  ByteWriter file;
  file.magic()
      .zigzag(3)
      .text("avro.schema")
      .text("\"int\"")
      .text("avro.codec")
      .text("null")
      .text("avro.schema")
      .text("\"long\"")
      .zigzag(0)
      .raw(kTestSync);
  const Header header = parse(file);
  EXPECT_EQ(header.schema_json, "\"long\"");
  EXPECT_THAT(header.metadata, ElementsAre(Pair("avro.schema", "\"long\""), Pair("avro.codec", "null")));
}

TEST(HeaderTest, TrapEmptySourceIsAClearError) {
  const Error error = failure({});
  EXPECT_EQ(error.kind(), ErrorKind::kSource);
  EXPECT_THAT(error.what(), HasSubstr("file is empty (size 0 bytes)"));
}

TEST(HeaderTest, WrongMagicIsAnErrorAtOffsetZero) {
  for (const std::string_view text : {"not an Avro file", "Obj", "O", "Obx", "x", "PAR1....", "{\"a\": 1}"}) {
    const Error error = failure({text.begin(), text.end()}, 3);
    const bool is_prefix = std::string_view("Obj\x01").starts_with(text);
    if (is_prefix) {
      expect_parse_error(error, ErrorVariant::kUnexpectedEof, 0, "magic");
    } else {
      expect_parse_error(error, ErrorVariant::kInvalidMagic, 0, "invalid magic");
      EXPECT_THAT(error.what(), StartsWith("not an Avro file: "));
    }
  }
}

TEST(HeaderTest, WrongMagicNamesTheFormatWhereItIsKnown) {
  EXPECT_THAT(failure({'P', 'A', 'R', '1', 0, 0}).what(), HasSubstr("Parquet"));
  EXPECT_THAT(failure({0x1f, 0x8b, 8, 0}).what(), HasSubstr("gzip"));
  EXPECT_THAT(failure({'O', 'b', 'j', 2, 0}).what(), HasSubstr("4F 62 6A 02"));
  EXPECT_THAT(failure(std::vector<uint8_t>(100)).what(), HasSubstr("zero bytes"));
  EXPECT_THAT(failure({'<', '!', 'D', 'O'}).what(), HasSubstr("HTML"));
  EXPECT_THAT(failure({1, 0, 0, 0}).what(), Not(HasSubstr("?")));
}

TEST(HeaderTest, MessageOfASchemaRegistryNamesConfluentAndTheId) {
  const std::string expected = "invalid magic, it starts with 00 00 01 02";
  for (const size_t data_bytes : {0, 2, 100}) {
    ByteWriter message;
    message
        .raw({0})           // format
        .raw({0, 1, 2, 3})  // id of the schema, big-endian
        .raw(std::vector<uint8_t>(data_bytes, 0x42));
    expect_parse_error(failure(message.bytes()), ErrorVariant::kInvalidMagic, 0, expected);
    EXPECT_THAT(failure(message.bytes()).what(), HasSubstr("Confluent's schema registry"));
    EXPECT_THAT(failure(message.bytes()).what(), HasSubstr("the schema's id 66051)"));
  }
  EXPECT_THAT(failure({0, 0, 0, 7}).what(), Not(HasSubstr("Confluent")));  // too short for an id
}

TEST(HeaderTest, SingleObjectEncodingIsNamedWithTheFingerprint) {
  ByteWriter message;
  message
      .raw({0xC3, 0x01})              // marker
      .raw({8, 7, 6, 5, 4, 3, 2, 1})  // fingerprint of the schema, little-endian
      .raw({0x42});                   // data
  expect_parse_error(failure(message.bytes()), ErrorVariant::kInvalidMagic, 0, "single-object encoding");
  EXPECT_THAT(failure(message.bytes()).what(), HasSubstr("fingerprint 0x0102030405060708)"));
  EXPECT_THAT(failure(message.bytes()).what(), HasSubstr("Confluent"));
  EXPECT_THAT(failure({0xC3, 0x01, 1, 2}).what(), Not(HasSubstr("single-object")));  // too short for a fingerprint
}

TEST(HeaderTest, MissingSchemaIsAnError) {
  ByteWriter file;
  file.magic().zigzag(1).text("avro.codec").text("null").zigzag(0).raw(kTestSync);
  expect_parse_error(failure(file.bytes()), ErrorVariant::kInvalidHeader, 4, "avro.schema");
  ByteWriter no_entries;
  no_entries.magic().zigzag(0).raw(kTestSync);
  expect_parse_error(failure(no_entries.bytes()), ErrorVariant::kInvalidHeader, 4, "avro.schema");
}

// The start of a file, up to its first metadata entry.
ByteWriter started() {
  ByteWriter file;
  file.magic();
  return file;
}

TEST(HeaderTest, TrapLengthBeyondTheFileIsRefusedBeforeAnythingIsReserved) {
  for (const int64_t length : {int64_t{1} << 62, INT64_MAX, int64_t{100}}) {
    ByteWriter file = started();
    file.zigzag(1).zigzag(length).raw({'k', 'e', 'y'});
    expect_parse_error(failure(file.bytes()), ErrorVariant::kUnexpectedEof, 5,
                       "claims " + std::to_string(length) + " bytes but only 3 remain");
  }
}

TEST(HeaderTest, TrapLengthBeyondAFileThatClaimsToBeHuge) {
  // The file is sparse and has 2^40 bytes; the length fits into them, but not into a header.
  TestSource source(started().zigzag(1).zigzag(int64_t{1} << 39).bytes(), uint64_t{1} << 40, TestSource::More::kZeros);
  try {
    read_header(source, 4096);
    ADD_FAILURE() << "the header was accepted";
  } catch (const Error& error) {
    expect_parse_error(error, ErrorVariant::kInvalidHeader, 11, "limit of a header");
  }
  EXPECT_LE(source.requested_bytes, 64u << 10);
}

TEST(HeaderTest, NegativeLengthIsRefused) {
  expect_parse_error(failure(started().zigzag(1).zigzag(-1).bytes()), ErrorVariant::kInvalidHeader, 5, "-1 bytes");
  expect_parse_error(failure(started().zigzag(1).text("k").zigzag(INT64_MIN).bytes()), ErrorVariant::kInvalidHeader, 7,
                     "metadata value");
}

TEST(HeaderTest, ForgedCountsAreRefused) {
  expect_parse_error(failure(started().zigzag(INT64_MAX).bytes()), ErrorVariant::kInvalidHeader, 4, "entries");
  expect_parse_error(failure(started().zigzag(INT64_MIN).zigzag(0).bytes()), ErrorVariant::kInvalidHeader, 4,
                     "entries");
  expect_parse_error(failure(started().zigzag(-5).zigzag(-1).bytes()), ErrorVariant::kInvalidHeader, 5, "-1 bytes");
  // The count is a valid number, but there are too few bytes for it.
  expect_parse_error(failure(started().zigzag(1000).text("k").text("v").bytes()), ErrorVariant::kUnexpectedEof, 10,
                     "truncated?");
}

TEST(HeaderTest, ManyBlocksOfManyEntriesAreRefusedInAll) {
  ByteWriter file = started();
  for (int block = 0; block < 70; ++block) {
    file.zigzag(1000);
    for (int entry = 0; entry < 1000; ++entry) file.raw({0, 0});  // empty key, empty value
  }
  EXPECT_EQ(failure(file.bytes()).variant(), ErrorVariant::kInvalidHeader);
}

TEST(HeaderTest, TrapVarintsOfMoreThanTenBytesAreRefused) {
  const std::vector<uint8_t> endless(11, 0xFF);
  expect_parse_error(failure(started().raw(endless).bytes()), ErrorVariant::kInvalidHeader, 4,
                     "count of a metadata block");
  expect_parse_error(failure(started().zigzag(1).raw(endless).bytes(), 1), ErrorVariant::kInvalidHeader, 5,
                     "length of a metadata key");
}

TEST(HeaderTest, EveryTruncationIsUnexpectedEof) {
  const std::vector<uint8_t> whole = rich_header().bytes();
  for (size_t size = 1; size < whole.size(); ++size) {
    for (const size_t chunk_bytes : {size_t{1}, size_t{7}, size_t{4096}}) {
      const Error error = failure({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)}, chunk_bytes);
      EXPECT_EQ(error.kind(), ErrorKind::kParse);
      EXPECT_EQ(error.variant(), ErrorVariant::kUnexpectedEof) << size << ": " << error.what();
      ASSERT_TRUE(error.place().file_offset);
      EXPECT_LE(*error.place().file_offset, static_cast<int64_t>(size));
    }
  }
}

TEST(HeaderTest, SourceThatTurnsOutShorterThanItSaidIsCut) {
  const std::vector<uint8_t> whole = rich_header().bytes();
  for (size_t size = 0; size < whole.size(); ++size) {
    TestSource source({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)}, 1000);
    try {
      read_header(source, 16);
      ADD_FAILURE() << "accepted " << size << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(error.variant(), ErrorVariant::kUnexpectedEof) << size << ": " << error.what();
    }
  }
}

}  // namespace
}  // namespace jetliner
