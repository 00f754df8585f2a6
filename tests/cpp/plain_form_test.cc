// The form of rows for other libraries: the same values, in types that they know.
#include "arrow/plain_form.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "arrow/export.h"
#include "arrow_reader.h"
#include "decoded.h"

namespace jetliner {
namespace {

std::shared_ptr<const Chunk> sample_chunk() {
  TestDecoder decoder(record_json(
      field_json("s", R"(["null","string"])") + "," + field_json("l", R"({"type":"array","items":["null","string"]})") +
      "," +
      field_json("r", "[\"null\"," +
                          record_json(field_json("b", "\"bytes\"") + "," +
                                          field_json("m", R"({"type":"map","values":"string"})"),
                                      "N") +
                          "]") +
      "," + field_json("e", R"({"type":"enum","name":"E","symbols":["A","a symbol of more than twelve bytes"]})") +
      "," + field_json("z", "\"null\"") + "," + field_json("n", "\"long\"")));
  Values rows;
  for (int i = 0; i < 30; ++i) {
    const std::string text = i % 2 == 0 ? "short" : "a longer text, number " + std::to_string(i);
    rows.branch(i % 3 == 0 ? 0 : 1);
    if (i % 3 != 0) rows.string(text);
    if (i % 4 != 0) rows.number(2).branch(0).branch(1).string(text);
    rows.end();
    rows.branch(i % 5 == 0 ? 0 : 1);
    if (i % 5 != 0) rows.bytes_value("00112233445566778899aabbccddeeff").number(1).string("key").string(text).end();
    rows.number(i % 2).number(i);
  }
  EXPECT_EQ(decoder.decode(rows, 30).status, Status::kOk);
  return decoder.finish();
}

struct Exported {
  Owned<ArrowSchema> schema;
  Owned<ArrowArray> array;

  [[nodiscard]] std::vector<std::string> rows() const {
    check_array(schema.c, array.c);
    std::vector<std::string> texts;
    for (int64_t row = 0; row < array.c.length; ++row) texts.push_back(value_text(schema.c, array.c, row));
    return texts;
  }
};

Exported exported(const std::shared_ptr<const Chunk>& chunk, size_t from, size_t rows) {
  BatchSchema schema;
  schema.columns = chunk->columns;
  const std::vector<Slice> slices{{.chunk = chunk, .offset_rows = from, .rows = rows}};
  Exported out;
  export_schema(schema, &out.schema.c);
  export_array(schema, slices, &out.array.c);
  return out;
}

void collect_formats(const ArrowSchema& schema, std::string& out) {
  out += schema.format;
  out += ' ';
  EXPECT_EQ(schema.metadata, nullptr);
  if (schema.dictionary != nullptr) collect_formats(*schema.dictionary, out);
  for (int64_t i = 0; i < schema.n_children; ++i) collect_formats(*schema.children[i], out);
}

TEST(PlainForm, SameValuesAtEveryOffset) {
  const auto chunk = sample_chunk();
  for (size_t from = 0; from <= 30; ++from) {
    for (size_t rows = 0; from + rows <= 30; ++rows) {
      Exported batch = exported(chunk, from, rows);
      const std::vector<std::string> before = batch.rows();
      make_plain(&batch.schema.c, nullptr);
      make_plain(batch.schema.c, &batch.array.c);
      ASSERT_EQ(batch.rows(), before) << from << " " << rows;
    }
  }
}

TEST(PlainForm, Types) {
  const auto chunk = sample_chunk();
  Exported batch = exported(chunk, 0, 30);
  make_plain(&batch.schema.c, nullptr);
  std::string formats;
  collect_formats(batch.schema.c, formats);
  EXPECT_EQ(formats, "+s U +L U +s Z +L +s U U i U n l ");
}

TEST(PlainForm, ViewsWhereTheyAreRequested) {
  const auto chunk = sample_chunk();
  Exported batch = exported(chunk, 3, 20);
  const std::vector<std::string> before = batch.rows();
  Exported wanted = exported(chunk, 0, 0);
  wanted.schema.c.children[1]->children[0]->format = "U";
  wanted.schema.c.children[3]->dictionary->format = "U";
  make_plain(&batch.schema.c, &wanted.schema.c);
  make_plain(batch.schema.c, &batch.array.c);
  std::string formats;
  collect_formats(batch.schema.c, formats);
  EXPECT_EQ(formats, "+s vu +L U +s vz +L +s vu vu i U n l ");
  EXPECT_EQ(batch.rows(), before);
  // A schema of another shape asks for nothing.
  Exported again = exported(chunk, 3, 20);
  make_plain(&again.schema.c, wanted.schema.c.children[2]);
  make_plain(again.schema.c, &again.array.c);
  EXPECT_EQ(again.rows(), before);
}

// The rest of a batch stays valid when parts of it were moved out.
TEST(PlainForm, ColumnsMayBeMovedOut) {
  Owned<ArrowArray> moved;
  Owned<ArrowSchema> schema;
  {
    Exported batch = exported(sample_chunk(), 5, 7);
    make_plain(&batch.schema.c, nullptr);
    make_plain(batch.schema.c, &batch.array.c);
    moved.c = *batch.array.c.children[0];
    batch.array.c.children[0]->release = nullptr;
    schema.c = *batch.schema.c.children[0];
    batch.schema.c.children[0]->release = nullptr;
  }
  check_array(schema.c, moved.c);
  EXPECT_EQ(value_text(schema.c, moved.c, 0), "\"a longer text, number 5\"");
}

}  // namespace
}  // namespace jetliner
