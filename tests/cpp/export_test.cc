// Arrow's C interfaces: ownership, offsets of slices, and everything that an importer may do to the structs.
#include "arrow/export.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "decoded.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

const std::string& schema_json() {
  static const std::string json = record_json(
      field_json("n", R"(["null","long"])") + "," + field_json("s", "\"string\"") + "," +
      field_json("l", R"(["null",{"type":"array","items":["null","boolean"]}])") + "," +
      field_json(
          "r", "[\"null\"," +
                   record_json(field_json("x", "\"int\"") + "," + field_json("m", R"({"type":"map","values":"bytes"})"),
                               "N") +
                   "]") +
      "," + field_json("e", R"({"type":"enum","name":"E","symbols":["A","a symbol of more than twelve bytes"]})") +
      "," + field_json("z", "\"null\"") + "," + field_json("b", "\"boolean\""));
  return json;
}

// 20 rows. Every third is null in nullable columns.
std::shared_ptr<const Chunk> sample_chunk() {
  TestDecoder decoder(schema_json());
  Values rows;
  for (int i = 0; i < 20; ++i) {
    const bool is_null = i % 3 == 0;
    rows.branch(is_null ? 0 : 1);
    if (!is_null) rows.number(i);
    rows.string(i % 2 == 0 ? "short" : "a longer text, number " + std::to_string(i));
    rows.branch(is_null ? 0 : 1);
    if (!is_null) rows.number(2).branch(0).branch(1).boolean(i % 2 == 0).end();
    rows.branch(is_null ? 0 : 1);
    if (!is_null) rows.number(-i).number(1).string("key").bytes_value("00112233445566778899aabbccddeeff").end();
    rows.number(i % 2).boolean(i % 5 == 0);
  }
  EXPECT_EQ(decoder.decode(rows, 20).status, Status::kOk);
  return decoder.finish();
}

std::shared_ptr<BatchSchema> batch_schema(const std::shared_ptr<const Chunk>& chunk) {
  auto schema = std::make_shared<BatchSchema>();
  schema->columns = chunk->columns;
  return schema;
}

std::vector<Slice> one(Slice slice) { return {std::move(slice)}; }

TEST(Export, SlicesAtEveryOffset) {
  const auto chunk = sample_chunk();
  const Texts all = chunk_rows(chunk);
  ASSERT_EQ(all.size(), 20U);
  EXPECT_EQ(all[0], R"({n:null,s:"short",l:null,r:null,e:A,z:null,b:true})");
  EXPECT_EQ(
      all[1],
      R"({n:1,s:"a longer text, number 1",l:[null,false],r:{x:-1,m:[{key:"key",value:x'00112233445566778899aabbccddeeff'}]},)"
      R"(e:a symbol of more than twelve bytes,z:null,b:false})");
  for (size_t from = 0; from <= 20; ++from) {
    for (size_t rows = 0; from + rows <= 20; ++rows) {
      ArrowArrayStream stream;
      export_stream(batch_schema(chunk), {Slice{.chunk = chunk, .offset_rows = from, .rows = rows}}, &stream);
      EXPECT_EQ(stream_rows(&stream),
                Texts(all.begin() + static_cast<ptrdiff_t>(from), all.begin() + static_cast<ptrdiff_t>(from + rows)));
    }
  }
}

TEST(Export, SeveralSlicesOfSeveralChunks) {
  const auto one = sample_chunk();
  const auto two = sample_chunk();
  const Texts all = chunk_rows(one);
  ArrowArrayStream stream;
  export_stream(batch_schema(one),
                {Slice{.chunk = one, .offset_rows = 18, .rows = 2}, Slice{.chunk = two, .offset_rows = 0, .rows = 3}},
                &stream);
  EXPECT_EQ(stream_rows(&stream), (Texts{all[18], all[19], all[0], all[1], all[2]}));
  export_stream(batch_schema(one), {}, &stream);
  EXPECT_TRUE(stream_rows(&stream).empty());
}

TEST(Export, RowIndexAndPathColumns) {
  const auto chunk = sample_chunk();
  auto schema = batch_schema(chunk);
  schema->has_row_index = true;
  schema->row_index_name = "row";
  schema->has_path = true;
  schema->path_name = "file";
  for (const std::string& path :
       {std::string(), std::string("twelve bytes"), std::string("thirteen byte"), std::string(5000, 'p')}) {
    Slice slice{.chunk = chunk,
                .offset_rows = 1,
                .rows = 2,
                .first_row_index = 4294967294,
                .path = std::make_shared<const std::string>(path)};
    ArrowArrayStream stream;
    export_stream(schema, {slice}, &stream);
    const Texts rows = stream_rows(&stream);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_TRUE(rows[0].starts_with("{row:4294967294,n:1,"));
    EXPECT_TRUE(rows[1].starts_with("{row:4294967295,n:2,"));
    EXPECT_TRUE(rows[1].ends_with(",b:false,file:\"" + path + "\"}"));
    // Row numbers stay at the largest UInt32. No rows at all work as well.
    slice.first_row_index = UINT64_C(1) << 40;
    export_stream(schema, {slice}, &stream);
    EXPECT_TRUE(stream_rows(&stream)[0].starts_with("{row:4294967295,"));
    slice.rows = 0;
    export_stream(schema, {slice}, &stream);
    EXPECT_TRUE(stream_rows(&stream).empty());
  }
}

TEST(Export, ColumnsByThemselves) {
  const auto chunk = sample_chunk();
  auto schema = batch_schema(chunk);
  schema->has_row_index = true;
  schema->row_index_name = "row";
  schema->has_path = true;
  schema->path_name = "file";
  std::vector<Slice> slices;
  for (const size_t from : {0, 7}) {
    slices.push_back({.chunk = chunk,
                      .offset_rows = from,
                      .rows = 9,
                      .first_row_index = from,
                      .path = std::make_shared<const std::string>("a path of some length")});
  }
  ArrowArrayStream stream;
  export_stream(schema, slices, &stream);
  const Texts all = stream_rows(&stream);
  Texts joined(all.size());
  ASSERT_EQ(schema->num_columns(), 9U);
  for (size_t i = 0; i < schema->num_columns(); ++i) {
    Owned<ArrowSchema> column;
    export_column_schema(*schema, i, &column.c);
    export_column_stream(schema, slices, i, &stream);
    const Texts values = stream_rows(&stream);
    ASSERT_EQ(values.size(), all.size());
    for (size_t row = 0; row < all.size(); ++row) {
      joined[row] += (i == 0 ? "{" : ",") + std::string(column.c.name) + ':' + values[row];
    }
  }
  for (size_t row = 0; row < all.size(); ++row) EXPECT_EQ(joined[row] + '}', all[row]);
}

// Small files share a chunk: their rows are one array, in which paths and row numbers change.
TEST(Export, SlicesThatFollowEachOtherAreOneArray) {
  const auto chunk = sample_chunk();
  auto schema = batch_schema(chunk);
  schema->has_row_index = true;
  schema->row_index_name = "row";
  schema->has_path = true;
  schema->path_name = "file";
  const auto slice = [&](size_t offset, size_t rows, uint64_t number, const std::string& path) {
    return Slice{.chunk = chunk,
                 .offset_rows = offset,
                 .rows = rows,
                 .first_row_index = number,
                 .path = std::make_shared<const std::string>(path)};
  };
  const std::vector<Slice> slices{slice(1, 2, 10, "a"), slice(3, 1, 20, "a path of some length"),
                                  slice(4, 3, 30, "another path of some length"), slice(9, 1, 40, "apart")};
  std::vector<std::string> expected;
  for (const Slice& each : slices) {
    ArrowArrayStream stream;
    export_stream(schema, {each}, &stream);
    for (std::string& row : stream_rows(&stream)) expected.push_back(std::move(row));
  }
  ArrowArrayStream stream;
  export_stream(schema, slices, &stream);
  EXPECT_EQ(stream_rows(&stream), expected);
  export_stream(schema, slices, &stream);
  std::vector<int64_t> lengths;
  for (;;) {
    Owned<ArrowArray> array;
    ASSERT_EQ(stream.get_next(&stream, &array.c), 0);
    if (array.c.release == nullptr) break;
    lengths.push_back(array.c.length);
  }
  stream.release(&stream);
  EXPECT_EQ(lengths, (std::vector<int64_t>{6, 1}));
}

// A query may keep an id of each row and drop its text, which is most of the memory.
TEST(Export, ColumnOfFixedWidthDoesNotKeepTheOthers) {
  const auto expect_kept = [](size_t index, bool is_kept, const Texts& first) {
    auto chunk = sample_chunk();
    const auto schema = batch_schema(chunk);
    const std::weak_ptr<const Chunk> watch = chunk;
    Owned<ArrowSchema> column;
    Owned<ArrowArray> array;
    export_column_schema(*schema, index, &column.c);
    export_column_array(*schema, one(Slice{.chunk = chunk, .offset_rows = 1, .rows = 3}), index, &array.c);
    chunk.reset();
    EXPECT_EQ(!watch.expired(), is_kept) << index;
    for (int64_t row = 0; row < 3; ++row) {
      EXPECT_EQ(value_text(column.c, array.c, row), first[static_cast<size_t>(row)]);
    }
  };
  expect_kept(0, false, {"1", "2", "null"});                                                            // n
  expect_kept(1, true, {R"("a longer text, number 1")", "\"short\"", R"("a longer text, number 3")"});  // s
  expect_kept(2, true, {"[null,false]", "[null,true]", "null"});                                        // l
  expect_kept(4, false, {"a symbol of more than twelve bytes", "A", "a symbol of more than twelve bytes"});
  expect_kept(6, false, {"false", "false", "false"});  // b
}

// "Moving an array": the consumer copies a child's struct and marks the original as released.
TEST(Export, ChildrenThatWereMovedOutSurviveTheirParent) {
  Owned<ArrowSchema> list_schema;
  Owned<ArrowArray> list;
  Owned<ArrowArray> item;
  Owned<ArrowSchema> item_schema;
  std::string text;
  {
    const auto chunk = sample_chunk();
    Owned<ArrowSchema> schema;
    export_schema(*batch_schema(chunk), &schema.c);
    Owned<ArrowArray> array;
    export_array(*batch_schema(chunk), one(Slice{.chunk = chunk, .offset_rows = 1, .rows = 4}), &array.c);
    text = value_text(*schema.c.children[2], *array.c.children[2], 0);
    list_schema.c = std::exchange(*schema.c.children[2], ArrowSchema{});
    list.c = std::exchange(*array.c.children[2], ArrowArray{});
  }
  check_array(list_schema.c, list.c);
  EXPECT_EQ(value_text(list_schema.c, list.c, 0), text);
  EXPECT_EQ(text, "[null,false]");
  item.c = std::exchange(*list.c.children[0], ArrowArray{});
  item_schema.c = std::exchange(*list_schema.c.children[0], ArrowSchema{});
  list.reset();
  list_schema.reset();
  check_array(item_schema.c, item.c);
  EXPECT_EQ(item.c.length, 26);
}

TEST(Export, StreamsReleasedEarlyAndReadTwice) {
  const auto chunk = sample_chunk();
  const std::vector<Slice> slices = {Slice{.chunk = chunk, .rows = 10},
                                     Slice{.chunk = chunk, .offset_rows = 11, .rows = 9}};
  const auto schema = batch_schema(chunk);
  {
    Owned<ArrowArrayStream> unread;
    export_stream(schema, slices, &unread.c);
  }
  Owned<ArrowArray> first;
  {
    Owned<ArrowArrayStream> half_read;
    export_stream(schema, slices, &half_read.c);
    ASSERT_EQ(half_read.c.get_next(&half_read.c, &first.c), 0);
  }
  EXPECT_EQ(first.c.length, 10);
  Owned<ArrowSchema> arrow_schema;
  export_schema(*schema, &arrow_schema.c);
  check_array(arrow_schema.c, first.c);

  // The schema may be requested many times, before and after the arrays. After the last array comes a released one.
  Owned<ArrowArrayStream> stream;
  export_stream(schema, slices, &stream.c);
  EXPECT_EQ(stream.c.get_last_error(&stream.c), nullptr);
  for (int i = 0; i < 4; ++i) {
    Owned<ArrowSchema> again;
    ASSERT_EQ(stream.c.get_schema(&stream.c, &again.c), 0);
    EXPECT_EQ(arrow_schema_text(again.c), arrow_schema_text(arrow_schema.c));
    Owned<ArrowArray> next;
    ASSERT_EQ(stream.c.get_next(&stream.c, &next.c), 0);
    EXPECT_EQ(next.c.release != nullptr, i < 2);
  }
  ArrowArrayStream twice;
  export_stream(schema, slices, &twice);
  const Texts once = stream_rows(&twice);
  export_stream(schema, slices, &twice);
  EXPECT_EQ(stream_rows(&twice), once);
}

TEST(Export, NullCountsOfWholeAndOfSlicedColumns) {
  const auto chunk = sample_chunk();
  Owned<ArrowArray> whole;
  export_array(*batch_schema(chunk), one(Slice{.chunk = chunk, .rows = 20}), &whole.c);
  EXPECT_EQ(whole.c.children[0]->null_count, 7);
  EXPECT_EQ(whole.c.children[1]->null_count, 0);
  EXPECT_EQ(whole.c.children[1]->buffers[0], nullptr);  // no row is null: no bitmap
  EXPECT_EQ(whole.c.children[5]->null_count, 20);
  Owned<ArrowArray> part;
  export_array(*batch_schema(chunk), one(Slice{.chunk = chunk, .rows = 5}), &part.c);
  EXPECT_EQ(part.c.children[0]->null_count, -1);
  EXPECT_EQ(part.c.children[5]->null_count, 5);
}

TEST(Export, EnumsWithoutSymbols) {
  TestDecoder decoder(record_json(field_json("e", R"(["null",{"type":"enum","name":"E","symbols":[]}])")));
  ASSERT_EQ(decoder.decode(Values().branch(0), 1).status, Status::kOk);
  EXPECT_EQ(decoder.finish_rows(), Texts{"{e:null}"});
}

}  // namespace
}  // namespace jetliner
