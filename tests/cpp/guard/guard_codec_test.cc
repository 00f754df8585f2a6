// Codecs read nothing beyond the slack of their input, and write nothing outside of their output.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "avro_writer.h"
#include "codec/codec.h"
#include "guard_page.h"

namespace jetliner {
namespace {

using Exact = GuardedInput::Exact;

constexpr uint8_t kMasks[] = {0x01, 0x80, 0xff};

class GuardCodec : public testing::TestWithParam<const char*> {
 protected:
  // With memory of its own, so that output grows from nothing.
  [[nodiscard]] CodecStatus decompress(ByteSpan in, size_t max_bytes = SIZE_MAX) {
    Scratch scratch;
    const CodecResult result = codec_->decompress(in, scratch, max_bytes);
    plain_.clear();
    if (result.status == CodecStatus::kOk) {
      // With its slack, which must be readable.
      plain_.assign(result.bytes.data(), result.bytes.data() + result.bytes.size() + kSlackBytes);
      plain_.resize(result.bytes.size());
    }
    return result.status;
  }
  [[nodiscard]] bool is_null() const { return codec_name_ == "null"; }

  const std::string codec_name_ = GetParam();
  const std::unique_ptr<Codec> codec_ = make_codec(codec_name_);
  GuardedInput input_{8 << 10};
  Bytes plain_;
};

std::vector<Bytes> samples() {
  return {Bytes(), Bytes(1, 'x'), sample_plain(300), random_plain(200), Bytes(6000, 'a')};
}

TEST_P(GuardCodec, WholeInput) {
  for (const Bytes& plain : samples()) {
    const Bytes packed = pack(codec_name_, plain);
    for (const Exact exact : {Exact::kEnd, Exact::kBegin}) {
      ASSERT_EQ(decompress(input_.put(packed, exact, 0xff)), CodecStatus::kOk);
      EXPECT_EQ(plain_, plain);
    }
  }
}

TEST_P(GuardCodec, CutAtEveryByte) {
  for (const Bytes& plain : samples()) {
    const Bytes packed = pack(codec_name_, plain);
    for (size_t cut = 0; cut < packed.size(); ++cut) {
      const ByteSpan part = ByteSpan(packed).first(cut);
      for (const Exact exact : {Exact::kEnd, Exact::kBegin}) {
        // The rest of the input lies behind the end: whoever reads on finds what it looks for.
        const CodecStatus status = decompress(input_.put(part, exact, 0, ByteSpan(packed).subspan(cut)));
        // No frame of zstandard at all means no data.
        const bool is_whole = is_null() || (codec_name_ == "zstandard" && cut == 0);
        EXPECT_EQ(status, is_whole ? CodecStatus::kOk : CodecStatus::kCorrupt) << cut;
        EXPECT_EQ(plain_.size(), is_null() ? cut : 0) << cut;
      }
    }
  }
}

TEST_P(GuardCodec, EveryByteChanged) {
  constexpr size_t kMaxBytes = 16 << 10;
  for (const Bytes& plain : samples()) {
    const Bytes packed = pack(codec_name_, plain);
    for (size_t at = 0; at < std::min<size_t>(packed.size(), 400); ++at) {
      for (const uint8_t mask : kMasks) {
        Bytes damaged = packed;
        damaged[at] ^= mask;
        (void)decompress(input_.put(damaged, Exact::kEnd, 0xff), kMaxBytes);
        EXPECT_LE(plain_.size(), kMaxBytes);
      }
    }
  }
}

TEST_P(GuardCodec, OutputBeyondTheLimit) {
  for (const Bytes& plain : samples()) {
    const ByteSpan packed = input_.put(pack(codec_name_, plain), Exact::kEnd, 0xff);
    // The codec "null" has no output of its own, and so no limit.
    const CodecStatus expected = is_null() ? CodecStatus::kOk : CodecStatus::kTooLarge;
    for (size_t max_bytes = 0; max_bytes < plain.size(); max_bytes += 1 + max_bytes) {
      EXPECT_EQ(decompress(packed, max_bytes), expected) << max_bytes;
    }
    EXPECT_EQ(decompress(packed, plain.size()), CodecStatus::kOk);
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, GuardCodec, testing::Values("null", "deflate", "snappy", "zstandard", "bzip2", "xz"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace jetliner
