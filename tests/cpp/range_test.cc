// Parts of a file: whatever the cuts and the bytes, all parts together have each row once, in order.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "read_all.h"
#include "schema_json.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

// A source that is slow, as a store is: the first block of a part is found by the bytes around, not by a walk.
class SlowBytes final : public Source {
 public:
  explicit SlowBytes(const Bytes& bytes) : bytes_(bytes) {}
  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    const size_t count = offset >= bytes_.size() ? 0 : std::min<size_t>(out.size(), bytes_.size() - offset);
    if (count > 0) std::memcpy(out.data(), bytes_.data() + offset, count);
    return count;
  }
  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 1 << 20; }

 private:
  const Bytes& bytes_;
};

struct Read {
  Texts rows;
  size_t counted = 0;
  bool has_error = false;
};

Read read_part(const Bytes& file, ByteRange range, bool is_slow, bool ignore_errors) {
  ReadOptions options{.range = range, .ignore_errors = ignore_errors, .n_threads = 1};
  const SourceOpener opener = [&](const std::string&) -> std::unique_ptr<Source> {
    if (is_slow) return std::make_unique<SlowBytes>(file);
    return open_memory(file);
  };
  Read read;
  try {
    Reader reader({"file"}, options, opener);
    for (Batch batch; reader.next(batch);) {
      for (std::string& row : batch_rows(batch)) read.rows.push_back(std::move(row));
    }
    read.counted = count_rows({"file"}, options, opener);
  } catch (const Error&) {
    read.has_error = true;
  }
  return read;
}

// The rows of all parts between the cuts.
Read read_parts(const Bytes& file, std::vector<uint64_t> cuts, bool is_slow, bool ignore_errors) {
  cuts.insert(cuts.begin(), 0);
  cuts.push_back(UINT64_MAX);
  Read all;
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    Read part = read_part(file, {cuts[i], cuts[i + 1]}, is_slow, ignore_errors);
    // Counting does not see damage within blocks.
    if (!ignore_errors && !part.has_error) {
      EXPECT_EQ(part.counted, part.rows.size());
    }
    all.rows.insert(all.rows.end(), part.rows.begin(), part.rows.end());
    all.has_error = all.has_error || part.has_error;
  }
  return all;
}

Bytes file_of(const std::vector<Texts>& blocks) {
  AvroFile file(record_json(field_json("data", "\"bytes\"")));
  for (const Texts& block : blocks) {
    Values rows;
    for (const std::string& data : block) {
      std::string hex;
      for (const char c : data) {
        constexpr const char* kDigits = "0123456789abcdef";
        hex += kDigits[static_cast<uint8_t>(c) >> 4];
        hex += kDigits[static_cast<uint8_t>(c) & 15];
      }
      rows.bytes_value(hex);
    }
    file.block(static_cast<int64_t>(block.size()), rows);
  }
  return file.bytes();
}

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }
std::string marker_text() { return {kTestSync.begin(), kTestSync.end()}; }

// The file with another marker, everywhere.
Bytes with_marker(Bytes file, uint8_t byte) {
  auto at = file.begin();
  while ((at = std::search(at, file.end(), kTestSync.begin(), kTestSync.end())) != file.end()) {
    std::fill_n(at, kTestSync.size(), byte);
  }
  return file;
}

Bytes plain_file() {
  return file_of({{"a", "bc"}, {std::string(50, 'x')}, {"d"}, {"", "", "e"}, {std::string(20, '\0'), "f"}});
}
// Markers, and whole files, in the data.
Bytes imitating_file() {
  const Bytes inner = file_of({{"inner", "rows"}, {"of"}, {"another", "file"}});
  return file_of({{"a"},
                  {marker_text(), "b" + marker_text() + marker_text()},
                  {"c"},
                  {text_of(inner), "d"},
                  {text_of(inner) + text_of(inner)},
                  {"e"}});
}

std::vector<Bytes> files() {
  std::vector<Bytes> all{plain_file(), imitating_file(), file_of({}), file_of({{"one"}})};
  for (const uint8_t byte : {uint8_t{0}, uint8_t{2}, uint8_t{4}, uint8_t{255}}) {
    all.push_back(with_marker(plain_file(), byte));
    all.push_back(with_marker(imitating_file(), byte));
  }
  return all;
}

TEST(Range, EveryCutGivesEachRowOnce) {
  for (const Bytes& file : files()) {
    const Texts whole = read_part(file, {}, false, false).rows;
    for (uint64_t cut = 0; cut <= file.size() + 1; ++cut) {
      const Read parts = read_parts(file, {cut}, false, false);
      ASSERT_FALSE(parts.has_error) << "cut " << cut;
      ASSERT_EQ(parts.rows, whole) << "cut " << cut;
    }
  }
}

TEST(Range, PartsOfOneByte) {
  const Bytes file = imitating_file();
  std::vector<uint64_t> cuts;
  for (uint64_t cut = 1; cut < file.size(); ++cut) cuts.push_back(cut);
  EXPECT_EQ(read_parts(file, cuts, false, false).rows, read_part(file, {}, false, false).rows);
}

TEST(Range, DamageAnywhere) {
  std::mt19937 random(1);
  const Bytes good = plain_file();
  for (size_t at = file_of({}).size(); at < good.size(); ++at) {
    Bytes file = good;
    file[at] ^= static_cast<uint8_t>(1U << random() % 8);
    const Texts whole = read_part(file, {}, false, true).rows;
    for (uint64_t cut = 0; cut < file.size(); cut += 1 + random() % 5) {
      ASSERT_EQ(read_parts(file, {cut}, false, true).rows, whole) << "byte " << at << ", cut " << cut;
    }
  }
}

// Long enough for places that are not near the header.
std::vector<Texts> long_blocks(std::mt19937& random, bool with_markers) {
  std::vector<Texts> blocks;
  for (int block = 0; block < 400; ++block) {
    Texts rows;
    for (unsigned row = 0; row < 1 + random() % 4; ++row) {
      std::string data(random() % 400, static_cast<char>('a' + random() % 26));
      if (with_markers && random() % 8 == 0) data.insert(random() % (data.size() + 1), marker_text());
      rows.push_back(std::to_string(block) + data);
    }
    blocks.push_back(std::move(rows));
  }
  return blocks;
}

TEST(Range, PlacesFarFromTheHeader) {
  std::mt19937 random(2);
  for (const int marker : {-1, -2, 0, 2, 4, 10, 255}) {
    Bytes file = file_of(long_blocks(random, /*with_markers=*/marker == -2));
    if (marker >= 0) file = with_marker(std::move(file), static_cast<uint8_t>(marker));
    ASSERT_GT(file.size(), 128U << 10);
    const Texts whole = read_part(file, {}, true, false).rows;
    for (int i = 0; i < 60; ++i) {
      std::vector<uint64_t> cuts(random() % 6);
      for (uint64_t& cut : cuts) cut = random() % file.size();
      std::sort(cuts.begin(), cuts.end());
      const Read parts = read_parts(file, cuts, true, false);
      ASSERT_FALSE(parts.has_error) << marker;
      ASSERT_EQ(parts.rows, whole) << marker;
    }
  }
}

// Each block has five rows in five bytes, so its head is `0A 0A`, as two bytes of the marker. Two bytes behind the
// begin of a marker there is another "marker", and a head that leads to the true end of the block.
TEST(Range, HeadsThatLookLikeTheMarkerBeforeThem) {
  AvroFile file(record_json(field_json("n", "\"int\"")));
  for (int block = 0; block < 4000; ++block) {
    Values rows;
    for (const int number : {3, 3, block % 60, 1, 2}) rows.number(number);
    file.block(5, rows);
  }
  const Bytes bytes = with_marker(file.bytes(), 10);
  const Texts whole = read_part(bytes, {}, true, false).rows;
  ASSERT_EQ(whole.size(), 20'000U);
  for (uint64_t cut = 70'000; cut < 70'024; ++cut) {
    const Read parts = read_parts(bytes, {cut}, true, false);
    if (!parts.has_error) {
      ASSERT_EQ(parts.rows, whole) << cut;
    }
  }
}

TEST(Range, JoinedFilesFarFromTheHeader) {
  std::mt19937 random(5);
  const Bytes a = file_of(long_blocks(random, false));
  const Bytes b = with_marker(file_of(long_blocks(random, false)), 7);
  Bytes file = a;
  file.insert(file.end(), b.begin(), b.end());
  file.insert(file.end(), a.begin(), a.end());
  const Texts whole = read_part(file, {}, true, true).rows;
  for (int i = 0; i < 20; ++i) {
    std::vector<uint64_t> cuts(1 + random() % 3);
    for (uint64_t& cut : cuts) cut = random() % file.size();
    std::sort(cuts.begin(), cuts.end());
    const Read parts = read_parts(file, cuts, true, true);
    if (!parts.has_error) {
      ASSERT_EQ(parts.rows, whole);
    }
  }
}

// Either the right rows or an error, in all parts together.
TEST(Range, DataThatImitateBlocksFarFromTheHeader) {
  std::mt19937 random(3);
  std::vector<Texts> blocks = long_blocks(random, false);
  const Bytes inner = file_of(long_blocks(random, false));
  blocks.insert(blocks.begin() + 300, {text_of(inner)});
  // A marker, and a head that leads to the marker at the end of the block.
  blocks.insert(blocks.begin() + 350, {std::string(100, 'x') + marker_text() + std::string("\x02\x0a") + "imitated"});
  const Bytes file = file_of(blocks);
  const Texts whole = read_part(file, {}, true, false).rows;
  int errors = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<uint64_t> cuts(1 + random() % 4);
    for (uint64_t& cut : cuts) cut = random() % file.size();
    std::sort(cuts.begin(), cuts.end());
    const Read parts = read_parts(file, cuts, true, false);
    if (parts.has_error) {
      ++errors;
    } else {
      ASSERT_EQ(parts.rows, whole);
    }
  }
  RecordProperty("errors", errors);
}

TEST(Range, DamageFarFromTheHeader) {
  std::mt19937 random(4);
  const Bytes good = file_of(long_blocks(random, false));
  for (int i = 0; i < 100; ++i) {
    Bytes file = good;
    // The marker of some block, or any byte.
    size_t at = (64U << 10) + random() % (file.size() - (64U << 10));
    if (i % 2 == 0) {
      const auto marker =
          std::search(file.begin() + static_cast<ptrdiff_t>(at), file.end(), kTestSync.begin(), kTestSync.end());
      if (marker != file.end()) at = static_cast<size_t>(marker - file.begin()) + random() % 16;
    }
    file[at] ^= static_cast<uint8_t>(1 + random() % 255);
    const Texts whole = read_part(file, {}, true, true).rows;
    for (int j = 0; j < 10; ++j) {
      const uint64_t cut = at - std::min<uint64_t>(at, 2000) + random() % 4000;
      const Read parts = read_parts(file, {std::min<uint64_t>(cut, file.size())}, true, true);
      ASSERT_FALSE(parts.has_error);
      ASSERT_EQ(parts.rows, whole) << "byte " << at << ", cut " << cut;
    }
  }
}

TEST(Range, OptionsThatMakeNoSense) {
  const Bytes file = plain_file();
  const SourceOpener opener = [&](const std::string&) { return open_memory(file); };
  EXPECT_THROW(Reader({"a", "b"}, {.range = ByteRange{0, 10}}, opener), Error);
  EXPECT_THROW(Reader({"a"}, {.range = ByteRange{10, 9}}, opener), Error);
  EXPECT_TRUE(read_part(file, {UINT64_MAX - 5, UINT64_MAX}, false, false).rows.empty());
}

}  // namespace
}  // namespace jetliner
