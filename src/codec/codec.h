// Codecs of container blocks (Avro 1.12, "Required Codecs" and "Optional Codecs").
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace jetliner {

enum class CodecStatus : uint8_t {
  kOk,
  kCorrupt,             // the data does not decompress, fails its checksum, or has bytes left over
  kTooLarge,            // the output would exceed the limit
  kDictionaryTooLarge,  // the same for the memory of the decompressor, by what the header of the data claims
};

struct CodecResult {
  CodecStatus status = CodecStatus::kOk;
  // The plain data, with kSlackBytes readable after it. Valid until the next call, and as long as `in`.
  ByteSpan bytes;
  const char* message = "";  // of a failure, such as "snappy: CRC-32 mismatch"; static text
};

// Decompresses blocks. Keeps the contexts of its library for the next block. For one thread at a time.
class Codec {
 public:
  Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  virtual ~Codec() = default;

  // Decompresses one block into `scratch`; without compression returns `in` itself. `in` has kSlackBytes readable bytes
  // after it. Memory is proportional to the input or to the real output, and at most `max_bytes` plus a constant: sizes
  // that the input claims are not believed. Corrupt input is a result, not an exception. Throws std::bad_alloc only.
  virtual CodecResult decompress(ByteSpan in, Scratch& scratch, size_t max_bytes) = 0;
};

bool is_known_codec(std::string_view name);

// `name` as in "avro.codec": null, deflate, snappy, zstandard, bzip2 or xz. nullptr for any other.
std::unique_ptr<Codec> make_codec(std::string_view name);

// Most bytes that a compressor of any codec makes of `plain_bytes`. Larger data was padded on purpose. UINT64_MAX for
// "null": no limit applies to plain data.
uint64_t max_compressed_bytes(std::string_view name, size_t plain_bytes);

// Most plain bytes for one compressed byte, by the format of the codec. UINT64_MAX where the format allows very many.
uint64_t max_expansion(std::string_view name);

// For messages: "null, deflate, snappy, zstandard, bzip2, xz".
std::string_view known_codecs();

}  // namespace jetliner
