// Counting long files: parts of them are walked at the same time, and each walk starts at a marker that it finds.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "container/block_counter.h"
#include "container/block_framer.h"
#include "counted.h"

namespace jetliner {
namespace {

// The rows and damage that the framer alone finds. It reads everything.
Counted count_by_framer(const Bytes& bytes, bool ignore_errors) {
  Counted result;
  const auto source = open_memory(bytes);
  const Header header = read_header(*source, 4096);
  BlockFramer framer(*source, header, {.recover = ignore_errors});
  for (Unit unit; framer.next(unit);) {
    for (const BlockRef& block : unit.blocks) {
      const bool is_possible = static_cast<uint64_t>(block.row_count) <= block.data_bytes;
      if (is_possible) result.rows += static_cast<uint64_t>(block.row_count);
      if (!is_possible) result.bad_blocks.push_back({.block_index = block.index});
      if (!is_possible && !ignore_errors) return result;
    }
    if (unit.damage.has_value()) result.bad_blocks.push_back(*unit.damage);
  }
  return result;
}

// Random damage: heads, markers and sizes of a file are changed, cut or doubled.
Bytes mutated(const Bytes& whole, size_t first_block, std::mt19937& random) {
  Bytes bytes = whole;
  for (size_t n = random() % 4; n > 0; --n) {
    const size_t at = first_block + random() % (bytes.size() - first_block);
    switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<uint8_t>(random());
        break;
      case 1:
        bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(at),
                    bytes.begin() + static_cast<ptrdiff_t>(at + random() % std::min<size_t>(40, bytes.size() - at)));
        break;
      case 2:
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), kTestSync.begin(), kTestSync.end());
        break;
      default:
        if (random() % 4 == 0) bytes.resize(at + 1);
    }
  }
  return bytes;
}

void expect_as_framer(const Bytes& bytes, size_t request_cost) {
  for (const bool ignore_errors : {false, true}) {
    const Counted expected = count_by_framer(bytes, ignore_errors);
    const SourceOpener opener = [&](const std::string&) { return std::make_unique<Costly>(bytes, request_cost); };
    const Counted counted = count({"a"}, {.ignore_errors = ignore_errors, .n_threads = 3}, opener);
    EXPECT_EQ(counted.rows, expected.rows);
    if (!ignore_errors) {
      ASSERT_EQ(counted.error.has_value(), !expected.bad_blocks.empty());
      if (counted.error) {
        EXPECT_EQ(counted.error->place().block_index.value_or(-1), expected.bad_blocks[0].block_index);
      }
      continue;
    }
    ASSERT_EQ(counted.bad_blocks.size(), expected.bad_blocks.size());
    for (size_t i = 0; i < expected.bad_blocks.size(); ++i) {
      EXPECT_EQ(counted.bad_blocks[i].block_index, expected.bad_blocks[i].block_index);
    }
  }
}

TEST(CountLongFiles, SourcesOfAnyCostPerRequestGiveTheSame) {
  // Blocks of all sizes, in a file that is long enough for several chains.
  std::mt19937 random(1);
  AvroFile file("\"long\"");
  int64_t rows = 0;
  while (file.size() < (5 << 20)) {
    const auto n = static_cast<int64_t>(random() % 7 == 0 ? random() % 60'000 : random() % 40);
    file.block(n, longs(0, n));
    rows += n;
  }
  for (const size_t cost : {0, 36, 100, 2048, 1 << 20}) {
    const SourceOpener opener = [&](const std::string&) { return std::make_unique<Costly>(file.bytes(), cost); };
    for (const size_t n_threads : {1, 3}) {
      EXPECT_EQ(count({"a"}, {.n_threads = n_threads}, opener).rows, static_cast<uint64_t>(rows)) << cost;
    }
  }
  const LocalFile local(file.bytes());
  EXPECT_EQ(count_rows({local.path()}), static_cast<uint64_t>(rows));
}

// Data that looks like whole blocks. A walk may start in it by mistake.
TEST(CountLongFiles, MarkersWithinDataMisleadNoOne) {
  const std::string schema = R"("bytes")";
  std::mt19937 random(2);
  for (int round = 0; round < 5; ++round) {
    AvroFile file(schema);
    int64_t rows = 0;
    while (file.size() < (4 << 20)) {
      ByteWriter inner;
      inner.raw(kTestSync);
      for (size_t i = random() % 3000; i > 0; --i) append_block(inner, 1000, std::string(random() % 50, 'x'));
      if (random() % 2 == 0) inner.raw({1, 1, 1});  // a walk that starts here ends at an invalid block
      file.block(1, Values().string(as_text(inner.bytes())));
      ++rows;
    }
    const SourceOpener opener = [&](const std::string&) { return std::make_unique<Costly>(file.bytes(), 100); };
    for (const size_t n_threads : {1, 2, 4}) {
      EXPECT_EQ(count({"a"}, {.n_threads = n_threads}, opener).rows, static_cast<uint64_t>(rows));
    }
    EXPECT_EQ(count(MemoryFiles(file.bytes())).rows, static_cast<uint64_t>(rows));
  }
}

TEST(CountLongFiles, DamageInALongFileIsFoundInItsOrder) {
  AvroFile file("\"long\"");
  std::vector<size_t> blocks;
  while (file.size() < (3 << 20)) blocks.push_back(file.block(500, longs(0, 500)));
  for (const size_t at : {size_t{0}, blocks.size() / 3, blocks.size() / 2, blocks.size() - 2}) {
    Bytes damaged = file.bytes();
    damaged[blocks[at + 1] - 1] ^= 1;        // the marker of block `at`
    damaged[blocks[blocks.size() - 1]] = 1;  // and one more at the end: a negative count
    const LocalFile local(damaged);
    const Counted strict = count({local.path()}, {}, open_file);
    EXPECT_EQ(strict.rows, 500U * at);
    ASSERT_TRUE(strict.error.has_value());
    EXPECT_EQ(strict.error->place().block_index, static_cast<int64_t>(at));
    const Counted ignoring = count({local.path()}, {.ignore_errors = true}, open_file);
    const ReadOutcome read = read_all(MemoryFiles(damaged), {.ignore_errors = true});
    EXPECT_EQ(ignoring.rows, read.rows.size());
    EXPECT_EQ(ignoring.bad_blocks.size(), read.bad_blocks.size());
  }
}

TEST(CountLongFiles, AFileThatShrankIsReported) {
  AvroFile file("\"long\"");
  while (file.size() < (3 << 20)) file.block(500, longs(0, 500));
  for (const size_t keep : {size_t{10}, size_t{100}, file.size() / 2, file.size() - 5}) {
    const Bytes rest(file.bytes().begin(), file.bytes().begin() + static_cast<ptrdiff_t>(keep));
    int opened = 0;
    // The header is read from the whole file.
    const SourceOpener opener = [&](const std::string&) -> std::unique_ptr<Source> {
      class Shrinking final : public Source {
       public:
        Shrinking(const Bytes& whole, const Bytes& rest) : whole_(whole), rest_(rest) {}
        size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
          return open_memory(offset == 0 ? whole_ : rest_)->read_at(offset, out);
        }
        [[nodiscard]] uint64_t size() const override { return whole_.size(); }
        [[nodiscard]] size_t preferred_chunk_bytes() const override { return 4096; }
        [[nodiscard]] size_t request_cost_bytes() const override { return 2048; }

       private:
        const Bytes& whole_;
        const Bytes& rest_;
      };
      ++opened;
      return std::make_unique<Shrinking>(file.bytes(), rest);
    };
    const Counted counted = count({"a"}, {}, opener);
    EXPECT_EQ(opened, 1);
    ASSERT_TRUE(counted.error.has_value());
    EXPECT_EQ(counted.error->kind(), ErrorKind::kParse);
    EXPECT_LE(counted.rows, 500U * keep / 500);
  }
}

TEST(CountLongFiles, AnyBytesAreCountedAsTheFramerFindsThem) {
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    SCOPED_TRACE(round);
    AvroFile file("\"long\"");
    const size_t first = file.size();
    for (size_t i = random() % 12; i > 0; --i) {
      const auto n = static_cast<int64_t>(random() % 30);
      file.block(n, longs(0, n));
    }
    file.block(1, longs(0, 1));
    expect_as_framer(mutated(file.bytes(), first, random), round % 2 == 0 ? 36 : 2048);
  }
  // Long enough for several threads.
  for (int round = 0; round < 10; ++round) {
    SCOPED_TRACE(round);
    AvroFile file("\"long\"");
    const size_t first = file.size();
    const size_t most = round % 3 == 0 ? 100'000 : 3'000;
    while (file.size() < (5 << 20)) {
      const auto n = static_cast<int64_t>(random() % most);
      file.block(n, Values().zeros(static_cast<size_t>(n)));
    }
    expect_as_framer(mutated(file.bytes(), first, random), 2048);
  }
}

}  // namespace
}  // namespace jetliner
