// Every file of tests/data, cut at every byte, and with every byte changed. The result is rows of the whole file, or an
// Error. The sanitizers are the other half of the test.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "read_all.h"

namespace jetliner {
namespace {

using Texts = std::vector<std::string>;

std::vector<std::string> data_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(JETLINER_TEST_DATA_DIR)) {
    if (entry.path().extension() == ".avro") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Bytes load(const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(JETLINER_TEST_DATA_DIR) / (name + ".avro");
  std::ifstream in(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_FALSE(bytes.empty()) << path;
  return bytes;
}

// The end of the header. A file that is cut before it cannot be read.
size_t header_bytes(const Bytes& file) {
  const auto source = open_memory(file);
  return read_header(*source, 1 << 16).size_bytes;
}

ReadOutcome read_part(const Bytes& file, size_t bytes, bool ignore_errors) {
  // A copy of the right size, so that a byte read too far is seen.
  const Bytes part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(bytes));
  return read_all(MemoryFiles(part), {.ignore_errors = ignore_errors, .n_threads = 1});
}

class DataFile : public testing::TestWithParam<std::string> {};

TEST_P(DataFile, ReadsWhole) {
  const Bytes file = load(GetParam());
  const ReadOutcome strict = read_part(file, file.size(), false);
  EXPECT_FALSE(strict.error.has_value()) << strict.error->what();
  const ReadOutcome lenient = read_part(file, file.size(), true);
  EXPECT_EQ(lenient.rows, strict.rows);
  EXPECT_TRUE(lenient.bad_blocks.empty());
}

TEST_P(DataFile, CutAtEveryByte) {
  const Bytes file = load(GetParam());
  const Texts whole = read_part(file, file.size(), false).rows;
  const size_t header = header_bytes(file);
  for (size_t cut = 0; cut < file.size(); ++cut) {
    const ReadOutcome strict = read_part(file, cut, false);
    const ReadOutcome lenient = read_part(file, cut, true);
    ASSERT_LE(strict.rows.size(), whole.size());
    ASSERT_TRUE(std::equal(strict.rows.begin(), strict.rows.end(), whole.begin())) << "cut at " << cut;
    if (cut < header) {
      ASSERT_TRUE(strict.error.has_value() && lenient.error.has_value()) << "cut at " << cut;
      continue;
    }
    ASSERT_FALSE(lenient.error.has_value()) << "cut at " << cut;
    ASSERT_EQ(lenient.rows, strict.rows) << "cut at " << cut;  // nothing comes after a cut
    ASSERT_EQ(lenient.bad_blocks.size(), strict.error.has_value() ? 1U : 0U) << "cut at " << cut;
    if (!strict.error.has_value()) continue;  // between two blocks
    ASSERT_EQ(strict.error->kind(), ErrorKind::kParse) << "cut at " << cut;
    ASSERT_EQ(strict.error->place().path, "a.avro");
    ASSERT_GE(strict.error->place().file_offset.value_or(-1), static_cast<int64_t>(header));
  }
}

TEST_P(DataFile, EveryByteChanged) {
  Bytes file = load(GetParam());
  for (size_t at = 0; at < file.size(); ++at) {
    const uint8_t original = file[at];
    for (const uint8_t mask : {uint8_t{0x01}, uint8_t{0x80}, uint8_t{0xff}}) {
      file[at] = original ^ mask;
      // Anything but an Error ends the test.
      const ReadOutcome strict = read_part(file, file.size(), false);
      const ReadOutcome lenient = read_part(file, file.size(), true);
      ASSERT_GE(lenient.rows.size(), strict.rows.size()) << "byte " << at;
      ASSERT_TRUE(std::equal(strict.rows.begin(), strict.rows.end(), lenient.rows.begin())) << "byte " << at;
      if (!strict.error.has_value()) {
        ASSERT_EQ(lenient.rows, strict.rows) << "byte " << at;
      }
    }
    file[at] = original;
  }
}

INSTANTIATE_TEST_SUITE_P(TestData, DataFile, testing::ValuesIn(data_files()), [](const auto& file) {
  std::string name = file.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

TEST(TestData, IsThere) { EXPECT_GE(data_files().size(), 20U); }

}  // namespace
}  // namespace jetliner
