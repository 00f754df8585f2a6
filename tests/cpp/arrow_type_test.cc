// The table of types as it is exported, projection by name, comparison of files, limits.
#include "types/arrow_type.h"

#include <gtest/gtest.h>

#include <string>

#include "decoded.h"
#include "schema_text.h"
#include "types/difference.h"

namespace jetliner {
namespace {

using Names = std::vector<std::string>;

std::string columns_text(const std::shared_ptr<const ArrowType>& columns) {
  BatchSchema schema;
  schema.columns = columns;
  Owned<ArrowSchema> exported;
  export_schema(schema, &exported.c);
  std::string text;
  for (int64_t i = 0; i < exported.c.n_children; ++i) {
    text += (i > 0 ? " " : "") + arrow_schema_text(*exported.c.children[i]);
  }
  return text;
}

std::string columns_text(std::string_view schema_json, const std::optional<Names>& projection = {}) {
  return columns_text(columns_of(parse_schema(schema_json), projection));
}

struct Row {
  const char* avro;
  const char* arrow;  // without the name
};

const Row kTable[] = {
    {"\"null\"", "n?"},
    {"\"boolean\"", "b"},
    {"\"int\"", "i"},
    {"\"long\"", "l"},
    {"\"float\"", "f"},
    {"\"double\"", "g"},
    {"\"bytes\"", "vz"},
    {"\"string\"", "vu"},
    {R"({"type":"fixed","name":"F","size":5})", "vz"},
    {R"({"type":"enum","name":"E","symbols":["A","B"]})", "I<vu>"},
    {R"({"type":"array","items":"int"})", "+L[item:i]"},
    {R"({"type":"array","items":["null","int"]})", "+L[item:i?]"},
    {R"({"type":"map","values":"int"})", "+L[entries:+s[key:vu,value:i]]"},
    {R"({"type":"record","name":"N","fields":[{"name":"x","type":"int"},{"name":"y","type":["null","string"]}]})",
     "+s[x:i,y:vu?]"},
    {R"({"type":"error","name":"N","fields":[{"name":"x","type":"int"}]})", "+s[x:i]"},
    {R"({"type":"record","name":"N","fields":[]})", "+s"},
    {R"(["null"])", "n?"},
    {R"(["int"])", "i"},
    {R"(["int","string"])", "+s[int:i?,string:vu?]"},
    {R"(["int","null","string"])", "+s?[int:i?,string:vu?]"},
    {R"([{"type":"array","items":"int"},{"type":"map","values":"int"}])",
     "+s[array:+L?[item:i],map:+L?[entries:+s[key:vu,value:i]]]"},
    {R"([{"type":"fixed","name":"a.b.F","size":5},{"type":"enum","name":"E","namespace":"n","symbols":[]},"bytes"])",
     "+s[a.b.F:vz?,n.E:I<vu>?,bytes:vz?]"},
    {R"({"type":"int","logicalType":"date"})", "tdD"},
    {R"({"type":"int","logicalType":"time-millis"})", "ttn"},
    {R"({"type":"long","logicalType":"time-micros"})", "ttn"},
    {R"({"type":"long","logicalType":"timestamp-millis"})", "tsm:UTC"},
    {R"({"type":"long","logicalType":"timestamp-micros"})", "tsu:UTC"},
    {R"({"type":"long","logicalType":"timestamp-nanos"})", "tsn:UTC"},
    {R"({"type":"long","logicalType":"local-timestamp-millis"})", "tsm:"},
    {R"({"type":"long","logicalType":"local-timestamp-micros"})", "tsu:"},
    {R"({"type":"long","logicalType":"local-timestamp-nanos"})", "tsn:"},
    {R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})", "d:9,2"},
    {R"({"type":"bytes","logicalType":"decimal","precision":38})", "d:38,0"},
    {R"({"type":"bytes","logicalType":"decimal","precision":39,"scale":2})", "vu"},
    {R"({"type":"fixed","name":"F","size":5,"logicalType":"decimal","precision":9,"scale":2})", "d:9,2"},
    {R"({"type":"fixed","name":"F","size":30,"logicalType":"decimal","precision":60,"scale":2})", "vu"},
    {R"({"type":"string","logicalType":"uuid"})", "vu"},
    {R"({"type":"fixed","name":"F","size":16,"logicalType":"uuid"})", "vu"},
    {R"({"type":"fixed","name":"F","size":12,"logicalType":"duration"})", "tDu"},
    {R"({"type":"bytes","logicalType":"big-decimal"})", "vu"},
    {R"({"type":"int","logicalType":"arrow.int8"})", "c"},
    {R"({"type":"int","logicalType":"arrow.int16"})", "s"},
    {R"({"type":"int","logicalType":"arrow.uint8"})", "C"},
    {R"({"type":"int","logicalType":"arrow.uint16"})", "S"},
    {R"({"type":"long","logicalType":"arrow.uint32"})", "I"},
    {R"({"type":"long","logicalType":"arrow.uint64"})", "L"},
    {R"({"type":"fixed","name":"F","size":8,"logicalType":"arrow.uint64"})", "L"},
    {R"({"type":"float","logicalType":"arrow.float16"})", "e"},
    {R"({"type":"fixed","name":"F","size":2,"logicalType":"arrow.float16"})", "e"},
    {R"({"type":"int","logicalType":"arrow.time32-second"})", "ttn"},
    {R"({"type":"long","logicalType":"arrow.time64-nanosecond"})", "ttn"},
    {R"({"type":"long","logicalType":"arrow.duration-seconds"})", "tDm"},
    {R"({"type":"long","logicalType":"arrow.duration-millis"})", "tDm"},
    {R"({"type":"long","logicalType":"arrow.duration-micros"})", "tDu"},
    {R"({"type":"long","logicalType":"arrow.duration-nanos"})", "tDn"},
    {R"({"type":"long","logicalType":"arrow.timestamp-second"})", "tsm:UTC"},
    {R"({"type":"long","logicalType":"arrow.local-timestamp-second"})", "tsm:"},
    {R"({"type":"long","logicalType":"arrow.date64"})", "tsm:"},
    // Logical types that are unknown, malformed or not valid on their base type are ignored.
    {R"({"type":"string","logicalType":"date"})", "vu"},
    {R"({"type":"int","logicalType":"timestamp-millis"})", "i"},
    {R"({"type":"long","logicalType":"date"})", "l"},
    {R"({"type":"bytes","logicalType":"decimal","precision":2,"scale":3})", "vz"},
    {R"({"type":"bytes","logicalType":"decimal"})", "vz"},
    {R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":9})", "vz"},
    {R"({"type":"fixed","name":"F","size":15,"logicalType":"uuid"})", "vz"},
    {R"({"type":"fixed","name":"F","size":13,"logicalType":"duration"})", "vz"},
    {R"({"type":"long","logicalType":"arrow.int8"})", "l"},
    {R"({"type":"int","logicalType":"arrow.uint32"})", "i"},
    {R"({"type":"double","logicalType":"arrow.float16"})", "g"},
    {R"({"type":"fixed","name":"F","size":4,"logicalType":"arrow.float16"})", "vz"},
    {R"({"type":"bytes","logicalType":"arrow.uint64"})", "vz"},
    {R"({"type":"double","logicalType":"money"})", "g"},
    {R"({"type":"array","items":"int","logicalType":"set"})", "+L[item:i]"},
    {R"({"type":{"type":"int"},"logicalType":"date"})", "tdD"},
};

TEST(ArrowType, EveryRowOfTheTable) {
  for (const Row& row : kTable) {
    EXPECT_EQ(columns_text(one_field(row.avro)), std::string("f:") + row.arrow) << row.avro;
    // The same at top level, as the column "value". A record has columns of its own.
    const std::string text = row.arrow;
    const AvroType type = parse_schema(row.avro).node(0).type;
    const bool is_record = row.avro[0] == '{' && type == AvroType::kRecord;
    if (!is_record) {
      EXPECT_EQ(columns_text(row.avro), "value:" + text) << row.avro;
    }
  }
}

TEST(ArrowType, NullOnEitherSideMakesEveryRowNullable) {
  for (const Row& row : kTable) {
    const std::string avro = row.avro;
    if (avro == "\"null\"" || avro[0] == '[') continue;
    for (const std::string& type : {"[\"null\"," + avro + "]", "[" + avro + ",\"null\"]"}) {
      std::string text = columns_text(one_field(type));
      // The mark is before the children. Fields of a nullable struct have marks as well.
      const ArrowType columns = arrow_columns(parse_schema(one_field(type)));
      EXPECT_TRUE(columns.children[0].nullable) << type;
      EXPECT_NE(text.find('?'), std::string::npos) << type;
      if (text.find('[') == std::string::npos) {
        EXPECT_EQ(text, std::string("f:") + row.arrow + "?");
      }
    }
  }
  EXPECT_EQ(columns_text(record_json(
                field_json("f", R"(["null",{"type":"record","name":"N","fields":[{"name":"x","type":"int"}]}])"))),
            "f:+s?[x:i?]");
}

TEST(ArrowType, FieldsOfARecordAreTheColumns) {
  EXPECT_EQ(columns_text(record_json(field_json("b", "\"int\"") + "," + field_json("a", "\"string\""))), "b:i a:vu");
  try {
    (void)arrow_columns(parse_schema(R"({"type":"record","name":"Nothing","fields":[]})"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kSchema);
    EXPECT_NE(std::string(error.what()).find("zero fields"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("column"), std::string::npos);
  }
}

TEST(ArrowType, EnumsCarryTheirSymbolsForPolars) {
  BatchSchema schema;
  schema.columns = columns_of(parse_schema(R"({"type":"enum","name":"E","symbols":["A","béta",";1"]})"));
  Owned<ArrowSchema> exported;
  export_schema(schema, &exported.c);
  const char* const metadata = exported.c.children[0]->metadata;
  ASSERT_NE(metadata, nullptr);
  const std::string value = "1;A5;béta2;;1";
  std::string expected;
  const auto number = [&](int32_t n) { expected.append(reinterpret_cast<const char*>(&n), 4); };
  number(1);
  number(16);
  expected += "_PL_ENUM_VALUES2";
  number(static_cast<int32_t>(value.size()));
  expected += value;
  EXPECT_EQ(std::string(metadata, expected.size()), expected);
}

TEST(ArrowType, RecordsWithinThemselvesAreText) {
  EXPECT_EQ(columns_text(record_json(field_json("v", "\"int\"") + "," + field_json("n", R"(["null","R"])") + "," +
                                     field_json("l", R"({"type":"array","items":"R"})") + "," +
                                     field_json("m", R"({"type":"map","values":["R","null"]})") + "," +
                                     field_json("u", R"(["int","R"])"))),
            "v:i n:vu? l:+L[item:vu] m:+L[entries:+s[key:vu,value:vu?]] u:+s[int:i?,R:vu?]");
}

TEST(ArrowType, ProjectionKeepsTheOrderOfTheSchema) {
  const std::string schema =
      record_json(field_json("a", "\"int\"") + "," + field_json("b", "\"long\"") + "," + field_json("c", "\"string\""));
  EXPECT_EQ(columns_text(schema, Names{"c", "a"}), "a:i c:vu");
  EXPECT_EQ(columns_text(schema, Names{"b", "b", "b"}), "b:l");
  EXPECT_EQ(columns_text(schema, Names{"zz", "B", "", "a.x", ".a", "a."}), "");
  EXPECT_EQ(columns_text(schema, Names{}), "");
  EXPECT_EQ(columns_text("\"int\"", Names{"value"}), "value:i");
  EXPECT_EQ(columns_text("\"int\"", Names{"int"}), "");
}

const char* const kNested =
    R"({"type":"record","name":"R","fields":[
      {"name":"id","type":"long"},
      {"name":"address","type":["null",{"type":"record","name":"Address","fields":[
         {"name":"city","type":"string"},{"name":"zip","type":"int"},
         {"name":"geo","type":{"type":"record","name":"Geo","fields":[{"name":"lat","type":"double"},{"name":"lon","type":"double"}]}}]}]},
      {"name":"past","type":{"type":"array","items":{"type":"array","items":"Address"}}},
      {"name":"by","type":{"type":"map","values":["null","Address"]}},
      {"name":"u","type":["int",{"type":"record","name":"ns.Rec","fields":[{"name":"x","type":"int"},{"name":"y","type":"int"}]}]}]})";

TEST(ArrowType, ProjectionOfNestedFields) {
  EXPECT_EQ(columns_text(kNested, Names{"address.city"}), "address:+s?[city:vu?]");
  EXPECT_EQ(columns_text(kNested, Names{"address.geo.lon", "address.city"}), "address:+s?[city:vu?,geo:+s?[lon:g?]]");
  EXPECT_EQ(columns_text(kNested, Names{"address.geo.lon", "address.geo"}), "address:+s?[geo:+s?[lat:g?,lon:g?]]");
  EXPECT_EQ(columns_text(kNested, Names{"address.geo", "address.geo.lon"}), "address:+s?[geo:+s?[lat:g?,lon:g?]]");
  EXPECT_EQ(columns_text(kNested, Names{"past.zip", "past.city"}), "past:+L[item:+L[item:+s[city:vu,zip:i]]]");
  EXPECT_EQ(columns_text(kNested, Names{"by.value.zip"}), "by:+L[entries:+s[value:+s?[zip:i?]]]");
  EXPECT_EQ(columns_text(kNested, Names{"by.key"}), "by:+L[entries:+s[key:vu]]");
  EXPECT_EQ(columns_text(kNested, Names{"u.ns.Rec.y"}), "u:+s[ns.Rec:+s?[y:i?]]");
  EXPECT_EQ(columns_text(kNested, Names{"u.int"}), "u:+s[int:i?]");
}

TEST(ArrowType, ProjectionIgnoresWhatLeadsNowhere) {
  EXPECT_EQ(columns_text(kNested, Names{"address.street", "past.geo.alt", "id.x", "by.zip", "u.Rec.y", "address.",
                                        ".address", "address..city"}),
            "");
  EXPECT_EQ(columns_text(kNested, Names{"past.zip", "past.street"}), "past:+L[item:+L[item:+s[zip:i]]]");
  EXPECT_EQ(columns_text(kNested, Names{"address.street", "address.zip"}), "address:+s?[zip:i?]");
  EXPECT_EQ(columns_text(kNested, Names{"address.geo.alt", "id"}), "id:l");
}

TEST(ArrowType, NamesThatHoldDots) {
  const std::string schema =
      record_json(field_json("a", record_json(field_json("b", "\"int\"") + "," + field_json("b.c", "\"long\""), "A")) +
                  "," + field_json("a.b", "\"string\"") + "," + field_json("x.y.z", "\"double\""));
  EXPECT_EQ(columns_text(schema, Names{"a.b"}), "a.b:vu");  // the whole name first
  EXPECT_EQ(columns_text(schema, Names{"a.b.c"}), "a:+s[b.c:l]");
  EXPECT_EQ(columns_text(schema, Names{"x.y.z"}), "x.y.z:g");
  EXPECT_EQ(columns_text(schema, Names{"x.y", "x"}), "");
  EXPECT_EQ(columns_text(record_json(field_json("", "\"int\"")), Names{""}), ":i");
}

TEST(ArrowType, ProjectedColumnsAreNumberedInPreorder) {
  const auto columns = columns_of(parse_schema(kNested), Names{"address.geo", "past.zip", "u"});
  uint32_t next = 0;
  const auto check = [&](const auto& self, const ArrowType& type) -> void {
    for (const ArrowType& child : type.children) {
      EXPECT_EQ(child.column, next++);
      self(self, child);
    }
  };
  check(check, *columns);
  EXPECT_EQ(next, 13U);
}

std::string difference_of(const std::string& expected, const std::string& actual) {
  return difference(arrow_columns(parse_schema(expected)), arrow_columns(parse_schema(actual)));
}

TEST(ArrowType, DifferencesOfFiles) {
  const auto fields = [](std::initializer_list<std::pair<const char*, const char*>> list) {
    std::string out;
    for (const auto& [name, type] : list) out += (out.empty() ? "" : ",") + field_json(name, type);
    return record_json(out);
  };
  EXPECT_EQ(difference_of(kNested, kNested), "");
  EXPECT_EQ(difference_of(fields({{"a", "\"int\""}, {"b", "\"long\""}}), fields({{"b", "\"long\""}, {"a", "\"int\""}})),
            "");
  EXPECT_EQ(difference_of(fields({{"a", R"(["null","int"])"}}), fields({{"a", R"(["int","null"])"}})), "");
  EXPECT_EQ(difference_of(fields({{"a", R"(["null","int","string"])"}}), fields({{"a", R"(["string","int","null"])"}})),
            "");
  EXPECT_EQ(difference_of(fields({{"a", "\"int\""}}), fields({{"a", R"(["int"])"}})), "");
  EXPECT_EQ(difference_of(fields({{"a", "\"int\""}}), fields({{"a", "\"int\""}, {"b", "\"int\""}})),
            "field 'b' is additional");
  EXPECT_EQ(difference_of(fields({{"a", "\"int\""}, {"b", "\"int\""}}), fields({{"a", "\"int\""}})),
            "field 'b' is missing");
  for (
      const auto& [one, other] : std::initializer_list<std::pair<const char*, const char*>>{
          {"\"int\"", "\"long\""},
          {"\"int\"", R"(["null","int"])"},
          {R"(["null","int"])", "\"int\""},
          {"\"int\"", R"({"type":"int","logicalType":"date"})"},
          {R"({"type":"int","logicalType":"time-millis"})", R"({"type":"long","logicalType":"time-micros"})"},
          {R"({"type":"long","logicalType":"timestamp-millis"})",
           R"({"type":"long","logicalType":"local-timestamp-millis"})"},
          {R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})",
           R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":3})"},
          {"\"string\"", R"({"type":"bytes","logicalType":"big-decimal"})"},
          {R"({"type":"array","items":"int"})", R"({"type":"array","items":"long"})"},
          {R"({"type":"array","items":"int"})", R"({"type":"map","values":"int"})"},
          {R"(["null","int","string"])", R"(["int","string"])"},
          {R"(["int","string"])", R"(["int","bytes"])"},
          {R"(["int","string"])", R"(["int","string","bytes"])"},
          {R"(["int","string"])",
           R"({"type":"record","name":"U","fields":[{"name":"int","type":["null","int"]},{"name":"string","type":["null","string"]}]})"},
          {R"({"type":"enum","name":"E","symbols":["A","B"]})", R"({"type":"enum","name":"E","symbols":["B","A"]})"},
          {R"({"type":"enum","name":"E","symbols":["A"]})", R"({"type":"enum","name":"E","symbols":["A","B"]})"},
          {"\"string\"", R"(["null","R"])"},
          {"\"string\"", "\"null\""}}) {
    EXPECT_NE(difference_of(fields({{"a", one}}), fields({{"a", other}})), "") << one << " " << other;
    EXPECT_NE(difference_of(fields({{"a", other}}), fields({{"a", one}})), "") << one << " " << other;
    const std::string in_list = R"({"type":"array","items":)" + std::string(other) + "}";
    EXPECT_EQ(difference_of(fields({{"a", in_list.c_str()}}), fields({{"a", in_list.c_str()}})), "");
  }
  EXPECT_NE(difference_of("\"int\"", "\"long\""), "");
}

std::optional<Error> error_of_columns(const std::string& schema) {
  try {
    (void)arrow_columns(parse_schema(schema));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kSchema);
    return error;
  }
  return std::nullopt;
}

// Each record uses the one before twice: a kilobyte of text stands for 2^times columns.
std::string doubling(int times) {
  std::string schema = record_json(field_json("x", "\"int\""), "T0");
  for (int i = 1; i <= times; ++i) {
    schema = record_json(field_json("a", schema) + "," + field_json("b", "\"T" + std::to_string(i - 1) + "\""),
                         "T" + std::to_string(i));
  }
  return schema;
}

TEST(ArrowType, NamedTypesUsedAgainAndAgainAreBounded) {
  EXPECT_FALSE(error_of_columns(doubling(14)).has_value());
  for (const int times : {16, 17, 25, 60}) EXPECT_TRUE(error_of_columns(doubling(times)).has_value()) << times;
}

// kMaxColumns alone does not bound the time to walk over all columns below each struct: deep structs take more.
TEST(ArrowType, LevelsOfColumnsAreBounded) {
  const auto tower = [](int height, int width) {
    std::string fields;
    for (int i = 0; i < width; ++i) fields += (i == 0 ? "" : ",") + field_json("w" + std::to_string(i), "\"int\"");
    std::string record = record_json(fields, "W");
    for (int i = 0; i < height; ++i) {
      const std::string wide = i == 0 ? record_json(field_json("a", "\"int\""), "V") : "\"W\"";
      record = record_json(field_json("z", record) + "," + field_json("w", wide), "R" + std::to_string(i));
    }
    return record;
  };
  EXPECT_FALSE(error_of_columns(tower(20, 780)).has_value());
  EXPECT_TRUE(error_of_columns(tower(100, 780)).has_value());
}

// Named types that refer to each other nest deeper than the text does.
TEST(ArrowType, ChainsOfNamedTypesAreBounded) {
  const auto chain = [](int length) {
    std::string fields = field_json("f0", record_json(field_json("x", "\"int\""), "T0"));
    for (int i = 1; i < length; ++i) {
      fields +=
          "," + field_json("f" + std::to_string(i),
                           record_json(field_json("x", "\"T" + std::to_string(i - 1) + "\""), "T" + std::to_string(i)));
    }
    return record_json(fields);
  };
  EXPECT_FALSE(error_of_columns(chain(100)).has_value());
  EXPECT_TRUE(error_of_columns(chain(kMaxSchemaDepth + 1)).has_value());
}

// The text has a name or symbol once, the columns have it for each use.
TEST(ArrowType, TextOfColumnsIsBounded) {
  const std::string long_name(1 << 20, 'n');
  std::string fields = field_json("f0", record_json(field_json(long_name, "\"int\""), "T"));
  for (int i = 1; i < 300; ++i) fields += "," + field_json("f" + std::to_string(i), "\"T\"");
  EXPECT_TRUE(error_of_columns(record_json(fields)).has_value());

  std::string symbols = "\"S0\"";
  for (int i = 1; i < 20'000; ++i) symbols += ",\"S" + std::to_string(i) + "\"";
  fields = field_json("f0", R"({"type":"enum","name":"E","symbols":[)" + symbols + "]}");
  EXPECT_FALSE(error_of_columns(record_json(fields)).has_value());
  for (int i = 1; i < 1000; ++i) fields += "," + field_json("f" + std::to_string(i), "\"E\"");
  EXPECT_TRUE(error_of_columns(record_json(fields)).has_value());
}

// Branches become columns by name. Two of one name would share a column.
TEST(ArrowType, ABranchCalledLikeATypeIsNoSecondOne) {
  EXPECT_TRUE(
      error_of_columns(
          record_json(field_json(
              "u",
              R"([{"type":"record","name":"array","fields":[{"name":"item","type":"double"}]},{"type":"array","items":"int"}])")))
          .has_value());
}

}  // namespace
}  // namespace jetliner
