// Files joined with `cat`. Strict reading refuses them and says why. Recovery reads on if schema and codec are the
// same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framed_file.h"
#include "read_all.h"

namespace jetliner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Texts = std::vector<std::string>;

constexpr SyncMarker kOtherSync = {0xB0, 0xB1, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7,
                                   0xB8, 0xB9, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE, 0xBF};

struct Part {
  std::string schema = "\"long\"";
  SyncMarker sync = kTestSync;
  std::string codec = "null";
  std::string note;  // more metadata
};

// A file with one block for each row.
Bytes part(const Texts& data, const Part& part = {}) {
  ByteWriter out;
  out.magic().zigzag(part.note.empty() ? 2 : 3);
  if (!part.note.empty()) out.text("note").text(part.note);
  out.text("avro.schema").text(part.schema).text("avro.codec").text(part.codec).zigzag(0).raw(part.sync);
  for (const std::string& datum : data) append_block(out, 1, datum, part.sync);
  return out.bytes();
}

Bytes cat(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& one : parts) all.insert(all.end(), one.begin(), one.end());
  return all;
}

Bytes cut(Bytes file, size_t bytes) {
  file.resize(file.size() - bytes);
  return file;
}

// The result must not depend on the chunk size. Strict reading gives the first part of it.
Framed recover(const Bytes& file) {
  const Framed whole = frame(file, {.recover = true});
  for (const size_t chunk_bytes : {1, 7, 16, 31, 100}) {
    const Framed framed = frame(file, {.chunk_bytes = chunk_bytes, .unit_bytes = 40, .recover = true});
    EXPECT_EQ(framed.blocks, whole.blocks) << chunk_bytes;
    EXPECT_EQ(framed.damages.size(), whole.damages.size());
    for (size_t i = 0; i < std::min(framed.damages.size(), whole.damages.size()); ++i) {
      EXPECT_EQ(framed.damages[i].message, whole.damages[i].message);
    }
  }
  const Framed strict = frame(file);
  EXPECT_EQ(strict.damages.size(), whole.damages.empty() ? 0U : 1U);
  EXPECT_LE(strict.blocks.size(), whole.blocks.size());
  return whole;
}

TEST(JoinedFiles, TrapStrictReadingEndsAtTheSecondHeaderAndSaysSo) {
  const Bytes first = part({"a1", "a2"});
  for (const Part& second : {Part{}, Part{.sync = kOtherSync}, Part{.schema = "\"int\"", .sync = kOtherSync}}) {
    const Framed strict = frame(cat({first, part({"b1"}, second)}));
    EXPECT_THAT(strict.data(), ElementsAre("a1", "a2"));
    ASSERT_EQ(strict.damages.size(), 1U);
    EXPECT_EQ(strict.damages[0].file_offset, static_cast<int64_t>(first.size()));
    EXPECT_EQ(strict.damages[0].error_kind, ErrorKind::kParse);
    EXPECT_THAT(strict.damages[0].message, HasSubstr("two files joined with cat?"));
  }
}

TEST(JoinedFiles, BlocksOfTheSameSchemaAndCodecAreRecovered) {
  for (const SyncMarker& sync : {kTestSync, kOtherSync}) {
    const Bytes second = part({"b1", "b2"}, {.sync = sync, .note = "written later"});
    const Framed framed = recover(cat({part({"a1"}), second, part({"c1"})}));
    EXPECT_THAT(framed.data(), ElementsAre("a1", "b1", "b2", "c1"));
    EXPECT_THAT(framed.indexes(), ElementsAre(0, 2, 3, 5));  // each header counts as a damaged block
    ASSERT_EQ(framed.damages.size(), 2U);
    const size_t header_bytes = second.size() - 2 * (1 + 1 + 2 + 16);
    EXPECT_THAT(framed.damages[0].message,
                HasSubstr("another Avro header starts at offset " + std::to_string(part({"a1"}).size())));
    EXPECT_THAT(framed.damages[0].message, HasSubstr("skipped " + std::to_string(header_bytes) + " bytes, reading "));
  }
}

TEST(JoinedFiles, BlocksOfAnotherSchemaOrCodecAreNotReadAsIfTheyWereOfThis) {
  const Texts expected = {"a1"};
  for (const SyncMarker& sync : {kTestSync, kOtherSync}) {
    for (const Part& second : {Part{.schema = "\"int\"", .sync = sync}, Part{.sync = sync, .codec = "deflate"}}) {
      const Framed framed = recover(cat({part({"a1"}), part({"b1", "b2"}, second)}));
      EXPECT_EQ(framed.data(), expected);
      ASSERT_EQ(framed.damages.size(), 1U);
      EXPECT_THAT(framed.damages[0].message, HasSubstr("it has another schema or codec"));
      EXPECT_THAT(framed.damages[0].message, HasSubstr("skipped "));
    }
  }
}

TEST(JoinedFiles, ForeignFileInTheMiddleIsPassedOver) {
  const Bytes foreign = part({"b1"}, {.schema = "\"int\"", .sync = kOtherSync});
  EXPECT_THAT(recover(cat({part({"a1"}), foreign, part({"c1", "c2"})})).data(), ElementsAre("a1", "c1", "c2"));
  const Bytes third = part({"c1", "c2"}, {.sync = {1, 2, 3}});
  EXPECT_THAT(recover(cat({part({"a1"}), foreign, third})).data(), ElementsAre("a1", "c1", "c2"));
}

TEST(JoinedFiles, FileAfterOneThatWasCutIsFound) {
  const Bytes first = part({"a1", "a2 is longer"});
  for (size_t missing = 1; missing < 30; ++missing) {
    const Framed framed = recover(cat({cut(first, missing), part({"b1", "b2"}, {.sync = kOtherSync})}));
    EXPECT_THAT(framed.data(), ElementsAre("a1", "b1", "b2")) << missing;
    ASSERT_EQ(framed.damages.size(), 1U);
    EXPECT_THAT(framed.damages[0].message, HasSubstr("joined with cat?"));
  }
}

TEST(JoinedFiles, DamagedSecondHeaderIsReported) {
  const Bytes second = part({"b1"}, {.sync = kOtherSync});
  Bytes broken = second;
  broken[5] = 0xFF;  // the length of a key
  const Framed framed = recover(cat({part({"a1"}), broken, part({"c1"})}));
  EXPECT_EQ(framed.blocks.front().data, "a1");
  EXPECT_EQ(framed.blocks.back().data, "c1");
  EXPECT_GE(framed.damages.size(), 1U);
}

TEST(JoinedFiles, ManyHeadersThatLeadNowhereCostLittle) {
  ByteWriter out;
  append_header(out);
  append_block(out, 1, "first");
  for (int i = 0; i < 20'000; ++i) out.magic().zigzag(1000).text("key");
  const Bytes file = out.bytes();
  TestSource source(file);
  const Framed framed = frame(source, {.recover = true});
  EXPECT_THAT(framed.data(), ElementsAre("first"));
  EXPECT_LE(source.requested_bytes, 10 * file.size());
}

// Many files, each of them cut. Each search for the next header goes to the end of the file, so their number is
// limited.
TEST(JoinedFiles, ManyCutFilesAreReadInLinearTime) {
  Bytes file = part({"first"});
  for (int i = 0; i < 2000; ++i) {
    const Bytes next = cut(part({"x", "y"}, {.sync = {static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8), 7}}), 3);
    file.insert(file.end(), next.begin(), next.end());
  }
  TestSource source(file);
  const Framed framed = frame(source, {.recover = true});
  EXPECT_GE(framed.blocks.size(), 1U + 8U);
  EXPECT_LE(framed.blocks.size(), 1U + 10U);
  EXPECT_LE(source.requested_bytes, 30 * file.size());
}

TEST(JoinedFiles, RowsOfBothComeThroughTheReader) {
  for (const std::string codec : {"null", "deflate", "snappy"}) {
    AvroFile first("\"long\"", codec);
    first.block(2, longs(1, 2));
    AvroFile second("\"long\"", codec);
    second.block(2, longs(3, 2));
    AvroFile third("\"string\"", codec);
    third.block(1, Values().string("no number"));
    const MemoryFiles files(cat({first.bytes(), second.bytes(), third.bytes()}));
    const ReadOutcome strict = read_all(files);
    EXPECT_EQ(strict.rows.size(), 2U);
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->kind(), ErrorKind::kParse);
    const ReadOutcome lenient = read_all(files, {.ignore_errors = true});
    EXPECT_EQ(lenient.rows.size(), 4U);
    EXPECT_FALSE(lenient.error.has_value());
    ASSERT_EQ(lenient.bad_blocks.size(), 2U);
    EXPECT_THAT(lenient.bad_blocks[1].message, HasSubstr("it has another schema or codec"));
  }
}

}  // namespace
}  // namespace jetliner
