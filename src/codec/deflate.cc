// "deflate": one raw stream (RFC 1951), without the header and the checksum of zlib. The plain size is not stored.
//
// Some writers (Avro's own for Python, fastavro) make the stream with zlib and leave 3 of the 4 bytes of its checksum
// behind it. These bytes are accepted if they are right. Zero bytes are accepted as padding. No other bytes may follow
// the stream.
#include <libdeflate.h>

#include "codec/codecs.h"
#include "codec/output_size.h"

namespace jetliner {
namespace {

// True if `tail` is the checksum of zlib (RFC 1950: Adler-32, big-endian), with or without its last byte.
bool is_adler32(ByteSpan tail, ByteSpan plain_bytes) {
  if (tail.size() != 3 && tail.size() != 4) return false;
  const uint32_t checksum = libdeflate_adler32(1, plain_bytes.data(), plain_bytes.size());
  uint32_t shift = 24;
  for (const uint8_t byte : tail) {
    if (byte != static_cast<uint8_t>(checksum >> shift)) return false;
    shift -= 8;
  }
  return true;
}

bool is_padding(ByteSpan tail) {
  return std::all_of(tail.begin(), tail.end(), [](uint8_t byte) { return byte == 0; });
}

class DeflateCodec final : public Codec {
 public:
  DeflateCodec() : decompressor_(libdeflate_alloc_decompressor()) {
    if (decompressor_ == nullptr) throw std::bad_alloc();
  }

  CodecResult decompress(ByteSpan in, Scratch& scratch, size_t max_bytes) override {
    scratch.resize(0);
    for (size_t capacity = first_capacity(scratch, in.size(), max_bytes);;) {
      scratch.reserve(capacity);
      size_t used_bytes = 0;
      size_t plain_bytes = 0;
      switch (libdeflate_deflate_decompress_ex(decompressor_.get(), in.data(), in.size(), scratch.data(), capacity,
                                               &used_bytes, &plain_bytes)) {
        case LIBDEFLATE_SUCCESS:
          if (const ByteSpan tail = in.subspan(used_bytes);
              !is_padding(tail) && !is_adler32(tail, {scratch.data(), plain_bytes})) {
            return corrupt("deflate: bytes after the end of the stream, which are no checksum of it and no padding");
          }
          return plain(scratch, plain_bytes);
        case LIBDEFLATE_INSUFFICIENT_SPACE: {
          // The library does not tell how much room is missing. So try again from the start, with more.
          const size_t next = next_capacity(capacity, max_bytes);
          if (next <= capacity) return too_large("deflate: the output exceeds the limit");
          capacity = next;
          break;
        }
        default:
          return corrupt("deflate: invalid or truncated stream");
      }
    }
  }

 private:
  struct Free {
    void operator()(libdeflate_decompressor* p) const { libdeflate_free_decompressor(p); }
  };
  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
};

}  // namespace

std::unique_ptr<Codec> make_deflate_codec() { return std::make_unique<DeflateCodec>(); }

}  // namespace jetliner
