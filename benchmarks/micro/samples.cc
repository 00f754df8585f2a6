#include "samples.h"

#include <algorithm>
#include <utility>

#include "schema/schema.h"
#include "types/arrow_columns.h"
#include "types/projection.h"

namespace jetliner {
namespace {

double real(Random& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

void write_address(Values& out, Random& random) {
  static constexpr std::string_view kCities[] = {"Berlin", "Paris", "Łódź", "São Paulo", "New York"};
  out.string(numbered("", below(random, 1000)) + " Long Street").string(kCities[below(random, 5)]);
  if (below(random, 5) == 0) {
    out.branch(0);
  } else {
    out.branch(1).number(static_cast<int64_t>(10'000 + below(random, 90'000)));
  }
}

// Writes `count` items as one block, or no block if `count` is 0.
void write_items(Values& out, uint64_t count, const std::function<void()>& item) {
  if (count > 0) out.number(static_cast<int64_t>(count));
  for (uint64_t i = 0; i < count; ++i) item();
  out.end();
}

void write_order(Values& out, Random& random) {
  out.number(static_cast<int64_t>(below(random, 1'000'000))).string(numbered("Customer ", below(random, 100'000)));
  if (below(random, 10) < 3) {
    out.branch(0);
  } else {
    out.branch(1).string(numbered("user", below(random, 10'000)) + "@example.com");
  }
  write_address(out, random);
  write_items(out, below(random, 5), [&] {
    out.string(numbered("SKU-", below(random, 10'000)))
        .number(static_cast<int64_t>(1 + below(random, 9)))
        .real64(real(random) * 100);
  });
  write_items(out, below(random, 5), [&] {
    static constexpr std::string_view kTags[] = {"new", "sale", "gift", "returned", "express delivery"};
    out.string(kTags[below(random, 5)]);
  });
  write_items(out, below(random, 4),
              [&] { out.string(numbered("key", below(random, 4))).string(numbered("value ", below(random, 100))); });
  if (below(random, 10) < 7) {
    out.branch(0);
  } else {
    out.branch(1).string(numbered("C", below(random, 1000))).real32(12.5F);
  }
}

void write_wide_value(Values& out, Random& random, size_t kind) {
  switch (kind) {
    case 0:
      out.number(static_cast<int64_t>(below(random, 100'000)));
      break;
    case 1:
      out.number(static_cast<int64_t>(below(random, 1ULL << 40)));
      break;
    case 2:
      out.real64(real(random) * 1e6);
      break;
    case 3:
      out.string(numbered("text ", below(random, 100'000)));
      break;
    case 4:
      below(random, 5) == 0 ? out.branch(0) : out.branch(1).number(static_cast<int64_t>(below(random, 1 << 30)));
      break;
    case 5:
      below(random, 5) == 0 ? out.branch(0) : out.branch(1).string(numbered("a longer text ", below(random, 10'000)));
      break;
    case 6:
      below(random, 5) == 0 ? out.branch(0) : out.branch(1).real64(real(random));
      break;
    case 7:
      out.boolean(below(random, 2) == 1);
      break;
    case 8:
      out.real32(static_cast<float>(below(random, 1000)) / 8);
      break;
    default:
      out.number(static_cast<int64_t>(1'700'000'000'000'000 + below(random, 1ULL << 40)));
      break;
  }
}

}  // namespace

Sample flat_sample() {
  std::string fields = field_json("id", R"("long")") + ',' + field_json("price", R"("double")") + ',' +
                       field_json("code", R"("string")") + ',' + field_json("label", R"("string")") + ',' +
                       field_json("active", R"("boolean")") + ',' + field_json("count", R"(["null","int"])");
  return {record_json(fields, "Flat"), [](Values& out, Random& random) {
            out.number(static_cast<int64_t>(below(random, 1'000'000)))
                .real64(real(random) * 1000)
                .string(std::string(3 + below(random, 6), 'c'))
                .string(numbered("customer number ", 10'000 + below(random, 90'000)))
                .boolean(below(random, 3) == 0);
            if (below(random, 10) == 0) {
              out.branch(0);
            } else {
              out.branch(1).number(static_cast<int64_t>(below(random, 5000)));
            }
          }};
}

Sample nested_sample() {
  return {R"({"type":"record","name":"Order","fields":[
    {"name":"id","type":"long"},
    {"name":"customer","type":{"type":"record","name":"Customer","fields":[
      {"name":"name","type":"string"},
      {"name":"email","type":["null","string"]},
      {"name":"address","type":{"type":"record","name":"Address","fields":[
        {"name":"street","type":"string"},
        {"name":"city","type":"string"},
        {"name":"zip","type":["null","int"]}]}}]}},
    {"name":"items","type":{"type":"array","items":{"type":"record","name":"Item","fields":[
      {"name":"sku","type":"string"},
      {"name":"quantity","type":"int"},
      {"name":"price","type":"double"}]}}},
    {"name":"tags","type":{"type":"array","items":"string"}},
    {"name":"attributes","type":{"type":"map","values":"string"}},
    {"name":"coupon","type":["null",{"type":"record","name":"Coupon","fields":[
      {"name":"code","type":"string"},
      {"name":"percent","type":"float"}]}]}]})",
          write_order};
}

Sample wide_sample() {
  static constexpr std::string_view kTypes[] = {R"("int")",
                                                R"("long")",
                                                R"("double")",
                                                R"("string")",
                                                R"(["null","long"])",
                                                R"(["null","string"])",
                                                R"(["null","double"])",
                                                R"("boolean")",
                                                R"("float")",
                                                R"({"type":"long","logicalType":"timestamp-micros"})"};
  constexpr size_t kColumns = 100;
  std::string fields;
  for (size_t i = 0; i < kColumns; ++i) {
    if (i > 0) fields += ',';
    fields += field_json(numbered("c", i), kTypes[i % std::size(kTypes)]);
  }
  return {record_json(fields, "Wide"), [](Values& out, Random& random) {
            for (size_t i = 0; i < kColumns; ++i) write_wide_value(out, random, i % std::size(kTypes));
          }};
}

Scratch with_slack(ByteSpan bytes) {
  Scratch out;
  out.resize(bytes.size());
  if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

std::string numbered(std::string_view prefix, uint64_t number) {
  return std::string(prefix).append(std::to_string(number));
}

Rows make_rows(const Sample& sample, size_t count) {
  Random random(1);
  Values values;
  for (size_t i = 0; i < count; ++i) sample.write(values, random);
  return {with_slack(values.bytes()), count};
}

Rows rows_of_size(const Sample& sample, size_t bytes, uint64_t seed) {
  Random random(seed);
  Values values;
  size_t count = 0;
  do {
    sample.write(values, random);
    ++count;
  } while (values.size() < bytes);
  return {with_slack(values.bytes()), count};
}

std::vector<Rows> make_blocks(const Sample& sample, size_t blocks, size_t block_bytes) {
  std::vector<Rows> all;
  for (size_t i = 0; i < blocks; ++i) all.push_back(rows_of_size(sample, block_bytes, i));
  return all;
}

Bytes make_file(const Sample& sample, const std::string& codec, size_t blocks, size_t block_bytes) {
  const std::vector<Rows> distinct = make_blocks(sample, std::min(blocks, kDistinctBlocks), block_bytes);
  std::vector<Bytes> packed;
  for (const Rows& rows : distinct) packed.push_back(pack(codec, rows.bytes.bytes()));
  AvroFile file(sample.schema_json, codec);
  for (size_t i = 0; i < blocks; ++i) {
    const size_t which = i % distinct.size();
    file.packed_block(static_cast<int64_t>(distinct[which].count), packed[which]);
  }
  return file.bytes();
}

std::shared_ptr<const Plan> plan_for(std::string_view schema_json, const std::vector<std::string>& columns) {
  auto schema = std::make_shared<const Schema>(parse_schema(schema_json));
  ArrowType type = arrow_columns(*schema);
  if (!columns.empty()) type = project(type, columns);
  number_columns(type);
  return compile(schema, std::make_shared<const ArrowType>(std::move(type)));
}

}  // namespace jetliner
