// Writer's and reader's schema text -> the plan as text (Avro 1.12, "Schema Resolution").
#include "resolution/resolve.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "resolved.h"

namespace jetliner {
namespace {

using Names = std::vector<std::string>;

std::string plan_text(std::string_view writer, std::string_view reader, const std::optional<Names>& projection = {}) {
  return resolved_plan(writer, reader, projection)->dump();
}

// A reader's field with attributes beside name and type.
std::string with(std::string_view name, std::string_view type, std::string_view more) {
  return R"({"name":")" + std::string(name) + R"(","type":)" + std::string(type) + "," + std::string(more) + "}";
}

TEST(Resolve, FieldsAreFoundByNameAndDroppedAndFilledIn) {
  const std::string writer = record_json(field_json("a", "\"int\"") + "," + field_json("gone", "\"string\"") + "," +
                                         field_json("gone2", "\"long\"") + "," + field_json("gone3", "\"long\"") + "," +
                                         field_json("c", "\"long\""));
  const std::string reader = record_json(with("c2", "\"double\"", R"("aliases":["old","c"])") + "," +
                                         with("n", R"(["null","string"])", R"("default":null)") + "," +
                                         with("d", R"({"type":"array","items":"int"})", R"("default":[1,2])") + "," +
                                         field_json("a", "\"long\""));
  EXPECT_EQ(plan_text(writer, reader),
            "0 IntToLong column 4 'a'\n"
            "1 SkipBytes 'gone'\n"
            "2 SkipVarints a 2 'gone2'\n"
            "3 LongToDouble column 0 'c2'\n"
            "4 Null columns [1, 2) 'n'\n"
            "5 Default 04020400 'd'\n"
            "  0 List column 2 b 1 to 3 'd'\n"
            "  1 Int column 3 'd[]'\n"
            "  2 EndItem 'd'\n"
            "  3 End 'd'\n"
            "6 End\n");
  // Columns that are not selected are neither converted nor filled with defaults.
  EXPECT_EQ(plan_text(writer, reader, Names{"c2"}),
            "0 SkipVarints a 1 'a'\n"
            "1 SkipBytes 'gone'\n"
            "2 SkipVarints a 2 'gone2'\n"
            "3 LongToDouble column 0 'c2'\n"
            "4 End\n");
}

TEST(Resolve, PromotionsOfNumbersAndTexts) {
  const auto op_of = [](const std::string& writer, const std::string& reader) {
    const std::string text = plan_text(writer, reader);
    return text.substr(2, text.find(" 'value'") - 2);
  };
  EXPECT_EQ(op_of("\"int\"", "\"long\""), "IntToLong column 0");
  EXPECT_EQ(op_of("\"int\"", "\"float\""), "IntToFloat column 0");
  EXPECT_EQ(op_of("\"int\"", "\"double\""), "IntToDouble column 0");
  EXPECT_EQ(op_of("\"long\"", "\"float\""), "LongToFloat column 0");
  EXPECT_EQ(op_of("\"long\"", "\"double\""), "LongToDouble column 0");
  EXPECT_EQ(op_of("\"float\"", "\"double\""), "FloatToDouble column 0");
  EXPECT_EQ(op_of("\"string\"", "\"bytes\""), "Bytes column 0");
  EXPECT_EQ(op_of("\"bytes\"", "\"string\""), "String column 0");
  EXPECT_EQ(op_of(R"(["null","int"])", R"(["double","null"])"), "NullableIntToDouble column 0 null 0");
  EXPECT_EQ(op_of(R"(["string","null"])", R"(["null","bytes"])"), "NullableBytes column 0 null 1");
}

// The reader's logical type is used, with the number or bytes in the file.
TEST(Resolve, LogicalTypesAreTheReaders) {
  const auto op_of = [](const std::string& writer, const std::string& reader) {
    const std::string text = plan_text(writer, reader);
    return text.substr(2, text.find(" 'value'") - 2);
  };
  const std::string time_micros = R"({"type":"long","logicalType":"time-micros"})";
  const std::string decimal = R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})";
  EXPECT_EQ(op_of("\"int\"", time_micros), "TimeMicros column 0");
  EXPECT_EQ(op_of(time_micros, "\"long\""), "Long column 0");
  EXPECT_EQ(op_of("\"int\"", R"({"type":"long","logicalType":"timestamp-millis"})"), "IntToLong column 0");
  EXPECT_EQ(op_of(R"({"type":"long","logicalType":"timestamp-millis"})",
                  R"({"type":"long","logicalType":"timestamp-micros"})"),
            "Long column 0");
  EXPECT_EQ(op_of("\"bytes\"", decimal), "DecimalBytes column 0 a 9");
  EXPECT_EQ(op_of("\"string\"", decimal), "DecimalBytes column 0 a 9");
  EXPECT_EQ(op_of(decimal, "\"bytes\""), "Bytes column 0");
  EXPECT_EQ(op_of(decimal, decimal), "DecimalBytes column 0 a 9");
  EXPECT_EQ(resolution_error(decimal, R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":3})"),
            "schema mismatch with the reader schema: the file's bytes (decimal(9,2)) cannot be read as bytes "
            "(decimal(9,3)) @ ");
}

TEST(Resolve, EnumsBySymbol) {
  EXPECT_EQ(plan_text(enum_json(R"("a","b","x")"), enum_json(R"("b","a")")),
            "0 EnumMap column 0 a 3 to 1,0,-1 'value'\n1 End\n");
  EXPECT_EQ(plan_text(enum_json(R"("a","b","x")"), enum_json(R"("b","a")", R"(,"default":"a")")),
            "0 EnumMap column 0 a 3 to 1,0,1 'value'\n1 End\n");
  // More symbols at the end change nothing.
  EXPECT_EQ(plan_text(enum_json(R"("a","b")"), enum_json(R"("a","b","c")")), "0 Enum column 0 a 2 'value'\n1 End\n");
  EXPECT_EQ(plan_text("[\"null\"," + enum_json(R"("a","b")") + "]", "[" + enum_json(R"("b")") + ",\"null\"]"),
            "0 NullableEnumMap column 0 null 0 a 2 to -1,0 'value'\n1 End\n");
}

TEST(Resolve, UnionOfTheWriterOnly) {
  EXPECT_EQ(plan_text(R"(["null","int","string"])", "\"long\""),
            "0 Union to 7 skipped 1 3 5 'value'\n"
            "1 Fail (the file's null cannot be read as long) 'value'\n"
            "2 Jump to 7 'value'\n"
            "3 IntToLong column 0 'value'\n"
            "4 Jump to 7 'value'\n"
            "5 Fail (the file's string cannot be read as long) 'value'\n"
            "6 Jump to 7 'value'\n"
            "7 End\n");
  EXPECT_EQ(plan_text(R"(["int"])", "\"long\""), "0 Branch a 1 'value'\n1 IntToLong column 0 'value'\n2 End\n");
}

TEST(Resolve, UnionOfTheReaderOnly) {
  EXPECT_EQ(plan_text("\"int\"", R"(["null","long"])"), "0 IntToLong column 0 'value'\n1 End\n");
  EXPECT_EQ(plan_text("\"null\"", R"(["null","long"])"), "0 Null columns [0, 1) 'value'\n1 End\n");
  // The same type comes before a promotion, whatever the order. Of promotions the first counts.
  EXPECT_EQ(plan_text("\"int\"", R"(["null","double","int"])"),
            "0 Null columns [1, 2) 'value(int)'\n1 Int column 2 'value(int)'\n2 End\n");
  EXPECT_EQ(plan_text("\"int\"", R"(["string","double","long"])"),
            "0 Null columns [1, 2) 'value(double)'\n"
            "1 Null columns [3, 4) 'value(double)'\n"
            "2 IntToDouble column 2 'value(double)'\n"
            "3 End\n");
}

TEST(Resolve, UnionsOfBoth) {
  EXPECT_EQ(plan_text(R"(["null","int","string"])", R"(["string","null","int"])"),
            "0 Union to 6 columns [0, 3) 1:null 2 4 'value'\n"
            "1 Jump to 6 'value'\n"
            "2 Int column 2 'value(int)'\n"
            "3 Jump to 6 'value'\n"
            "4 String column 1 'value(string)'\n"
            "5 Jump to 6 'value'\n"
            "6 End\n");
  // A branch that the writer does not have is null as well.
  EXPECT_EQ(plan_text(R"(["null","int","string"])", R"(["string","null","int","bytes"])"),
            "0 Union to 10 skipped 1 3 7 'value'\n"
            "1 Null columns [0, 4) 'value'\n"
            "2 Jump to 10 'value'\n"
            "3 Null columns [1, 2) 'value(int)'\n"
            "4 Null columns [3, 4) 'value(int)'\n"
            "5 Int column 2 'value(int)'\n"
            "6 Jump to 10 'value'\n"
            "7 Null columns [2, 4) 'value(string)'\n"
            "8 String column 1 'value(string)'\n"
            "9 Jump to 10 'value'\n"
            "10 End\n");
}

TEST(Resolve, NamedTypesByUnqualifiedNameOrAlias) {
  const auto fixed = [](const std::string& name, const std::string& aliases = "") {
    return R"({"type":"fixed","name":")" + name + R"(","size":2)" +
           (aliases.empty() ? "" : R"(,"aliases":[")" + aliases + R"("])") + "}";
  };
  EXPECT_EQ(resolution_error(fixed("a.F"), fixed("b.F")), "no error");
  EXPECT_EQ(resolution_error(fixed("a.F"), fixed("b.G", "a.F")), "no error");
  EXPECT_EQ(resolution_error(fixed("a.F"), fixed("a.G", "F")), "no error");
  // An alias without a namespace has that of the type.
  EXPECT_NE(resolution_error(fixed("a.F"), fixed("b.G", "F")), "no error");
  EXPECT_EQ(
      resolution_error(fixed("a.F"), fixed("a.G")),
      "schema mismatch with the reader schema: the file's fixed \"a.F\" of 2 bytes cannot be read as fixed \"a.G\" "
      "of 2 bytes; if they are the same, add the alias \"a.F\" to the reader's fixed \"a.G\" @ G");
  // The full name comes before the unqualified one, and that before an alias.
  const std::string writer = one_field(fixed("a.F"));
  const auto field = [&](const std::string& reader_union) {
    const std::string text = plan_text(writer, one_field(reader_union));
    const size_t at = text.rfind("f(") + 2;
    return text.substr(at, text.find(')', at) - at);
  };
  EXPECT_EQ(field("[" + fixed("b.X", "a.F") + "," + fixed("b.F") + "," + fixed("c.F") + "]"), "b.F");
  EXPECT_EQ(field("[" + fixed("b.F") + "," + fixed("a.F") + "]"), "a.F");
  EXPECT_EQ(field("[" + fixed("b.X", "a.F") + "," + fixed("b.Y") + "]"), "b.X");
}

TEST(Resolve, NestedTypes) {
  EXPECT_EQ(
      plan_text(
          R"({"type":"array","items":{"type":"map","values":["null",)" + record_json(field_json("x", "\"int\""), "P") +
              "]}}",
          R"({"type":"array","items":{"type":"map","values":["null",{"type":"record","name":"Q",)"
          R"("aliases":["P"],"fields":[{"name":"x","type":"float"},{"name":"e","type":"string","default":"é"}]}]}})"),
      "0 List column 0 b 1 to 8 'value'\n"
      "1 Map column 1 b 2 to 7 'value[]'\n"
      "2 String column 3 'value[]{key}'\n"
      "3 Nullable null 0 columns [4, 7) to 6 'value[]{}'\n"
      "4 IntToFloat column 5 'value[]{}.x'\n"
      "5 Default 04c3a9 'value[]{}.e'\n"
      "  0 String column 6 'value[]{}.e'\n"
      "  1 End 'value[]{}.e'\n"
      "6 EndItem 'value[]'\n"
      "7 EndItem 'value'\n"
      "8 End\n");
}

// A schema resolved against itself has the same plan as without resolution.
TEST(Resolve, NothingToResolve) {
  const std::string list = R"({"type":"record","name":"L","fields":[{"name":"v","type":"int"},)"
                           R"({"name":"n","type":["null","L"]},{"name":"all","type":{"type":"array","items":"L"}}]})";
  for (const std::string& type :
       {std::string("\"int\""), std::string(R"(["null","string"])"), std::string(R"(["double","int","null"])"),
        std::string(R"(["null"])"), std::string(R"(["long"])"), enum_json(R"("a","b")"), list,
        std::string(R"({"type":"map","values":["null",{"type":"array","items":"bytes"}]})"),
        std::string(R"({"type":"fixed","name":"F","size":16,"logicalType":"uuid"})"),
        record_json(field_json("x", R"(["string","int"])") + "," + field_json("y", "\"null\""), "P")}) {
    const std::string schema = record_json(field_json("before", "\"int\"") + "," + field_json("f", type) + "," +
                                           field_json("after", R"(["null","long"])"));
    SCOPED_TRACE(type);
    std::string whole = plan_text(schema, schema);
    // JSON text has the reader's names.
    for (size_t at = 0; (at = whole.find(" b 1 'f.", at)) != std::string::npos;) {
      if (whole.rfind("Json", at) > whole.rfind('\n', at)) whole.erase(at, 4);
      ++at;
    }
    EXPECT_EQ(whole, plan_of(schema)->dump());
    EXPECT_EQ(plan_text(schema, schema, Names{"after"}), plan_of(schema, Names{"after"})->dump());
  }
}

// Recursive records are read without resolution where nothing in them changes.
TEST(Resolve, RecordsWithinThemselves) {
  const std::string list = record_json(field_json("v", "\"int\"") + "," + field_json("n", R"(["null","L"])"), "L");
  const std::string more = record_json(field_json("v", "\"int\"") + "," + field_json("n", R"(["null","L"])") + "," +
                                           with("z", "\"int\"", R"("default":7)"),
                                       "L");
  EXPECT_EQ(plan_text(record_json(field_json("l", list) + "," + field_json("x", "\"int\"")),
                      record_json(field_json("x", "\"long\"") + "," + field_json("l", list))),
            "0 Int column 2 'l.v'\n"
            "1 Nullable null 0 columns [3, 4) to 3 'l.n'\n"
            "2 Json column 3 b 1 'l.n'\n"
            "3 IntToLong column 0 'x'\n"
            "4 End\n");
  EXPECT_EQ(plan_text(list, more),
            "0 Int column 0 'v'\n"
            "1 Nullable null 0 columns [1, 2) to 3 'n'\n"
            "2 ResolvedJson column 1 'n'\n"
            "3 Default 0e 'z'\n"
            "  0 Int column 2 'z'\n"
            "  1 End 'z'\n"
            "4 End\n");
}

TEST(Resolve, UnresolvableSchemasNameThePlace) {
  const std::string mismatch = "schema mismatch with the reader schema: ";
  const auto error_of = [](const std::string& writer_fields, const std::string& reader_fields) {
    return resolution_error(record_json(writer_fields), record_json(reader_fields));
  };
  EXPECT_EQ(error_of(field_json("a", "\"string\""), field_json("a", "\"int\"")),
            mismatch + "the file's string cannot be read as int @ R.a");
  EXPECT_EQ(error_of(field_json("a", "\"long\""), field_json("a", "\"int\"")),
            mismatch + "the file's long cannot be read as int @ R.a");
  EXPECT_EQ(error_of("", field_json("a", "\"int\"")),
            mismatch + "the file has no such field, and the field has no default @ R.a");
  EXPECT_EQ(error_of(field_json("a", R"({"type":"array","items":{"type":"map","values":"string"}})"),
                     field_json("a", R"({"type":"array","items":{"type":"map","values":"int"}})")),
            mismatch + "the file's string cannot be read as int @ R.a[]{}");
  EXPECT_EQ(error_of(field_json("a", "\"int\""), field_json("a", R"(["null","string"])")),
            mismatch + "the file's int matches no branch of the reader's union @ R.a");
  EXPECT_EQ(error_of(field_json("a", R"(["int","long"])"), field_json("a", "\"string\"")),
            mismatch + "no branch of the file's union can be read as string @ R.a");
  EXPECT_EQ(error_of(field_json("a", "\"int\"") + "," + field_json("b", "\"int\""),
                     with("b", "\"int\"", R"("aliases":["a"])")),
            mismatch + "the file's fields \"b\" and \"a\" both match this field, by its name and aliases @ R.b");
  EXPECT_EQ(error_of(field_json("a", enum_json("\"x\"", "", "E")), field_json("a", enum_json("\"x\"", "", "D"))),
            mismatch +
                "the file's enum \"E\" cannot be read as enum \"D\"; if they are the same, add the alias \"E\" "
                "to the reader's enum \"D\" @ R.a");
  EXPECT_EQ(error_of(field_json("a", enum_json("\"x\"")), field_json("a", "\"string\"")),
            mismatch + "the file's enum \"E\" cannot be read as string @ R.a");
}

// The alias that an error asks for is the one that helps.
TEST(Resolve, HintsOfAliases) {
  const auto hint = [](const std::string& writer, const std::string& reader) {
    const std::string error = resolution_error(one_field(writer), one_field(reader));
    const size_t start = error.find("; ");
    return start == std::string::npos ? error : error.substr(start + 2, error.rfind(" @ ") - start - 2);
  };
  const auto type = [](const std::string& name, const std::string& alias = "") {
    return R"({"type":"record","name":")" + name + R"(","aliases":[")" + alias + R"("],"fields":[]})";
  };
  EXPECT_EQ(hint(type("A"), type("B")), "if they are the same, add the alias \"A\" to the reader's record \"B\"");
  EXPECT_EQ(hint(type("A"), type("n.B")), "if they are the same, add the alias \".A\" to the reader's record \"n.B\"");
  EXPECT_EQ(hint(type("m.A"), type("n.B")),
            "if they are the same, add the alias \"m.A\" to the reader's record \"n.B\"");
  EXPECT_EQ(hint(type("A"), type("")),
            "if they are the same, add the alias \"A\" to the reader's record with the empty name");
  EXPECT_EQ(hint(type(""), type("B")), "give the reader's record an empty name as well");
  for (const auto& [writer, reader] :
       std::vector<std::pair<std::string, std::string>>{{type("A"), type("B", "A")},
                                                        {type("A"), type("n.B", ".A")},
                                                        {type("m.A"), type("n.B", "m.A")},
                                                        {type("A"), type("", "A")},
                                                        {type(""), type("")},
                                                        {type("m."), type("")}}) {
    EXPECT_EQ(hint(writer, reader), "no error");
  }
  // In unions, one of which holds null and the record.
  EXPECT_EQ(hint(type("A"), "[\"null\"," + type("B") + "]"),
            "if they are the same, add the alias \"A\" to the reader's record \"B\"");
  EXPECT_EQ(hint("[\"int\"," + type("A") + "]", type("B")),
            "if they are the same, add the alias \"A\" to the reader's record \"B\"");
  // A name is not all that differs.
  EXPECT_EQ(
      hint(R"({"type":"fixed","name":"A","size":1})", R"({"type":"fixed","name":"B","size":2})"),
      "schema mismatch with the reader schema: the file's fixed \"A\" of 1 bytes cannot be read as fixed \"B\" of 2 "
      "bytes @ R.f");
}

// As in Avro's Java library.
TEST(Resolve, RecordAtTopLevelMayHaveAnyName) {
  EXPECT_EQ(resolved_rows(record_json(field_json("x", "\"int\""), "a.A"), record_json(field_json("x", "\"long\""), "B"),
                          Values().number(5)),
            Names{"{x:5}"});
  EXPECT_EQ(resolved_rows(record_json(field_json("x", "\"int\""), ""), record_json(field_json("x", "\"long\""), "B"),
                          Values().number(5)),
            Names{"{x:5}"});
  // Where the record contains itself.
  const auto chain = [](const std::string& name, const std::string& type) {
    return record_json(field_json("x", type) + "," + field_json("next", "[\"null\",\"" + name + "\"]"), name);
  };
  EXPECT_EQ(resolved_rows(chain("A", "\"int\""), chain("B", "\"long\""),
                          Values().number(1).branch(1).number(2).branch(1).number(3).branch(0)),
            Names{R"({x:1,next:"{"x":2,"next":{"x":3,"next":null}}"})"});
  // Other types, and records that are not at top level, need their names.
  EXPECT_NE(resolution_error(enum_json("\"x\"", "", "E"), enum_json("\"x\"", "", "D")), "no error");
  const auto array = [](const std::string& items) { return R"({"type":"array","items":)" + items + "}"; };
  EXPECT_NE(resolution_error(array(record_json("", "A")), array(record_json("", "B"))), "no error");
  EXPECT_NE(resolution_error(record_json("", "A"), "[\"null\"," + record_json("", "B") + "]"), "no error");
}

TEST(Resolve, UnionsOfNullOnly) {
  const std::string nulls = R"(["null","null"])";
  for (const std::string& reader : {std::string("\"null\""), nulls}) {
    EXPECT_EQ(resolved_value(nulls, reader, Values().branch(1)), "null") << reader;
    EXPECT_EQ(resolved_value("\"null\"", reader, Values()), "null") << reader;
  }
  EXPECT_EQ(resolved_value(nulls, R"(["int","null"])", Values().branch(1)), "null");
  EXPECT_EQ(resolved_value(R"(["null","int"])", nulls, Values().branch(0)), "null");
  EXPECT_EQ(
      resolved_rows(record_json(field_json("a", "\"int\"")),
                    record_json(field_json("a", "\"int\"") + R"(,{"name":"n","type":["null","null"],"default":null})"),
                    Values().number(1)),
      Names{"{a:1,n:null}"});
}

// Two cycles of different length meet in every combination of their parts.
TEST(Resolve, CyclesOfDifferentLength) {
  const auto cycle = [](int length, const std::string& space) {
    std::string type = "\"" + space + ".T0\"";
    for (int i = length - 1; i >= 0; --i) {
      const std::string more = R"("aliases":["w.T0","w.T1","w.T2","w.T3","w.T4","w.T5","w.T6"])";
      type = R"({"type":"record","name":")" + space + ".T" + std::to_string(i) + "\"," +
             (space == "r" && i == 0 && length == 1 ? more + "," : "") + R"("fields":[{"name":"n","type":["null",)" +
             type + "]}]}";
    }
    return type;
  };
  EXPECT_EQ(resolution_error(cycle(7, "w"), cycle(1, "r")), "no error");
  EXPECT_EQ(resolved_rows(cycle(7, "w"), cycle(1, "r"),
                          Values().branch(1).branch(1).branch(1).branch(1).branch(1).branch(1).branch(1).branch(0)),
            Names{R"({n:"{"n":{"n":{"n":{"n":{"n":{"n":{"n":null}}}}}}}"})"});
}

// A writer's union is compiled with the reader's type at each level. The plan is bounded.
TEST(Resolve, UnfoldingIsBounded) {
  // Records of the same name at every level.
  std::string reader = "\"string\"";
  for (int i = 60; i >= 0; --i) {
    const std::string space = "n" + std::to_string(i);
    reader =
        R"({"type":"record","name":")" + space + R"(.A","fields":[{"name":"a","type":["null","int",)" + reader + "]}]}";
  }
  const std::string writer = R"({"type":"record","name":"x.A","fields":[{"name":"a","type":["int","x.A",)"
                             R"({"type":"record","name":"y.A","fields":[{"name":"a","type":["int","x.A","y.A"]}]}]}]})";
  EXPECT_EQ(resolution_error(writer, reader),
            "the file's schema and the reader schema together unfold to more than 1048576 steps @ ");
}

}  // namespace
}  // namespace jetliner
