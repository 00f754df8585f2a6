// Values of a writer's schema in the encoding of the reader's.
#include "decode/transcode.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "decode/decoder.h"
#include "decoded.h"

namespace jetliner {
namespace {

class TestTranscoder {
 public:
  TestTranscoder(std::string_view writer, std::string_view reader)
      : resolution_(std::make_shared<const Schema>(parse_schema(writer)),
                    std::make_shared<const ReaderSchema>(reader)) {}

  // The status of one value, whose bytes in the reader's encoding are in `out` then.
  Status transcode(const Values& data, std::vector<uint8_t>& out) const {
    const SlackBuffer buffer(ByteSpan(data.bytes()));
    uint64_t empty_items_left = max_empty_items(data.size());
    Transcoder transcoder(resolution_, buffer.end(), &empty_items_left, 1 << 20);
    out.clear();
    const uint8_t* const next = transcoder.value(resolution_.root(), buffer.begin(), out);
    EXPECT_EQ(next == nullptr, transcoder.status() != Status::kOk);
    if (next != nullptr) {
      EXPECT_EQ(next, buffer.end());
    }
    return transcoder.status();
  }
  [[nodiscard]] bool gives(const Values& data, const Values& expected) const {
    std::vector<uint8_t> out;
    return transcode(data, out) == Status::kOk && out == expected.bytes();
  }
  [[nodiscard]] Status status(const Values& data) const {
    std::vector<uint8_t> out;
    return transcode(data, out);
  }

 private:
  Resolution resolution_;
};

TEST(Transcode, ItemsOfMapsAndArrays) {
  const TestTranscoder map(R"({"type":"map","values":"int"})", R"({"type":"map","values":"double"})");
  EXPECT_TRUE(map.gives(Values().number(2).string("a").number(1).string("b").number(2).end(),
                        Values().number(2).string("a").real64(1).string("b").real64(2).end()));
  const TestTranscoder array(R"({"type":"array","items":"int"})", R"({"type":"array","items":"float"})");
  // One block has its size in bytes, the other one does not. The size changes, so it is left out.
  EXPECT_TRUE(array.gives(Values().sized_block(2, Values().number(1).number(2)).number(1).number(3).end(),
                          Values().number(2).real32(1).real32(2).number(1).real32(3).end()));
}

TEST(Transcode, HeadsOfBlocksOfItemsThatAreWrong) {
  const TestTranscoder array(R"({"type":"array","items":"int"})", R"({"type":"array","items":"float"})");
  EXPECT_EQ(array.status(Values().hex_bytes("80")), Status::kEnd);
  EXPECT_EQ(array.status(Values().hex_bytes("8080808080808080808000")), Status::kVarintTooLong);
  EXPECT_EQ(array.status(Values().number(-1)), Status::kEnd);
  EXPECT_EQ(array.status(Values().number(-1).number(2).number(1)), Status::kLength);
  EXPECT_EQ(array.status(Values().number(-1).number(-1)), Status::kLength);
  EXPECT_EQ(array.status(Values().number(-1).number(2).number(1).number(1).end()), Status::kBlockBytes);
  const TestTranscoder nulls(R"({"type":"array","items":"null"})", R"({"type":"array","items":"null"})");
  EXPECT_EQ(nulls.status(Values().number(int64_t{1} << 40)), Status::kEmptyItems);
}

TEST(Transcode, KeysOfMapsThatAreWrong) {
  const TestTranscoder map(R"({"type":"map","values":"int"})", R"({"type":"map","values":"double"})");
  EXPECT_EQ(map.status(Values().number(1).number(5).number(0)), Status::kLength);
  EXPECT_EQ(map.status(Values().number(1).hex_bytes("80")), Status::kEnd);
}

// A program may end while threads of a reader that was never closed still decode. They must not use objects that are
// destroyed at exit; the schema of a map's keys was one.
void transcode_a_map_at_exit() {
  static const auto* const map =
      new TestTranscoder(R"({"type":"map","values":"int"})", R"({"type":"map","values":"double"})");
  static const auto transcode = [] {
    if (!map->gives(Values().number(1).string("a").number(1).end(), Values().number(1).string("a").real64(1).end())) {
      std::_Exit(1);
    }
  };
  // Functions and static objects go in reverse order. So this runs after the objects that the first call makes are
  // gone.
  (void)std::atexit([] { transcode(); });
  transcode();
  std::exit(0);
}

TEST(TranscodeDeathTest, UsesNothingThatIsDestroyedAtExit) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process in which no other test ran before
  EXPECT_EXIT(transcode_a_map_at_exit(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace jetliner
