// Plans of files that were read recently. They are made once, differ by everything that they are made of, and are
// limited in number.
#include "files/known_plans.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "files/file_list.h"
#include "read_all.h"
#include "schema/fingerprint.h"

namespace jetliner {
namespace {

std::string record(const std::string& name) {
  return R"({"type":"record","name":")" + name + R"(","fields":[{"name":"a","type":"long"},)" +
         R"({"name":"b","type":{"type":"enum","name":"E","symbols":["X","Y"]}}]})";
}

MemoryFiles one_file(const std::string& schema) { return MemoryFiles(AvroFile(schema).bytes()); }

std::shared_ptr<const ArrowType> columns_of(const std::string& schema, const ReadOptions& options = {},
                                            const QueryOptions& query = {}) {
  const MemoryFiles files = one_file(schema);
  return FileList(files.paths(), options, query, files.opener()).plans().columns();
}

TEST(KnownPlans, OfTheSameSchemaAreMadeOnce) {
  EXPECT_EQ(columns_of(record("Once")), columns_of(record("Once")));
  EXPECT_NE(columns_of(record("Once")), columns_of(record("Twice")));
}

TEST(KnownPlans, AreOfTheOptionsThatTheyWereMadeFor) {
  const std::string schema = record("Options");
  std::vector<ReadOptions> options(9);
  options[1].types.enum_as = EnumAs::kString;
  options[2].columns = ColumnNames{{"a"}};
  options[3].columns = ColumnNames{{"b"}};
  options[4].columns = ColumnPaths{{"b"}};
  std::vector<QueryOptions> queries(options.size());
  queries[5].filter_columns = {"a"};
  queries[6].filter_columns = {"b"};
  options[7].types.utf8 = Utf8::kReplace;
  options[8].types.map_as = MapAs::kMap;
  std::vector<std::shared_ptr<const ArrowType>> columns;
  for (size_t i = 0; i < options.size(); ++i) columns.push_back(columns_of(schema, options[i], queries[i]));
  for (size_t i = 0; i < options.size(); ++i) {
    EXPECT_EQ(columns_of(schema, options[i], queries[i]), columns[i]) << i;
    for (size_t j = 0; j < i; ++j) EXPECT_NE(columns[i], columns[j]) << i << " " << j;
  }
  const MemoryFiles files = one_file(schema);
  for (const int i : {5, 6}) {
    const FileList list(files.paths(), options[i], queries[i], files.opener());
    EXPECT_EQ(list.plans().candidate_columns()->children.front().name, queries[i].filter_columns->front());
  }
}

TEST(KnownPlans, AReadByAReaderSchemaOrOfMergedColumnsHasItsOwn) {
  const std::string schema = record("Own");
  const auto plain = columns_of(schema);
  ReadOptions options;
  options.reader_schema = R"({"type":"record","name":"Own","fields":[{"name":"a","type":"double"}]})";
  EXPECT_EQ(columns_of(schema, options)->children.size(), 1U);
  options.reader_schema.reset();
  EXPECT_NE(columns_of(schema, options, {.merge_columns = true}), plain);
  EXPECT_EQ(columns_of(schema), plain);
}

TEST(KnownPlans, AreForgottenAfterOthers) {
  const auto first = columns_of(record("First"));
  for (int i = 0; i < 10; ++i) columns_of(record("Few" + std::to_string(i)));
  EXPECT_EQ(columns_of(record("First")), first);  // used again, so it is the most recent one now
  for (int i = 0; i < 15; ++i) columns_of(record("Some" + std::to_string(i)));
  EXPECT_EQ(columns_of(record("First")), first);
  for (int i = 0; i < 16; ++i) columns_of(record("Many" + std::to_string(i)));
  EXPECT_NE(columns_of(record("First")), first);
}

TEST(KnownPlans, OfLargeSchemasAreNotKept) {
  const std::string large =
      R"({"type":"record","name":")" + std::string(33 << 10, 'x') + R"(","fields":[{"name":"a","type":"long"}]})";
  EXPECT_NE(columns_of(large), columns_of(large));
}

TEST(KnownPlans, AreFoundByMeaning) {
  const auto documented = [](const std::string& doc, const std::string& more) {
    return R"({"type":"record","name":"Meaning","doc":")" + doc + R"(","fields":[{"name":"a","type":"long"}])" + more +
           "}";
  };
  const auto first = columns_of(documented("one", ""));
  EXPECT_EQ(columns_of(documented(std::string(50 << 10, 'x'), "")), first);
  EXPECT_EQ(columns_of(documented("two", R"(,"run":1)")), first);
  EXPECT_EQ(columns_of(documented("two", R"(,"run":")" + std::string(50 << 10, 'x') + '"')), first);
}

// Each record has the one before it twice. So a short text gives 2 to the power of `depth` columns.
std::string unfolding(int depth) {
  std::string schema = R"({"type":"record","name":"R0","fields":[{"name":"a","type":"long"}]})";
  for (int i = 1; i <= depth; ++i) {
    schema = R"({"type":"record","name":"R)" + std::to_string(i) + R"(","fields":[{"name":"a","type":)" + schema +
             R"(},{"name":"b","type":"R)" + std::to_string(i - 1) + R"("}]})";
  }
  return schema;
}

TEST(KnownPlans, OfSchemasThatUnfoldAreNotKept) {
  EXPECT_EQ(columns_of(unfolding(5)), columns_of(unfolding(5)));
  EXPECT_LT(unfolding(12).size(), 2000U);
  EXPECT_NE(columns_of(unfolding(12)), columns_of(unfolding(12)));
  ReadOptions options;
  options.columns = ColumnNames{{"nothing"}};  // no column has this name
  EXPECT_NE(columns_of(unfolding(12), options), columns_of(unfolding(12), options));
}

TEST(KnownPlans, WithLongNamesThatAreUsedAgainAreNotKept) {
  std::string schema =
      R"({"type":"record","name":"R","fields":[{"name":"f","type":{"type":"record","name":"T","fields":)"
      R"([{"name":")" +
      std::string(9000, 'n') + R"(","type":"int"}]}})";
  for (int i = 0; i < 150; ++i) schema += R"(,{"name":"f)" + std::to_string(i) + R"(","type":"T"})";
  schema += "]}";
  EXPECT_LT(schema.size(), size_t{16} << 10);
  EXPECT_NE(columns_of(schema), columns_of(schema));
}

TEST(KnownPlans, WithManyNamesAreNotKept) {
  const std::string schema = record("Names");
  ReadOptions options;
  options.columns = ColumnNames{std::vector<std::string>(3000, "a")};
  EXPECT_NE(columns_of(schema, options), columns_of(schema, options));
}

TEST(KnownPlans, AreKeptOnce) {
  const MemoryFiles files = one_file(record("Equal"));
  const ReadOptions options;
  const QueryOptions query;
  const FileList list(files.paths(), options, query, files.opener());
  const auto first = columns_of(record("Equal"));
  const PlanKey key{.schema = text_key(record("Equal"))};
  const std::optional<KnownPlans> known = find_plans(key);
  ASSERT_TRUE(known.has_value());
  const auto other = columns_of(record("Other"));
  for (int i = 0; i < 16; ++i) keep_plans(key, *known);  // these are not kept, so they replace nothing
  EXPECT_EQ(columns_of(record("Other")), other);
}

TEST(KnownPlans, AreForSeveralThreads) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t, &wrong] {
      for (int i = 0; i < 300; ++i) {
        const std::string name = "T" + std::to_string((i * (t + 1)) % 20);
        ReadOptions options;
        if (i % 3 == 0) options.columns = ColumnNames{{"b"}};
        const auto columns = columns_of(record(name), options);
        wrong += columns->children.size() != (i % 3 == 0 ? 1U : 2U) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace jetliner
