// Codecs of container blocks (Avro 1.12, "Required Codecs" and "Optional Codecs").
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace jetliner {

enum class CodecStatus : uint8_t {
  kOk,
  kCorrupt,   // the data does not decompress, fails its checksum, or has bytes left over
  kTooLarge,  // the output would exceed the limit
};

struct CodecResult {
  CodecStatus status = CodecStatus::kOk;
  ByteSpan bytes;  // the plain data, with kSlackBytes readable after it; valid until the next call or until `in` dies
  const char* message = "";  // static text for a failure, such as "snappy: CRC-32 mismatch"
};

// Holds contexts that are reused from block to block. For one thread at a time.
class Codec {
 public:
  Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  virtual ~Codec() = default;

  // Decompresses one block into `scratch` (or returns `in` itself where nothing is to be done). `in` has kSlackBytes
  // readable bytes after it. Never allocates more than O(max(in.size(), real output)) and never more than
  // `max_bytes` plus a constant. Corrupt input is a result, not an exception; throws std::bad_alloc only.
  virtual CodecResult decompress(ByteSpan in, Scratch& scratch, size_t max_bytes) = 0;
};

// Whether make_codec() makes one of that name.
bool is_known_codec(std::string_view name);

// Null, deflate, snappy, zstandard, bzip2, xz. nullptr for a name that is not known.
std::unique_ptr<Codec> make_codec(std::string_view name);

// Most bytes that a compressor makes of `plain_bytes`, whichever codec it is for: beyond that, what decompresses to
// them was not compressed but padded. No bound (UINT64_MAX) for "null", whose data no limit applies to.
uint64_t max_compressed_bytes(std::string_view name, size_t plain_bytes);

// Most plain bytes for each compressed one that the format of a codec allows; UINT64_MAX where that is no bound to
// speak of.
uint64_t max_expansion(std::string_view name);

// For messages: "null, deflate, snappy, zstandard, bzip2, xz".
std::string_view known_codecs();

}  // namespace jetliner
