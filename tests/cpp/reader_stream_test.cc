// A whole reader as one Arrow stream: its arrays, both forms of text, errors, and who owns what.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "arrow_reader.h"
#include "jetliner/owned.h"
#include "jetliner/reader.h"
#include "read_all.h"

namespace jetliner {
namespace {

struct Taken {
  std::vector<std::string> rows;
  std::vector<int64_t> lengths;  // of the arrays
  int code = 0;                  // of the last get_next()
  std::string error;
};

Taken take_all(ArrowArrayStream& stream) {
  Taken taken;
  Owned<ArrowSchema> schema;
  EXPECT_EQ(stream.get_schema(&stream, &schema.c), 0);
  for (;;) {
    Owned<ArrowArray> array;
    taken.code = stream.get_next(&stream, &array.c);
    if (taken.code != 0 || !array) break;
    check_array(schema.c, array.c);
    taken.lengths.push_back(array.c.length);
    for (int64_t row = 0; row < array.c.length; ++row) taken.rows.push_back(value_text(schema.c, array.c, row));
  }
  const char* const error = stream.get_last_error(&stream);
  if (error != nullptr) taken.error = error;
  return taken;
}

std::vector<std::string> numbers(int64_t rows) {
  std::vector<std::string> out;
  for (int64_t i = 0; i < rows; ++i) out.push_back("{value:" + std::to_string(i) + "}");
  return out;
}

TEST(ReaderStream, HasAllRowsOfAllFiles) {
  MemoryFiles files;
  files.add("a", longs_file({5, 0, 3}).bytes());
  files.add("b", longs_file({4, 7}, 8).bytes());
  for (const size_t n_threads : {1, 3}) {
    Owned<ArrowArrayStream> stream;
    export_stream(Reader(files.paths(), {.batch_size = 6, .n_threads = n_threads}, files.opener()), &stream.c);
    const Taken taken = take_all(stream.c);
    EXPECT_EQ(taken.rows, numbers(19));
    EXPECT_EQ(taken.error, "");
    for (const int64_t length : taken.lengths) EXPECT_LE(length, 6);
    Owned<ArrowArray> again;  // the end stays the end
    EXPECT_EQ(stream.c.get_next(&stream.c, &again.c), 0);
    EXPECT_FALSE(again);
  }
}

TEST(ReaderStream, GoesOnAfterBatchesThatWereTaken) {
  MemoryFiles files;
  files.add("a", longs_file({5, 5}).bytes());
  Reader reader(files.paths(), {.batch_size = 4}, files.opener());
  Batch batch;
  ASSERT_TRUE(reader.next(batch));
  Owned<ArrowArrayStream> stream;
  export_stream(std::move(reader), &stream.c);
  EXPECT_EQ(take_all(stream.c).rows.front(), "{value:4}");
}

TEST(ReaderStream, ArraysOutliveTheStream) {
  MemoryFiles files;
  files.add("a", longs_file({3}).bytes());
  Owned<ArrowSchema> schema;
  Owned<ArrowArray> array;
  {
    Owned<ArrowArrayStream> stream;
    export_stream(Reader(files.paths(), {}, files.opener()), &stream.c);
    ASSERT_EQ(stream.c.get_schema(&stream.c, &schema.c), 0);
    ASSERT_EQ(stream.c.get_next(&stream.c, &array.c), 0);
  }
  EXPECT_EQ(value_text(schema.c, array.c, 2), "{value:2}");
}

TEST(ReaderStream, DamageIsAnErrorAfterTheRowsBeforeIt) {
  AvroFile file("\"long\"", "deflate");
  file.block(3, longs(0, 3));
  file.packed_block(3, as_bytes("\xff\xff\xff\xff\xff"));
  MemoryFiles files;
  files.add("events.avro", file.bytes());
  Owned<ArrowArrayStream> stream;
  export_stream(Reader(files.paths(), {}, files.opener()), &stream.c);
  const Taken taken = take_all(stream.c);
  EXPECT_EQ(taken.rows, numbers(3));
  EXPECT_EQ(taken.code, EIO);
  EXPECT_NE(taken.error.find("(file 'events.avro', codec deflate, block 1, offset"), std::string::npos) << taken.error;
  Owned<ArrowArray> again;  // not the end: a caller that asks once more must not take the file for complete
  EXPECT_EQ(stream.c.get_next(&stream.c, &again.c), EIO);
}

TEST(ReaderStream, TextIsViewsOrLarge) {
  AvroFile file(record_json(field_json("s", "\"string\"") + "," + field_json("b", "\"bytes\"")));
  Values rows;
  rows.string("short").bytes_value("00ff").string("more than twelve bytes").bytes_value("");
  file.block(2, rows);
  MemoryFiles files;
  files.add("a", file.bytes());
  const auto formats_and_rows = [&](TextForm form) {
    Owned<ArrowArrayStream> stream;
    export_stream(Reader(files.paths(), {}, files.opener()), &stream.c, form);
    Owned<ArrowSchema> schema;
    EXPECT_EQ(stream.c.get_schema(&stream.c, &schema.c), 0);
    std::vector<std::string> out{schema.c.children[0]->format, schema.c.children[1]->format};
    const Taken taken = take_all(stream.c);
    out.insert(out.end(), taken.rows.begin(), taken.rows.end());
    return out;
  };
  const std::vector<std::string> views = formats_and_rows(TextForm::kViews);
  const std::vector<std::string> large = formats_and_rows(TextForm::kLarge);
  EXPECT_EQ(views[0] + views[1], "vuvz");
  EXPECT_EQ(large[0] + large[1], "UZ");
  ASSERT_EQ(views.size(), 4U);
  EXPECT_EQ(std::vector(views.begin() + 2, views.end()), std::vector(large.begin() + 2, large.end()));
}

TEST(Owned, ReleasesOnceAndCanBeMoved) {
  int released = 0;
  const auto made = [&] {
    Owned<ArrowArray> array;
    array.c.private_data = &released;
    array.c.release = [](ArrowArray* self) {
      ++*static_cast<int*>(self->private_data);
      self->release = nullptr;
    };
    return array;
  };
  {
    Owned<ArrowArray> first = made();
    EXPECT_TRUE(first);
    Owned<ArrowArray> second = std::move(first);
    second = made();  // releases the one before
    EXPECT_EQ(released, 1);
    ArrowArray taken = second.take();
    EXPECT_FALSE(second);
    taken.release(&taken);
    EXPECT_EQ(released, 2);
  }
  EXPECT_EQ(released, 2);
}

}  // namespace
}  // namespace jetliner
