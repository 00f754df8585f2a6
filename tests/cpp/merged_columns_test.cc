// Files with different columns in one read: the merged columns, and the rows of each file.
#include "types/merged_columns.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decoded.h"
#include "read_all.h"

namespace jetliner {
namespace {

// The columns of several schemas, as they are exported.
std::string merged_text(const std::vector<std::string>& schemas) {
  ArrowType merged = arrow_columns(parse_schema(schemas.front()));
  for (size_t i = 1; i < schemas.size(); ++i) merge_columns(merged, arrow_columns(parse_schema(schemas[i])));
  name_variants(merged, {});
  number_columns(merged);
  BatchSchema schema;
  schema.columns = std::make_shared<const ArrowType>(std::move(merged));
  Owned<ArrowSchema> exported;
  export_schema(schema, &exported.c);
  std::string text;
  for (int64_t i = 0; i < exported.c.n_children; ++i) {
    text += (i > 0 ? " " : "") + arrow_schema_text(*exported.c.children[i]);
  }
  return text;
}

// The same for one field `f` with several types.
std::string merged_types(const std::vector<std::string>& types) {
  std::vector<std::string> schemas;
  schemas.reserve(types.size());
  for (const std::string& type : types) schemas.push_back(one_field(type));
  return merged_text(schemas);
}

const std::string kMillis = R"({"type":"long","logicalType":"timestamp-millis"})";
const std::string kMicros = R"({"type":"long","logicalType":"timestamp-micros"})";

TEST(MergedColumns, ColumnsThatAFileLacksAreNullable) {
  const std::string a = field_json("a", "\"int\"");
  const std::string b = field_json("b", "\"string\"");
  const std::string c = field_json("c", "\"long\"");
  EXPECT_EQ(merged_text({record_json(a + "," + b), record_json(b + "," + c)}), "a:i? b:vu c:l?");
  EXPECT_EQ(merged_text({record_json(a + "," + b), record_json(b + "," + a)}), "a:i b:vu");
}

TEST(MergedColumns, NumbersBecomeTheWiderOne) {
  EXPECT_EQ(merged_types({"\"int\"", "\"long\""}), "f:l");
  EXPECT_EQ(merged_types({"\"long\"", "\"int\"", "\"int\""}), "f:l");
  EXPECT_EQ(merged_types({"\"float\"", "\"double\""}), "f:g");
  EXPECT_EQ(merged_types({"\"int\"", "\"float\""}), "f:g");
  EXPECT_EQ(merged_types({"\"int\"", "\"long\"", "\"double\""}), "f:g");
  EXPECT_EQ(merged_types({decimal_json(4, 2), decimal_json(9, 2)}), "f:d:9,2");
  EXPECT_EQ(merged_types({decimal_json(9, 2), decimal_json(4, 2)}), "f:d:9,2");
}

TEST(MergedColumns, NullIsOfAnyType) {
  EXPECT_EQ(merged_types({"\"null\"", "\"int\""}), "f:i?");
  EXPECT_EQ(merged_types({R"(["null","string"])", "\"null\""}), "f:vu?");
  EXPECT_EQ(merged_types({"\"int\"", R"(["null","int"])"}), "f:i?");
}

TEST(MergedColumns, EnumsThatGrowAreOne) {
  EXPECT_EQ(merged_types({enum_json(R"("A","B")"), enum_json(R"("A","B","C")")}), "f:I<vu>");
  EXPECT_EQ(merged_types({enum_json(R"("A","B","C")"), enum_json(R"("A")")}), "f:I<vu>");
}

TEST(MergedColumns, TypesWithoutAWiderOneAreVariants) {
  EXPECT_EQ(merged_types({"\"int\"", "\"string\""}), "f:i? f (2):vu?");
  EXPECT_EQ(merged_types({kMillis, kMicros, kMillis}), "f:tsm:UTC? f (2):tsu:UTC?");
  EXPECT_EQ(merged_types({decimal_json(9, 2), decimal_json(9, 3)}), "f:d:9,2? f (2):d:9,3?");
  EXPECT_EQ(merged_types({enum_json(R"("A","B")"), enum_json(R"("B","A")")}), "f:I<vu>? f (2):I<vu>?");
  EXPECT_EQ(merged_types({"\"int\"", "\"bytes\"", "\"string\"", "\"long\""}), "f:l? f (2):vz? f (3):vu?");
  EXPECT_EQ(merged_types({R"(["int","string"])", "\"int\""}), "f:+s?[int:i?,string:vu?] f (2):i?");
  EXPECT_EQ(
      merged_types({R"({"type":"map","values":"int"})",
                    R"({"type":"array","items":{"type":"record","name":"N","fields":[{"name":"key","type":"string"},)"
                    R"({"name":"value","type":"int"}]}})"}),
      "f:+L?[entries:+s[key:vu,value:i]] f (2):+L?[item:+s[key:vu,value:i]]");
}

TEST(MergedColumns, ArrowsTypesMeetOnlyThemselves) {
  const std::string int8 = R"({"type":"int","logicalType":"arrow.int8"})";
  const std::string uint64 = R"({"type":"long","logicalType":"arrow.uint64"})";
  const std::string fixed = R"({"type":"fixed","name":"F","size":8,"logicalType":"arrow.uint64"})";
  EXPECT_EQ(merged_types({int8, "\"null\"", nullable(int8)}), "f:c?");
  EXPECT_EQ(merged_types({uint64, fixed}), "f:L");
  EXPECT_EQ(merged_types({int8, "\"int\"", uint64}), "f:c? f (2):i? f (3):L?");
}

TEST(MergedColumns, NamesOfVariantsAreNewOnes) {
  const std::string other = field_json("f (2)", "\"int\"");
  EXPECT_EQ(merged_text({one_field("\"int\""), record_json(field_json("f", "\"string\"") + "," + other)}),
            "f:i? f (3):vu? f (2):i?");
}

TEST(MergedColumns, FieldsOfStructsMergeAsColumnsDo) {
  const auto record = [](const std::string& fields) { return record_json(fields, "N"); };
  const std::string x = field_json("x", "\"int\"");
  const std::string y = field_json("y", "\"string\"");
  EXPECT_EQ(merged_types({record(x), record(y + "," + x)}), "f:+s[x:i,y:vu?]");
  EXPECT_EQ(merged_types({record(x), record(field_json("x", "\"long\""))}), "f:+s[x:l]");
  EXPECT_EQ(merged_types({R"({"type":"array","items":)" + record(x) + "}",
                          R"({"type":"array","items":["null",)" + record(y) + "]}"}),
            "f:+L[item:+s?[x:i?,y:vu?]]");
  // A struct whose fields do not go together has variants as a whole.
  EXPECT_EQ(merged_types({record(x), record(field_json("x", "\"string\""))}), "f:+s?[x:i?] f (2):+s?[x:vu?]");
}

TEST(MergedColumns, TooManyColumnsAreRefused) {
  const auto wide = [](const std::string& prefix) {
    ArrowType columns{.type = {.kind = ArrowKind::kStruct}};
    for (size_t i = 0; i < kMaxColumns / 2 + 1; ++i) {
      columns.children.push_back({.name = prefix + std::to_string(i), .type = {.kind = ArrowKind::kInt32}});
    }
    return columns;
  };
  ArrowType merged = wide("a");
  EXPECT_THROW(merge_columns(merged, wide("b")), Error);
}

// --- reading ---

AvroFile file_of(const std::string& fields, const Values& row) {
  AvroFile file(record_json(fields));
  file.block(1, row);
  return file;
}

std::vector<std::string> merged_rows(const std::vector<AvroFile>& files, const ReadOptions& options = {}) {
  MemoryFiles memory;
  for (size_t i = 0; i < files.size(); ++i) memory.add("f" + std::to_string(i) + ".avro", files[i].bytes());
  ReadOutcome outcome = read_all(memory, options, {.merge_columns = true});
  EXPECT_FALSE(outcome.error.has_value());
  return outcome.rows;
}

TEST(MergedColumns, RowsOfFilesWithOtherColumns) {
  const std::string a = field_json("a", "\"int\"");
  const std::string b = field_json("b", "\"string\"");
  EXPECT_EQ(merged_rows({file_of(a + "," + b, Values().number(1).string("x")), file_of(b, Values().string("y")),
                         file_of(b + "," + a + "," + field_json("c", R"({"type":"array","items":"int"})"),
                                 Values().string("z").number(3).number(1).number(7).end())}),
            (std::vector<std::string>{R"({a:1,b:"x",c:null})", R"({a:null,b:"y",c:null})", R"({a:3,b:"z",c:[7]})"}));
}

TEST(MergedColumns, RowsOfFilesWithOtherTypes) {
  const auto field = [](const std::string& type) { return field_json("f", type); };
  EXPECT_EQ(merged_rows({file_of(field("\"int\""), Values().number(-1)),
                         file_of(field(R"(["null","long"])"), Values().branch(1).number(1LL << 40)),
                         file_of(field("\"null\""), Values()), file_of(field(R"(["null"])"), Values().branch(0)),
                         file_of(field("\"double\""), Values().real64(0.5)),
                         file_of(field("\"float\""), Values().real32(1.5F)),
                         file_of(field("\"string\""), Values().string("x"))}),
            (std::vector<std::string>{"{f:-1,f (2):null}", "{f:1099511627776,f (2):null}", "{f:null,f (2):null}",
                                      "{f:null,f (2):null}", "{f:0.5,f (2):null}", "{f:1.5,f (2):null}",
                                      R"({f:null,f (2):"x"})"}));
}

// Each file's plan reads its own form of the type.
TEST(MergedColumns, RowsOfFilesWithOtherFormsOfAType) {
  const std::string uint64 = R"({"type":"long","logicalType":"arrow.uint64"})";
  const std::string fixed = R"({"type":"fixed","name":"F","size":8,"logicalType":"arrow.uint64"})";
  EXPECT_EQ(merged_rows({file_of(field_json("f", uint64), Values().number(5)),
                         file_of(field_json("f", fixed), Values().hex_bytes("ff ff ff ff ff ff ff ff"))}),
            (std::vector<std::string>{"{f:5}", "{f:18446744073709551615}"}));
}

TEST(MergedColumns, RowsOfStructsWithOtherFields) {
  const auto field = [](const std::string& fields) {
    return field_json("f", R"({"type":"array","items":["null",)" + record_json(fields, "N") + "]}");
  };
  const std::string x = field_json("x", "\"int\"");
  const std::string y = field_json("y", "\"string\"");
  EXPECT_EQ(merged_rows({file_of(field(x), Values().number(2).branch(1).number(5).branch(0).end()),
                         file_of(field(y), Values().number(1).branch(1).string("s").end())}),
            (std::vector<std::string>{"{f:[{x:5,y:null},null]}", R"({f:[{x:null,y:"s"}]})"}));
}

// Fault: nothing was written to the column of a branch that only other files have. Its values were what the memory
// held.
TEST(MergedColumns, RowsOfUnionsWithOtherBranches) {
  const std::string two = field_json("f", R"(["null","string","long"])");
  const std::string three = field_json("f", R"(["null","boolean","string",{"type":"array","items":"int"}])");
  EXPECT_EQ(
      merged_rows({file_of(two, Values().branch(1).string("x")), file_of(two, Values().branch(2).number(5)),
                   file_of(two, Values().branch(0)), file_of(three, Values().branch(1).boolean(true)),
                   file_of(three, Values().branch(0)), file_of(three, Values().branch(3).number(1).number(7).end())}),
      (std::vector<std::string>{R"({f:{string:"x",long:null,boolean:null,array:null}})",
                                "{f:{string:null,long:5,boolean:null,array:null}}", "{f:null}",
                                "{f:{string:null,long:null,boolean:true,array:null}}", "{f:null}",
                                "{f:{string:null,long:null,boolean:null,array:[7]}}"}));
}

TEST(MergedColumns, SchemasThatAreNoRecordsHaveTheColumnValue) {
  AvroFile numbers("\"int\"");
  numbers.block(1, Values().number(4));
  AvroFile texts("\"string\"");
  texts.block(1, Values().string("t"));
  EXPECT_EQ(merged_rows({numbers, texts}),
            (std::vector<std::string>{"{value:4,value (2):null}", R"({value:null,value (2):"t"})"}));
}

TEST(MergedColumns, AProjectionHasAllVariants) {
  const std::string a = field_json("a", "\"int\"");
  const std::vector<AvroFile> files = {
      file_of(a + "," + field_json("f", "\"int\""), Values().number(1).number(2)),
      file_of(a + "," + field_json("f", "\"string\""), Values().number(3).string("x"))};
  EXPECT_EQ(merged_rows(files, {.columns = ColumnNames{{"f"}}}),
            (std::vector<std::string>{"{f:2,f (2):null}", R"({f:null,f (2):"x"})"}));
  EXPECT_EQ(merged_rows(files, {.columns = ColumnNames{{"a"}}}), (std::vector<std::string>{"{a:1}", "{a:3}"}));
}

TEST(MergedColumns, RowsWithoutColumnsAreStillCounted) {
  const std::vector<AvroFile> files = {file_of(field_json("a", "\"int\""), Values().number(1)),
                                       file_of(field_json("b", "\"int\""), Values().number(2))};
  EXPECT_EQ(merged_rows(files, {.columns = ColumnNames{{"c"}}}), (std::vector<std::string>{"{}", "{}"}));
}

TEST(MergedColumns, TheReaderTellsVariantsSchemasAndWhereRowsComeFrom) {
  MemoryFiles memory;
  memory.add("x", file_of(field_json("f", "\"int\""), Values().number(1)).bytes());
  memory.add("y", file_of(field_json("f", "\"int\""), Values().number(2)).bytes());
  memory.add("z", file_of(field_json("f", "\"string\""), Values().string("s")).bytes());
  QueryReader reader(memory.paths(), {}, {.merge_columns = true}, memory.opener());
  EXPECT_EQ(reader.column_names(), (std::vector<std::string>{"f"}));
  EXPECT_EQ(reader.variants(), (std::vector<std::pair<std::string, std::string>>{{"f (2)", "f"}}));
  const auto schemas = reader.own_schemas();
  ASSERT_EQ(schemas.size(), 2U);
  EXPECT_EQ(schemas[0].first, 0U);
  EXPECT_EQ(schemas[1].first, 2U);
  EXPECT_EQ(schemas[1].second.num_rows(), 0U);
  Batch batch;
  ASSERT_TRUE(reader.next(batch));
  const std::vector<Batch::Run> runs = batch.runs();
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs[2].path, "z");
  EXPECT_EQ(runs[2].rows, 1U);
}

}  // namespace
}  // namespace jetliner
