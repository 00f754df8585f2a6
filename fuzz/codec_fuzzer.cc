// Decompresses any bytes.
//
// The first byte chooses the codec, the second byte the limit of the output.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "check.h"
#include "codec/codec.h"

namespace {

using namespace jetliner;  // NOLINT(google-build-using-namespace): a program of one file

constexpr std::array<std::string_view, 6> kNames = {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"};
constexpr std::array<size_t, 8> kLimits = {0, 1, 100, 4096, 4097, 65'536, 1 << 20, 16 << 20};
// Least first guess of the output size (codec/output_size.h), plus one byte: the codecs may reserve one byte more than
// the limit.
constexpr size_t kConstantBytes = 4097;

void check_result(const CodecResult& result, const Scratch& scratch, size_t in_bytes, size_t max_bytes, bool is_null) {
  JETLINER_FUZZ_CHECK(is_null || scratch.capacity() <= max_bytes + kConstantBytes);
  JETLINER_FUZZ_CHECK(result.message != nullptr);
  if (result.status != CodecStatus::kOk) {
    JETLINER_FUZZ_CHECK(result.bytes.empty());
    JETLINER_FUZZ_CHECK(!std::string_view(result.message).empty());
    return;
  }
  if (is_null) return;
  JETLINER_FUZZ_CHECK(result.bytes.size() <= max_bytes);
  // Memory is bounded by twice the real output, or by a guess or a claimed size in proportion to the input.
  JETLINER_FUZZ_CHECK(scratch.capacity() <= std::max({2 * result.bytes.size(), 64 * in_bytes + 64, kConstantBytes}));
  for (size_t i = 0; i < kSlackBytes; ++i) JETLINER_FUZZ_CHECK(result.bytes.data()[result.bytes.size() + i] == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static const std::array<std::unique_ptr<Codec>, kNames.size()> kReused = [] {
    std::array<std::unique_ptr<Codec>, kNames.size()> codecs;
    for (size_t i = 0; i < kNames.size(); ++i) codecs[i] = make_codec(kNames[i]);
    return codecs;
  }();
  const size_t which = data[0] % kNames.size();
  const bool is_null = which == 0;
  const size_t max_bytes = kLimits[data[1] % kLimits.size()];
  Scratch input;
  input.resize(size - 2);
  if (size > 2) std::memcpy(input.data(), data + 2, size - 2);

  Scratch scratch;
  const CodecResult result = kReused[which]->decompress(input.bytes(), scratch, max_bytes);
  check_result(result, scratch, input.size(), max_bytes, is_null);
  // A new codec with a limit that is hardly reached gives the same result, unless the first result was kTooLarge.
  Scratch fresh_scratch;
  const CodecResult fresh = make_codec(kNames[which])->decompress(input.bytes(), fresh_scratch, kLimits.back());
  check_result(fresh, fresh_scratch, input.size(), kLimits.back(), is_null);
  if (result.status == CodecStatus::kTooLarge) {
    // The data behind the limit may be corrupt, so the second result may be an error.
    JETLINER_FUZZ_CHECK(fresh.status != CodecStatus::kOk || fresh.bytes.size() > max_bytes);
  } else if (fresh.status != CodecStatus::kTooLarge) {
    JETLINER_FUZZ_CHECK(result.status == fresh.status);
    JETLINER_FUZZ_CHECK(std::equal(result.bytes.begin(), result.bytes.end(), fresh.bytes.begin(), fresh.bytes.end()));
  }
  return 0;
}
