// "snappy": one block in snappy's raw format, then 4 bytes: the CRC-32 of the plain data, big-endian. (CRC-32 as in
// zlib, not the CRC-32C of snappy's framing format.)
#include <libdeflate.h>
#include <snappy.h>

#include "codec/codecs.h"
#include "codec/output_size.h"

namespace jetliner {
namespace {

constexpr size_t kCrcBytes = 4;
// The densest element of the format is a copy of 64 bytes, written in 3. So a claim of more is a lie, and the claim is
// all that we have to reserve memory by.
constexpr size_t kMaxExpansion = 22;
static_assert(kMaxExpansion * 3 >= 64);

class SnappyCodec final : public Codec {
 public:
  CodecResult decompress(ByteSpan in, Scratch& scratch, size_t max_bytes) override {
    if (in.size() < kCrcBytes) return corrupt("snappy: the block is shorter than its checksum");
    const std::string_view packed = as_text(in.first(in.size() - kCrcBytes));
    const ByteSpan crc_bytes = in.last(kCrcBytes);
    size_t plain_bytes = 0;
    if (!snappy::GetUncompressedLength(packed.data(), packed.size(), &plain_bytes)) {
      return corrupt("snappy: invalid length of the plain data");
    }
    if (plain_bytes > packed.size() * kMaxExpansion) {
      return corrupt("snappy: the claimed length of the plain data is more than the block can hold");
    }
    if (plain_bytes > max_bytes) return too_large("snappy: the output exceeds the limit");

    scratch.resize(0);
    scratch.reserve(plain_bytes);
    // Fails on bytes left over as well: each would add to the output, whose length must come out right.
    if (!snappy::RawUncompress(packed.data(), packed.size(), reinterpret_cast<char*>(scratch.data()))) {
      return corrupt("snappy: invalid or truncated data");
    }
    const uint32_t stored_crc = static_cast<uint32_t>(crc_bytes[0]) << 24 | static_cast<uint32_t>(crc_bytes[1]) << 16 |
                                static_cast<uint32_t>(crc_bytes[2]) << 8 | static_cast<uint32_t>(crc_bytes[3]);
    if (libdeflate_crc32(0, scratch.data(), plain_bytes) != stored_crc) return corrupt("snappy: CRC-32 mismatch");
    return plain(scratch, plain_bytes);
  }
};

}  // namespace

std::unique_ptr<Codec> make_snappy_codec() { return std::make_unique<SnappyCodec>(); }

}  // namespace jetliner
