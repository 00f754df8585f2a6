// What compressors write, the decompressors read.
#include "codec/compressor.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "codec/codec.h"

namespace jetliner {
namespace {

std::string round_trip(const std::string& codec, std::optional<int> level, const std::string& plain) {
  ByteBuffer compressed;
  compressed.append(as_bytes("before"));
  make_compressor(codec, level)->compress(plain.empty() ? ByteSpan(kNoBytes, 0) : as_bytes(plain), compressed);
  EXPECT_EQ(as_text(compressed.bytes()).substr(0, 6), "before");
  Scratch input;
  const ByteSpan block = compressed.bytes().subspan(6);
  input.resize(block.size());
  if (!block.empty()) std::memcpy(input.data(), block.data(), block.size());
  Scratch scratch;
  const CodecResult result = make_codec(codec)->decompress(input.bytes(), scratch, 1 << 30);
  EXPECT_EQ(result.status, CodecStatus::kOk) << result.message;
  return std::string(as_text(result.bytes));
}

TEST(Compressor, EveryCodecAndLevel) {
  std::mt19937 random(3);
  std::string noise(100'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  const std::string samples[] = {"", "a", std::string(100'000, 'a'), noise};
  for (const char* const codec : {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}) {
    const std::optional<LevelRange> range = compression_levels(codec);
    std::vector<std::optional<int>> levels = {std::nullopt};
    if (range) {
      levels.insert(levels.end(), {range->least, range->usual, range->most});
    }
    for (const std::optional<int>& level : levels) {
      for (const std::string& sample : samples) {
        EXPECT_EQ(round_trip(codec, level, sample), sample) << codec << " " << level.value_or(-1);
      }
    }
  }
}

}  // namespace
}  // namespace jetliner
