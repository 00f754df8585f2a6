// "snappy": one block in the raw format of snappy, then the CRC-32 of the plain data: 4 bytes, big-endian. It is the
// CRC-32 of zlib, not the CRC-32C of snappy's framing format.
#include <libdeflate.h>
#include <snappy.h>

#include "codec/codecs.h"
#include "codec/output_size.h"

namespace jetliner {
namespace {

constexpr size_t kCrcBytes = 4;
// Most plain bytes for one compressed byte: the densest element of the format copies 64 bytes and takes 3. The block
// claims its plain size. A larger claim is wrong, and would make us reserve memory for nothing.
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
    // Also fails where bytes are left over: they would make the output longer than claimed.
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
