// "zstandard": one or several frames of RFC 8878, with or without their content size. Skippable frames are skipped.
// Frames of versions before 1.0, which the library may know, are refused: they are not Avro's "zstandard".
//
// A block is decompressed by one call into one buffer. If its size is not known and the buffer is too small, it grows
// and the call is repeated. That is rare, because scratch keeps its room. The streaming interface would need a second
// buffer of a size that the input claims, and would copy all output.
//
// Empty input has no frames and gives no bytes. That is legal, for rows that take no bytes.
#include <zstd.h>
#include <zstd_errors.h>

#include "codec/codecs.h"
#include "codec/output_size.h"

namespace jetliner {
namespace {

const char* failure_text(size_t code) {
  switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_checksum_wrong:
      return "zstandard: checksum mismatch";
    case ZSTD_error_dictionary_wrong:
    case ZSTD_error_dictionary_corrupted:
      return "zstandard: the data needs a dictionary";
    case ZSTD_error_srcSize_wrong:
      return "zstandard: truncated frame, or bytes after the last frame";
    case ZSTD_error_prefix_unknown:
      return "zstandard: not a frame";
    default:
      return "zstandard: invalid data";
  }
}

// Checks the first four bytes, little-endian. The library refuses shorter input.
bool has_frame_magic(ByteSpan in) {
  if (in.size() < sizeof(uint32_t)) return true;
  uint32_t magic = 0;
  for (size_t i = sizeof(magic); i-- > 0;) magic = magic << 8 | in[i];
  return magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

class ZstandardCodec final : public Codec {
 public:
  ZstandardCodec() : context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
  }

  CodecResult decompress(ByteSpan in, Scratch& scratch, size_t max_bytes) override {
    // The size that the frames claim is an upper bound: good for a refusal and a first guess, but not for an
    // allocation.
    size_t claimed_bytes = 0;
    bool is_known = true;
    for (ByteSpan rest = in; !rest.empty();) {
      if (!has_frame_magic(rest)) return corrupt("zstandard: not a frame");
      const size_t frame_bytes = ZSTD_findFrameCompressedSize(rest.data(), rest.size());
      if (ZSTD_isError(frame_bytes) != 0) return corrupt(failure_text(frame_bytes));
      const unsigned long long content_bytes = ZSTD_getFrameContentSize(rest.data(), rest.size());
      if (content_bytes == ZSTD_CONTENTSIZE_ERROR) return corrupt("zstandard: not a frame");
      if (content_bytes == ZSTD_CONTENTSIZE_UNKNOWN) {
        is_known = false;
      } else {
        if (content_bytes > max_bytes || claimed_bytes > max_bytes - content_bytes) {
          return too_large("zstandard: the output exceeds the limit");
        }
        claimed_bytes += content_bytes;
      }
      rest = rest.subspan(frame_bytes);
    }

    const size_t limit_bytes = is_known ? claimed_bytes : max_bytes;
    scratch.resize(0);
    size_t capacity = first_capacity(scratch, in.size(), limit_bytes);
    // Believe a claim that is credible for this much input. That saves attempts.
    if (is_known && claimed_bytes / kCredibleExpansion <= in.size()) capacity = claimed_bytes;
    for (;;) {
      scratch.reserve(std::max<size_t>(capacity, 1));
      const size_t plain_bytes = ZSTD_decompressDCtx(context_.get(), scratch.data(), capacity, in.data(), in.size());
      if (ZSTD_isError(plain_bytes) == 0) return plain(scratch, plain_bytes);
      if (ZSTD_getErrorCode(plain_bytes) != ZSTD_error_dstSize_tooSmall) return corrupt(failure_text(plain_bytes));
      const size_t next = next_capacity(capacity, limit_bytes);
      if (next <= capacity) {
        return is_known ? corrupt("zstandard: more data than the frame claims")
                        : too_large("zstandard: the output exceeds the limit");
      }
      capacity = next;
    }
  }

 private:
  // Repetitive records reach this ratio. Memory stays proportional to the input.
  static constexpr size_t kCredibleExpansion = 64;

  struct Free {
    void operator()(ZSTD_DCtx* p) const { ZSTD_freeDCtx(p); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
};

}  // namespace

std::unique_ptr<Codec> make_zstandard_codec() { return std::make_unique<ZstandardCodec>(); }

}  // namespace jetliner
