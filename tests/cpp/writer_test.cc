// The public Writer: what it writes, the Reader reads; and what remains when something fails.
#include "jetliner/writer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "memory_sink.h"
#include "read_all.h"
#include "schema_json.h"

namespace jetliner {
namespace {

const std::string& schema_json() {
  static const std::string json = record_json(
      field_json("n", nullable("\"long\"")) + "," + field_json("s", "\"string\"") + "," +
      field_json("l", nullable(array_of(nullable("\"boolean\"")))) + "," + field_json("m", map_of("\"bytes\"")) + "," +
      field_json("e", enum_json(R"("A","B")")) + "," + field_json("d", decimal_json(10, 2)));
  return json;
}

Bytes file_of(const std::string& schema, int count, const Values& rows) {
  AvroFile file(schema);
  file.block(count, rows);
  return file.bytes();
}

// A file of `count` rows by the encoder of the tests.
Bytes source_file(int count) {
  Values rows;
  for (int i = 0; i < count; ++i) {
    const bool is_null = i % 3 == 0;
    rows.branch(is_null ? 0 : 1);
    if (!is_null) rows.number(i * 1000 - 7);
    rows.string("text of row " + std::to_string(i));
    rows.branch(is_null ? 0 : 1);
    if (!is_null) rows.number(2).branch(0).branch(1).boolean(i % 2 == 0).end();
    rows.number(1).string("key").bytes_value("0011").end();
    rows.number(i % 2).bytes_value(i % 2 == 0 ? "7f" : "ff80");
  }
  return file_of(schema_json(), count, rows);
}

// All rows of a file as text.
std::vector<std::string> rows_of(const Bytes& file) {
  ReadOutcome outcome = read_all(MemoryFiles(file));
  EXPECT_FALSE(outcome.error) << outcome.error->what();
  return outcome.rows;
}

// Streams a file to a writer.
void copy(const Bytes& file, Writer& writer, size_t batch_size = 100'000) {
  MemoryFiles files{file};
  ReadOptions options;
  options.batch_size = batch_size;
  Reader reader(files.paths(), options, files.opener());
  for (Batch batch; reader.next(batch);) {
    ArrowArrayStream stream{};
    batch.export_stream(&stream);
    writer.write(&stream);
  }
}

WriteOptions options_for(const std::string& codec, size_t n_threads) {
  WriteOptions options;
  options.schema = schema_json();
  options.codec = codec;
  options.n_threads = n_threads;
  options.block_bytes = 1000;
  options.sync_marker.emplace().fill(7);
  return options;
}

TEST(Writer, TheReaderReadsWhatItWrites) {
  const Bytes source = source_file(2'000);
  const std::vector<std::string> wanted = rows_of(source);
  for (const char* const codec : {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    WrittenFiles files;
    Writer writer(files.opener(), options_for(codec, 2));
    copy(source, writer);
    writer.close();
    ASSERT_EQ(files.finished.size(), 1U);
    EXPECT_EQ(rows_of(files.finished[0]), wanted) << codec;
    EXPECT_EQ(writer.rows_written(), 2'000U);
    EXPECT_EQ(writer.bytes_written(), files.finished[0].size());
  }
}

// Large blocks of the codec null are not copied.
TEST(Writer, ThreadsAndBatchesMakeNoDifference) {
  const Bytes source = source_file(20'000);
  const std::vector<std::string> wanted = rows_of(source);
  for (const auto& [codec, block_bytes] : {std::pair{"snappy", 1'000}, {"null", 1'000}, {"null", 40'000}}) {
    std::vector<std::vector<uint8_t>> written;
    for (const auto& [n_threads, batch_size] : {std::pair{1, 100'000}, {2, 100'000}, {4, 777}, {1, 10}}) {
      WrittenFiles files;
      WriteOptions options = options_for(codec, static_cast<size_t>(n_threads));
      options.block_bytes = static_cast<size_t>(block_bytes);
      Writer writer(files.opener(), options);
      copy(source, writer, static_cast<size_t>(batch_size));
      writer.close();
      written.push_back(files.finished[0]);
    }
    for (const std::vector<uint8_t>& bytes : written) EXPECT_EQ(bytes, written[0]);
    EXPECT_EQ(rows_of(written[0]), wanted);
  }
}

TEST(Writer, FilesEndWithTheBlockThatPassesTheirSize) {
  const Bytes source = source_file(20'000);
  for (const auto& [codec, max_bytes] : {std::pair{"null", 100'000U}, {"deflate", 20'000U}}) {
    WrittenFiles files;
    WriteOptions options = options_for(codec, 2);
    options.block_bytes = 40'000;
    options.max_bytes_per_file = max_bytes;
    Writer writer(files.opener(), options);
    copy(source, writer);
    writer.close();
    EXPECT_GT(files.finished.size(), 1U);
    EXPECT_EQ(writer.files_written(), files.finished.size());
    std::vector<std::string> rows;
    for (const auto& [index, bytes] : files.finished) {
      EXPECT_LE(bytes.size(), max_bytes + 40'000 + 100);
      for (std::string& row : rows_of(bytes)) rows.push_back(std::move(row));
    }
    EXPECT_EQ(rows, rows_of(source));
  }
}

TEST(Writer, WithoutRowsThereIsAFile) {
  WrittenFiles files;
  Writer writer(files.opener(), options_for("null", 1));
  writer.close();
  EXPECT_TRUE(rows_of(files.finished[0]).empty());
}

TEST(Writer, EveryFailingWriteLeavesNoFile) {
  const Bytes source = source_file(20'000);
  for (const auto& [n_threads, block_bytes] : {std::pair{1, 1'000}, {3, 1'000}, {3, 40'000}}) {
    WriteOptions options = options_for("null", static_cast<size_t>(n_threads));
    options.block_bytes = static_cast<size_t>(block_bytes);
    int failing = 0;
    for (;; ++failing) {
      WrittenFiles files;
      files.failing_write = failing;
      bool has_failed = false;
      try {
        Writer writer(files.opener(), options);
        copy(source, writer);
        writer.close();
      } catch (const Error& error) {
        has_failed = true;
        EXPECT_STREQ(error.what(), "the disk is full");
      }
      if (!has_failed) {
        EXPECT_EQ(files.finished.size(), 1U);
        break;
      }
      EXPECT_TRUE(files.finished.empty());
      EXPECT_EQ(files.given_up, 1);
    }
    EXPECT_GT(failing, 3);
  }
}

TEST(Writer, AWriterThatIsDroppedLeavesNoFile) {
  WrittenFiles files;
  {
    Writer writer(files.opener(), options_for("null", 3));
    copy(source_file(20'000), writer);
  }
  EXPECT_TRUE(files.finished.empty());
  EXPECT_EQ(files.given_up, 1);
}

TEST(Writer, TheCheckMayEndTheWriting) {
  WrittenFiles files;
  Writer writer(files.opener(), options_for("null", 2));
  MemoryFiles source{source_file(20'000)};
  Reader reader(source.paths(), {}, source.opener());
  Batch batch;
  ASSERT_TRUE(reader.next(batch));
  ArrowArrayStream stream{};
  batch.export_stream(&stream);
  struct Interrupted {};
  EXPECT_THROW(
      {
        writer.write(&stream, [] { throw Interrupted(); });
        writer.close([] { throw Interrupted(); });
      },
      Interrupted);
  EXPECT_TRUE(files.finished.empty());
}

TEST(Writer, ABadValueTellsRowAndField) {
  // The text of `s` is no symbol from row 15,000 on.
  WriteOptions options = options_for("null", 2);
  options.schema = record_json(field_json("s", enum_json(R"("A")")));
  const std::string text_schema = record_json(field_json("s", "\"string\""));
  Values rows;
  for (int i = 0; i < 20'000; ++i) rows.string(i < 15'000 ? "A" : "B");
  WrittenFiles files;
  Writer writer(files.opener(), options);
  try {
    copy(file_of(text_schema, 20'000, rows), writer);
    writer.close();
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kEncode);
    EXPECT_EQ(error.variant(), ErrorVariant::kUnknownSymbol);
    EXPECT_EQ(error.place().row_index, 15'000);
    EXPECT_EQ(error.place().context, "s");
  }
  EXPECT_TRUE(files.finished.empty());
}

// The error of writing one column `f` of the rows that are text, by a schema.
std::string error_of_writing(const std::string& schema, const Values& text, int count,
                             const std::string& text_type = "\"string\"") {
  WriteOptions options = options_for("null", 1);
  options.schema = schema;
  WrittenFiles files;
  try {
    Writer writer(files.opener(), options);
    copy(file_of(one_field(text_type), count, text), writer);
    writer.close();
  } catch (const Error& error) {
    EXPECT_TRUE(files.finished.empty());
    return std::string(error.what()) + " @ row " + std::to_string(error.place().row_index.value_or(-1));
  }
  return "no error";
}

TEST(Writer, AnUnknownSymbolTellsTheSymbols) {
  const Values text = Values().string("Z");
  EXPECT_EQ(error_of_writing(one_field(enum_json(R"("A","B")")), text, 1),
            R"("Z" is no symbol of the enum, which has: "A", "B" @ row 0)");
  EXPECT_EQ(error_of_writing(one_field(enum_json(R"("A","B","C","D","E","F","G","H")")), text, 1),
            R"("Z" is no symbol of the enum, which has: "A", "B", "C", "D", "E", "F", "G", "H" @ row 0)");
  EXPECT_EQ(error_of_writing(one_field(enum_json(R"("A","B","C","D","E","F","G","H","I")")), text, 1),
            R"("Z" is no symbol of the enum, which has: "A", "B", "C", "D", "E", "F", "G", "H", ... @ row 0)");
  EXPECT_EQ(error_of_writing(one_field(enum_json("")), text, 1),
            R"("Z" is no symbol of the enum, which has: none @ row 0)");
  const std::string a_long_one(1000, 'L');
  EXPECT_EQ(error_of_writing(one_field(enum_json('"' + a_long_one + '"')), text, 1),
            R"("Z" is no symbol of the enum, which has: ")" + a_long_one.substr(0, 80) + R"(..." @ row 0)");
}

TEST(Writer, NullTellsTheWaysOut) {
  EXPECT_EQ(
      error_of_writing(one_field("\"string\""), Values().branch(1).string("a").branch(0), 2, nullable("\"string\"")),
      R"(null, where the schema admits none: make the type a union with null, ["null", T], or fill the nulls)"
      " @ row 1");
}

TEST(Writer, NamesThatDifferInCaseAreTold) {
  const Values text = Values().string("a");
  EXPECT_EQ(error_of_writing(record_json(field_json("F", "\"string\"")), text, 1),
            "there is no column for field \"F\", and the schema has no default for it; did you mean \"f\"? @ row -1");
  EXPECT_EQ(error_of_writing(record_json(R"({"name":"F","type":"string","default":"x"})"), text, 1),
            "the schema has no field for \"f\": drop the column, or add the field to the schema; did you mean \"F\"? "
            "@ row -1");
}

// A batch of one column `e`: indices into a dictionary of the text "A". Arrow's own rules forbid the index 7.
TEST(Writer, AnIndexBeyondTheDictionaryIsRefused) {
  ArrowSchema text_type{.format = "u", .name = "", .release = [](ArrowSchema*) {}};
  ArrowSchema column_type{.format = "i", .name = "e", .dictionary = &text_type, .release = [](ArrowSchema*) {}};
  ArrowSchema* columns_of_type[] = {&column_type};
  const ArrowSchema type{
      .format = "+s", .name = "", .n_children = 1, .children = columns_of_type, .release = [](ArrowSchema*) {}};
  const int32_t offsets[] = {0, 1};
  const int32_t indices[] = {0, 7};
  const void* text_buffers[] = {nullptr, offsets, "A"};
  const void* index_buffers[] = {nullptr, indices};
  const void* no_validity[] = {nullptr};
  for (const std::string& avro : {std::string("\"string\""), enum_json(R"("A")")}) {
    ArrowArray text{.length = 1, .n_buffers = 3, .buffers = text_buffers, .release = [](ArrowArray*) {}};
    ArrowArray column{
        .length = 2, .n_buffers = 2, .buffers = index_buffers, .dictionary = &text, .release = [](ArrowArray*) {}};
    ArrowArray* columns[] = {&column};
    ArrowArray batch{.length = 2,
                     .n_buffers = 1,
                     .n_children = 1,
                     .buffers = no_validity,
                     .children = columns,
                     .release = [](ArrowArray*) {}};
    WriteOptions options;
    options.schema = record_json(field_json("e", avro));
    WrittenFiles files;
    Writer writer(files.opener(), options);
    try {
      writer.write(type, &batch);
      FAIL() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.variant(), ErrorVariant::kInvalidData);
      EXPECT_EQ(error.place().row_index, 1);
    }
    EXPECT_TRUE(files.finished.empty());
  }
}

}  // namespace
}  // namespace jetliner
