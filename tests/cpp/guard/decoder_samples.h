// Schemas with a row of data each. Together their plans have every operation of the decoder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decoded.h"
#include "resolved.h"

namespace jetliner {

struct DecoderSample {
  std::string name;
  std::string schema;
  Values data;
  std::string reader_schema = {};                        // empty: none
  std::optional<std::vector<std::string>> columns = {};  // absent: all
  TypeOptions types = {};
  RowStarts row_starts = RowStarts::kIgnored;

  [[nodiscard]] std::shared_ptr<const Plan> plan() const {
    if (!reader_schema.empty()) return resolved_plan(schema, reader_schema, columns, types);
    const auto parsed = std::make_shared<const Schema>(parse_schema(schema));
    return compile(parsed, columns_of(*parsed, columns, types), nullptr, row_starts);
  }
};

// A value of a type that is read by one operation.
struct LeafSample {
  std::string name;
  std::string type;
  Values value;
  TypeOptions types = {};
};

inline std::vector<LeafSample> leaf_samples() {
  const TypeOptions enum_text{.enum_as = EnumAs::kString};
  const TypeOptions replaced{.utf8 = Utf8::kReplace};
  const std::string enum_type = R"({"type":"enum","name":"E","symbols":["A","B","C","D"]})";
  return {
      {"Boolean", "\"boolean\"", Values().boolean(true)},
      {"Int", "\"int\"", Values().number(-2000000)},
      {"Long", "\"long\"", Values().number(INT64_MIN)},
      {"Float", "\"float\"", Values().real32(1.5F)},
      {"Double", "\"double\"", Values().real64(-2.5)},
      {"EmptyString", "\"string\"", Values().string("")},
      {"ShortString", "\"string\"", Values().string("twelve bytes")},
      {"LongString", "\"string\"", Values().string("more than twelve bytes, ünïcödé too")},
      {"ReplacedString", "\"string\"", Values().bytes_value("61 ff 62 c3"), replaced},
      {"ShortBytes", "\"bytes\"", Values().bytes_value("ff 00 ff")},
      {"LongBytes", "\"bytes\"", Values().bytes_value("000102030405060708090a0b0c0d0e0f1011")},
      {"ShortFixed", R"({"type":"fixed","name":"F","size":5})", Values().hex_bytes("0102030405")},
      {"LongFixed", R"({"type":"fixed","name":"F","size":20})", Values().zeros(20)},
      {"Enum", enum_type, Values().number(2)},
      {"EnumText", enum_type, Values().number(3), enum_text},
      {"Date", R"({"type":"int","logicalType":"date"})", Values().number(20000)},
      {"TimeMillis", R"({"type":"int","logicalType":"time-millis"})", Values().number(86399999)},
      {"TimeMicros", R"({"type":"long","logicalType":"time-micros"})", Values().number(86399999999)},
      {"DecimalBytes", R"({"type":"bytes","logicalType":"decimal","precision":30,"scale":2})",
       Values().bytes_value("ffffcfc7")},
      {"DecimalFixed", R"({"type":"fixed","name":"F","size":9,"logicalType":"decimal","precision":20,"scale":2})",
       Values().hex_bytes("000000000000003039")},
      {"TextBytes", R"({"type":"bytes","logicalType":"decimal","precision":60,"scale":3})",
       Values().bytes_value("00000000000000000000000000000000003039")},
      {"TextFixed", R"({"type":"fixed","name":"F","size":24,"logicalType":"decimal","precision":50,"scale":3})",
       Values().hex_bytes("ffffffffffffffffffffffffffffffffffffffffffffcfc7")},
      {"BigDecimal", R"({"type":"bytes","logicalType":"big-decimal"})",
       Values().number(4).bytes_value("3039").number(2)},
      {"Uuid", R"({"type":"fixed","name":"F","size":16,"logicalType":"uuid"})", Values().zeros(16)},
      {"Duration", R"({"type":"fixed","name":"F","size":12,"logicalType":"duration"})",
       Values().hex_bytes("000000000200000003000000")},
      {"Arrow", R"({"type":"int","logicalType":"arrow.uint16"})", Values().number(40000)},
      {"ArrowFixed", R"({"type":"fixed","name":"F","size":8,"logicalType":"arrow.uint64"})",
       Values().hex_bytes("ffffffffffffffff")},
      {"ArrowFloat", R"({"type":"float","logicalType":"arrow.float16"})", Values().real32(1.5F)},
  };
}

// A writer's type that a reader's type accepts, by an operation of its own.
struct PromotedSample {
  std::string name;
  std::string writer;
  std::string reader;
  Values value;
};

inline std::vector<PromotedSample> promoted_samples() {
  return {
      {"IntToLong", "\"int\"", "\"long\"", Values().number(-2000000)},
      {"IntToFloat", "\"int\"", "\"float\"", Values().number(-2000000)},
      {"IntToDouble", "\"int\"", "\"double\"", Values().number(-2000000)},
      {"LongToFloat", "\"long\"", "\"float\"", Values().number(INT64_MIN)},
      {"LongToDouble", "\"long\"", "\"double\"", Values().number(INT64_MIN)},
      {"FloatToDouble", "\"float\"", "\"double\"", Values().real32(1.5F)},
      {"StringToBytes", "\"string\"", "\"bytes\"", Values().string("more than twelve bytes")},
      {"BytesToString", "\"bytes\"", "\"string\"", Values().string("more than twelve bytes")},
      {"EnumMap", R"({"type":"enum","name":"E","symbols":["A","B"]})",
       R"({"type":"enum","name":"E","symbols":["B","A"]})", Values().number(1)},
  };
}

inline std::string nullable_last(const std::string& type) { return "[" + type + ",\"null\"]"; }

// Appends a sample that reads a field of the type, and one that skips it. A field after it is read in both.
inline void add_read_and_skipped(std::vector<DecoderSample>& all, const std::string& name, const std::string& type,
                                 const Values& value, const TypeOptions& types = {}) {
  const std::string schema = record_json(field_json("f", type) + "," + field_json("last", "\"string\""));
  const Values data = Values().append(value).string("the end");
  all.push_back({.name = name, .schema = schema, .data = data, .types = types});
  all.push_back({.name = name + "Skipped",
                 .schema = schema,
                 .data = data,
                 .columns = std::vector<std::string>{"last"},
                 .types = types});
  // Without a field after it: the value ends where the data ends.
  all.push_back({.name = name + "Last", .schema = one_field(type), .data = value, .types = types});
  all.push_back({.name = name + "SkippedLast",
                 .schema = one_field(type),
                 .data = value,
                 .columns = std::vector<std::string>{},
                 .types = types});
}

// Alone, nullable, null, and as items of arrays and maps.
inline std::vector<DecoderSample> samples_of(const LeafSample& leaf) {
  const Values present = Values().branch(1).append(leaf.value);
  const Values items = Values().number(2).append(leaf.value).append(leaf.value).end();
  const Values entries = Values().sized_block(1, Values().string("key").append(leaf.value)).end();
  std::vector<DecoderSample> all;
  add_read_and_skipped(all, leaf.name, leaf.type, leaf.value, leaf.types);
  add_read_and_skipped(all, "Nullable" + leaf.name, nullable(leaf.type), present, leaf.types);
  add_read_and_skipped(all, "Null" + leaf.name, nullable_last(leaf.type), Values().branch(1), leaf.types);
  add_read_and_skipped(all, "ArrayOf" + leaf.name, array_of(leaf.type), items, leaf.types);
  add_read_and_skipped(all, "MapOf" + leaf.name, map_of(leaf.type), entries, leaf.types);
  return all;
}

inline std::vector<DecoderSample> promoted() {
  std::vector<DecoderSample> all;
  const auto record = [](const std::string& type) { return one_field(type); };
  for (const PromotedSample& sample : promoted_samples()) {
    all.push_back({.name = sample.name,
                   .schema = record(sample.writer),
                   .data = sample.value,
                   .reader_schema = record(sample.reader)});
    all.push_back({.name = "Nullable" + sample.name,
                   .schema = record(nullable(sample.writer)),
                   .data = Values().branch(1).append(sample.value),
                   .reader_schema = record(nullable(sample.reader))});
  }
  return all;
}

inline std::vector<DecoderSample> nested() {
  std::vector<DecoderSample> all;
  const std::string inner = record_json(field_json("a", "\"long\"") + "," + field_json("b", "\"string\""), "Inner");
  const Values inner_value = Values().number(7).string("text of the inner record");
  const TypeOptions as_map{.map_as = MapAs::kMap};
  std::string many;
  Values many_values;
  for (int i = 0; i < 60; ++i) {
    many += (i > 0 ? "," : "") + field_json("f" + std::to_string(i), "\"long\"");
    many_values.number(INT64_MIN);
  }
  add_read_and_skipped(all, "Record", inner, inner_value);
  add_read_and_skipped(all, "NullableRecord", nullable(inner), Values().branch(1).append(inner_value));
  add_read_and_skipped(all, "OneBranch", "[\"long\"]", Values().branch(0).number(9));
  add_read_and_skipped(all, "Union", R"(["boolean","null","bytes","string"])", Values().branch(3).string("a string"));
  add_read_and_skipped(all, "ArrayOfRecords", array_of(inner),
                       Values().sized_block(1, inner_value).number(1).append(inner_value).end());
  add_read_and_skipped(all, "ArrayOfNulls", array_of("\"null\""), Values().number(100).end());
  add_read_and_skipped(all, "NestedArrays", array_of(array_of("\"int\"")),
                       Values().number(1).number(2).number(3).number(4).end().end());
  add_read_and_skipped(all, "UniqueKeys", map_of("\"int\""),
                       Values().number(2).string("k").number(1).string("k").number(2).end(), as_map);
  add_read_and_skipped(all, "UniqueKeysOfRecords",
                       R"({"type":"array","logicalType":"map","items":)" +
                           record_json(field_json("key", inner) + "," + field_json("value", "\"int\""), "KV") + "}",
                       Values().number(2).append(inner_value).number(1).append(inner_value).number(2).end(), as_map);
  add_read_and_skipped(all, "ManyScalars", record_json(many, "Many"), many_values);
  all.push_back({.name = "RowStarts",
                 .schema = one_field("\"long\""),
                 .data = Values().number(5),
                 .row_starts = RowStarts::kNoted});
  return all;
}

inline std::vector<DecoderSample> recursive() {
  std::vector<DecoderSample> all;
  const auto node = [](const std::string& type) {
    return record_json(field_json("n", type) + "," + field_json("next", R"(["null","Node"])"), "Node");
  };
  const Values list = Values().number(1).branch(1).number(2).branch(1).number(3).branch(0);
  add_read_and_skipped(all, "Recursive", node("\"int\""), list);
  all.push_back({.name = "RecursivePromoted",
                 .schema = one_field(node("\"int\"")),
                 .data = list,
                 .reader_schema = one_field(node("\"long\""))});
  all.push_back({.name = "RecursiveUnchanged",
                 .schema = one_field(node("\"int\"")),
                 .data = list,
                 .reader_schema =
                     record_json(field_json("f", node("\"int\"")) + "," + R"({"name":"g","type":"int","default":1})")});
  return all;
}

inline std::vector<DecoderSample> resolved() {
  std::vector<DecoderSample> all;
  all.push_back({.name = "Default",
                 .schema = one_field("\"string\""),
                 .data = Values().string("more than twelve bytes"),
                 .reader_schema = record_json(field_json("f", "\"string\"") + "," +
                                              R"({"name":"g","type":"string","default":"text of the default"})")});
  all.push_back({.name = "FromUnion",
                 .schema = one_field(R"(["string","long"])"),
                 .data = Values().branch(1).number(300),
                 .reader_schema = one_field("\"long\"")});
  all.push_back({.name = "IntoUnion",
                 .schema = one_field("\"int\""),
                 .data = Values().number(300),
                 .reader_schema = one_field(R"(["string","null","long"])")});
  all.push_back({.name = "FieldThatTheReaderLacks",
                 .schema = record_json(field_json("f", array_of("\"string\"")) + "," + field_json("g", "\"int\"")),
                 .data = Values().number(1).string("an item").end().number(300),
                 .reader_schema = record_json(field_json("g", "\"long\""))});
  return all;
}

struct SampleGroup {
  std::string name;
  std::vector<DecoderSample> samples;
};

inline std::vector<SampleGroup> decoder_samples() {
  std::vector<SampleGroup> all;
  for (const LeafSample& leaf : leaf_samples()) all.push_back({leaf.name, samples_of(leaf)});
  all.push_back({"Promoted", promoted()});
  all.push_back({"Nested", nested()});
  all.push_back({"Recursive", recursive()});
  all.push_back({"Resolved", resolved()});
  return all;
}

}  // namespace jetliner
