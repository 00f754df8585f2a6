// "deflate": one raw stream (RFC 1951), without zlib's header and checksum, and without its plain size.
#include <libdeflate.h>

#include "codec/codecs.h"
#include "codec/output_size.h"

namespace jetliner {
namespace {

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
          if (used_bytes != in.size()) return corrupt("deflate: bytes after the end of the stream");
          return plain(scratch, plain_bytes);
        case LIBDEFLATE_INSUFFICIENT_SPACE: {
          // From the start again: the output is not known to be larger than the room by any measure but trying.
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
