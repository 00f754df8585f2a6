// Skipping a value takes exactly the bytes that reading it takes. Reading some columns gives the same values as reading
// all columns. Both hold for generated schemas and values, whole and damaged.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "decode/scan.h"
#include "decoded.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  size_t below(size_t n) { return random_() % n; }

  std::string schema() {
    std::string fields;
    const size_t n = 1 + below(6);
    for (size_t i = 0; i < n; ++i) fields += (i > 0 ? "," : "") + field_json("f" + std::to_string(i), type(0));
    return record_json(fields, "Root");
  }

  // A value of the node, usually a valid one.
  void value(const Schema& schema, NodeId id, Values& out, int depth) {
    const SchemaNode& node = schema.node(id);
    switch (node.type) {
      case AvroType::kNull:
        return;
      case AvroType::kBoolean:
        out.boolean(below(2) == 0);
        return;
      case AvroType::kInt:
        out.number(node.logical == LogicalType::kTimeMillis   ? below(86'400'000)
                   : node.logical == LogicalType::kArrowUInt8 ? below(256)
                                                              : static_cast<int32_t>(random_() >> below(32)));
        return;
      case AvroType::kLong:
        out.number(node.logical == LogicalType::kTimeMicros    ? below(1'000'000'000)
                   : node.logical == LogicalType::kArrowUInt32 ? random_()
                                                               : static_cast<int64_t>(wide() >> below(64)));
        return;
      case AvroType::kFloat:
        out.real32(static_cast<float>(below(1000)) / 8);
        return;
      case AvroType::kDouble:
        out.real64(static_cast<double>(below(1000)) / 8);
        return;
      case AvroType::kBytes:
        bytes(node, out);
        return;
      case AvroType::kFixed:
        // Small numbers: good decimals and durations.
        for (uint64_t i = 0; i + 1 < node.size; ++i) out.boolean(false);
        if (node.size > 0) out.boolean(below(2) == 0);
        return;
      case AvroType::kString:
        out.string(text());
        return;
      case AvroType::kEnum:
        out.number(static_cast<int64_t>(below(node.symbols.size())));
        return;
      case AvroType::kArray:
      case AvroType::kMap:
        items(schema, node, out, depth);
        return;
      case AvroType::kUnion: {
        size_t branch = below(node.branches.size());
        if (depth > 12) branch = schema.node(node.branches[0]).type == AvroType::kNull ? 0 : node.branches.size() - 1;
        out.branch(static_cast<int64_t>(branch));
        value(schema, node.branches[branch], out, depth + 1);
        return;
      }
      case AvroType::kRecord:
        for (const SchemaField& field : node.fields) value(schema, field.type, out, depth + 1);
        return;
    }
  }

 private:
  uint64_t wide() { return static_cast<uint64_t>(random_()) << 32 | random_(); }
  std::string name() { return "T" + std::to_string(names_++); }
  std::string text() {
    static const char* const kTexts[] = {
        "", "a", "é", "twelve bytes", "thirteen byte", "more than twelve bytes of text, ünïcödé too"};
    return kTexts[below(std::size(kTexts))];
  }

  std::string type(int depth) {
    static const char* const kLeaves[] = {"\"null\"",
                                          "\"boolean\"",
                                          "\"int\"",
                                          "\"long\"",
                                          "\"float\"",
                                          "\"double\"",
                                          "\"bytes\"",
                                          "\"string\"",
                                          R"({"type":"int","logicalType":"date"})",
                                          R"({"type":"int","logicalType":"time-millis"})",
                                          R"({"type":"long","logicalType":"time-micros"})",
                                          R"({"type":"long","logicalType":"timestamp-micros"})",
                                          R"({"type":"int","logicalType":"arrow.uint8"})",
                                          R"({"type":"long","logicalType":"arrow.uint32"})",
                                          R"({"type":"float","logicalType":"arrow.float16"})",
                                          R"({"type":"bytes","logicalType":"decimal","precision":30,"scale":2})",
                                          R"({"type":"bytes","logicalType":"decimal","precision":60,"scale":2})",
                                          R"({"type":"bytes","logicalType":"big-decimal"})"};
    switch (below(depth > 3 ? 5 : 10)) {
      case 0:
        return R"({"type":"fixed","name":")" + name() + R"(","size":)" + std::to_string(below(20)) + "}";
      case 1:
        return R"({"type":"enum","name":")" + name() + R"(","symbols":["A","B","C"]})";
      case 2:
        return below(2) == 0 ? R"({"type":"fixed","name":")" + name() + R"(","size":12,"logicalType":"duration"})"
                             : R"({"type":"fixed","name":")" + name() + R"(","size":16,"logicalType":"uuid"})";
      case 5:
        return R"({"type":"array","items":)" + type(depth + 1) + "}";
      case 6:
        return R"({"type":"map","values":)" + type(depth + 1) + "}";
      case 7: {
        // Sometimes with a reference to itself at the end.
        const std::string own = name();
        std::string fields;
        const size_t n = below(5);
        for (size_t i = 0; i < n; ++i)
          fields += (i > 0 ? "," : "") + field_json("f" + std::to_string(i), type(depth + 1));
        if (below(3) == 0) {
          const char* const forms[] = {R"(["null",")", R"({"type":"array","items":")", R"({"type":"map","values":")"};
          const size_t form = below(3);
          fields += (n > 0 ? "," : "") + field_json("self", forms[form] + own + (form == 0 ? "\"]" : "\"}"));
        }
        return record_json(fields, own);
      }
      case 8: {
        std::string inner = type(depth + 1);
        while (inner[0] == '[' || inner == "\"null\"") inner = type(depth + 1);
        return below(2) == 0 ? "[\"null\"," + inner + "]" : "[" + inner + ",\"null\"]";
      }
      case 9: {
        static const char* const kUnions[] = {
            R"(["int","string"])", R"(["boolean","null","bytes","double"])", R"(["long"])",
            R"(["null",{"type":"array","items":"int"},"string",{"type":"map","values":"float"}])"};
        return kUnions[below(std::size(kUnions))];
      }
      default:
        return kLeaves[below(std::size(kLeaves))];
    }
  }

  void bytes(const SchemaNode& node, Values& out) {
    if (node.logical == LogicalType::kBigDecimal) {
      const Values inner = Values().bytes_value("3039").number(static_cast<int64_t>(below(10)));
      out.number(static_cast<int64_t>(inner.size())).append(inner);
    } else if (node.logical == LogicalType::kDecimal) {
      out.bytes_value(below(2) == 0 ? "ffffcfc7" : "00000000000000000000000000000000003039");
    } else {
      out.string(text());
    }
  }

  void items(const Schema& schema, const SchemaNode& node, Values& out, int depth) {
    for (size_t blocks = depth > 8 ? 0 : below(3); blocks > 0; --blocks) {
      const auto count = static_cast<int64_t>(1 + below(3));
      Values block;
      for (int64_t i = 0; i < count; ++i) {
        if (node.type == AvroType::kMap) block.string(text());
        value(schema, node.items, block, depth + 1);
      }
      if (below(2) == 0) {
        out.sized_block(count, block);
      } else {
        out.number(count).append(block);
      }
    }
    out.end();
  }

  std::mt19937 random_;
  int names_ = 0;
};

struct Decoded {
  std::vector<size_t> ends;  // of the rows
  Status status = Status::kOk;
  Texts rows;
};

Decoded decode(const std::string& schema, const std::optional<Texts>& columns, ByteSpan data, size_t rows) {
  Decoded out;
  TestDecoder decoder(schema, columns);
  size_t at = 0;
  while (out.ends.size() < rows && out.status == Status::kOk) {
    out.status = decoder.decode(data.subspan(at), 1).status;
    if (out.status != Status::kOk) break;
    at += decoder.used_bytes();
    out.ends.push_back(at);
  }
  out.rows = decoder.finish_rows();
  return out;
}

// The text of a row without its braces.
std::string without_braces(const std::string& row) { return row.substr(1, row.size() - 2); }

void compare(const std::string& schema, ByteSpan data, size_t rows, bool is_valid) {
  const Decoded all = decode(schema, std::nullopt, data, rows);
  if (is_valid) {
    ASSERT_EQ(all.status, Status::kOk) << schema;
    ASSERT_EQ(all.ends.back(), data.size()) << schema;
  }
  // No columns. Values that cannot be read may still be skipped, so there may be more rows, but never fewer.
  const Decoded none = decode(schema, Texts{}, data, rows);
  ASSERT_GE(none.ends.size(), all.ends.size()) << schema;
  ASSERT_TRUE(std::equal(all.ends.begin(), all.ends.end(), none.ends.begin())) << schema;

  // Each column alone. Together they must be the whole row.
  const ArrowType columns = arrow_columns(parse_schema(schema));
  Texts joined(all.rows.size());
  for (const ArrowType& column : columns.children) {
    const Decoded one = decode(schema, Texts{column.name}, data, rows);
    ASSERT_GE(one.ends.size(), all.ends.size()) << schema;
    ASSERT_TRUE(std::equal(all.ends.begin(), all.ends.end(), one.ends.begin())) << schema;
    for (size_t i = 0; i < joined.size(); ++i)
      joined[i] += (joined[i].empty() ? "" : ",") + without_braces(one.rows[i]);
  }
  for (size_t i = 0; i < joined.size(); ++i) ASSERT_EQ('{' + joined[i] + '}', all.rows[i]) << schema;
}

TEST(Skip, EqualsReadingForGeneratedSchemas) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    Generator generator(seed);
    const std::string schema_json = generator.schema();
    const Schema schema = parse_schema(schema_json);
    Values data;
    constexpr size_t kRows = 4;
    for (size_t i = 0; i < kRows; ++i) generator.value(schema, schema.root(), data, 0);
    ASSERT_NO_FATAL_FAILURE(compare(schema_json, ByteSpan(data.bytes()), kRows, true)) << seed;
    for (int i = 0; i < 15 && data.size() > 0; ++i) {
      Bytes damaged = data.bytes();
      for (size_t changes = 1 + generator.below(3); changes > 0; --changes) {
        damaged[generator.below(damaged.size())] = static_cast<uint8_t>(generator.below(256));
      }
      if (generator.below(4) == 0) damaged.resize(generator.below(damaged.size() + 1));
      ASSERT_NO_FATAL_FAILURE(compare(schema_json, ByteSpan(damaged), kRows, false)) << seed;
    }
  }
}

TEST(Skip, RunsOfVarintsOfEveryLength) {
  std::mt19937_64 random(3);
  for (const uint32_t n : {1, 2, 3, 7, 8, 9, 16, 17, 40}) {
    std::string fields;
    for (uint32_t i = 0; i < n; ++i) fields += field_json("f" + std::to_string(i), "\"long\"") + ",";
    const std::string schema = record_json(fields + field_json("end", "\"string\""));
    for (int round = 0; round < 300; ++round) {
      Values data;
      for (uint32_t i = 0; i < n; ++i)
        data.number(static_cast<int64_t>(random() >> (round % 3 == 0 ? 57 : random() % 64)));
      data.string("the end");
      TestDecoder decoder(schema, Texts{"end"});
      ASSERT_EQ(decoder.plan().ops[0].a, n);
      ASSERT_EQ(decoder.decode(data, 1).status, Status::kOk);
      ASSERT_EQ(decoder.finish_rows(), Texts{R"({end:"the end"})"});
    }
  }
}

TEST(Skip, RunsOfVarintsThatAreCutOrTooLong) {
  const std::string schema =
      record_json(field_json("a", "\"long\"") + "," + field_json("b", "\"long\"") + "," + field_json("c", "\"long\""));
  for (const int fill : {0x00, 0x80, 0xff}) {
    for (size_t n = 0; n < 30; ++n) {
      TestDecoder decoder(schema, Texts{});
      const Bytes small(n, 0x01);
      const Decoder::Result result = decoder.decode(small, 1, static_cast<uint8_t>(fill));
      EXPECT_EQ(result.status, n < 3 ? Status::kEnd : Status::kOk) << n;
      const Bytes open(n, 0x80);
      EXPECT_EQ(decoder.decode(open, 1, static_cast<uint8_t>(fill)).status,
                n < 10 ? Status::kEnd : Status::kVarintTooLong)
          << n;
    }
  }
}

TEST(Scan, EveryLengthOfVarint) {
  for (int bytes = 1; bytes <= 10; ++bytes) {
    for (const uint64_t value :
         {uint64_t{1} << (7 * (bytes - 1)), bytes == 10 ? UINT64_MAX : (uint64_t{1} << (7 * bytes)) - 1}) {
      Bytes data;
      for (uint64_t rest = value; data.size() + 1 < static_cast<size_t>(bytes); rest >>= 7)
        data.push_back(static_cast<uint8_t>(rest | 0x80));
      data.push_back(static_cast<uint8_t>(value >> (7 * (bytes - 1))));
      const SlackBuffer buffer(data);
      uint64_t scanned = 0;
      EXPECT_EQ(scan_varint(buffer.begin(), &scanned), buffer.end()) << bytes;
      EXPECT_EQ(scanned, value);
      EXPECT_FALSE(is_cut_varint(buffer.begin(), buffer.end()));
      EXPECT_TRUE(is_cut_varint(buffer.begin(), buffer.end() - 1));
      // The same number, padded to ten bytes.
      Bytes padded = data;
      padded.back() |= static_cast<uint8_t>(bytes < 10 ? 0x80 : 0);
      while (padded.size() < 10) padded.push_back(padded.size() == 9 ? 0x00 : 0x80);
      const SlackBuffer long_buffer(padded);
      EXPECT_EQ(scan_varint(long_buffer.begin(), &scanned), long_buffer.end());
      EXPECT_EQ(scanned, value);
    }
  }
}

}  // namespace
}  // namespace jetliner
