// "xz": one or several streams of the .xz format, with or without padding between them.
#include <lzma.h>

#include "codec/codecs.h"
#include "codec/output_size.h"

namespace jetliner {
namespace {

// The dictionary of the largest preset. Writers choose a preset without a look at the size of their blocks, so this
// much is allowed for small blocks too.
constexpr uint64_t kPresetDictionaryBytes = 64 << 20;
// The decoder's memory beyond its dictionary: some 100 KiB.
constexpr uint64_t kStateBytes = 1 << 20;

// Most memory for a decoder of blocks of at most `max_bytes`. The header of a stream claims the size of the dictionary,
// and all of it is allocated. No data needs more dictionary than it has plain bytes.
uint64_t memory_limit(size_t max_bytes) {
  return std::max<uint64_t>(std::min(max_bytes, kMostBytes), kPresetDictionaryBytes) + kStateBytes;
}

class XzCodec final : public Codec {
 public:
  ~XzCodec() override { lzma_end(&stream_); }

  CodecResult decompress(ByteSpan in, Scratch& scratch, size_t max_bytes) override {
    // Keeps the memory of the stream before.
    const lzma_ret status = lzma_stream_decoder(&stream_, memory_limit(max_bytes), LZMA_CONCATENATED);
    if (status != LZMA_OK) throw std::bad_alloc();  // its only failure with these arguments
    // One byte more than the limit: output that fills it is too large.
    const size_t room_bytes = std::min(max_bytes, kMostBytes) + 1;
    scratch.resize(0);
    scratch.reserve(first_capacity(scratch, in.size(), room_bytes));
    size_t capacity = std::min(scratch.capacity(), room_bytes);
    size_t done_bytes = 0;
    stream_.next_in = in.data();
    stream_.avail_in = in.size();
    for (;;) {
      if (done_bytes == capacity) {
        scratch.resize(done_bytes);
        capacity = next_capacity(capacity, room_bytes);
        scratch.reserve(capacity);
      }
      stream_.next_out = scratch.data() + done_bytes;
      stream_.avail_out = capacity - done_bytes;
      // LZMA_FINISH: no input follows, so a stream that is not finished at the end is an error.
      const lzma_ret code = lzma_code(&stream_, LZMA_FINISH);
      done_bytes = capacity - stream_.avail_out;
      if (done_bytes > max_bytes) return too_large("xz: the output exceeds the limit");
      switch (code) {
        case LZMA_OK:
          break;
        case LZMA_STREAM_END:
          return plain(scratch, done_bytes);
        case LZMA_MEM_ERROR:
          throw std::bad_alloc();
        case LZMA_MEMLIMIT_ERROR:
          return {CodecStatus::kDictionaryTooLarge, {}, "xz: the stream asks for a larger dictionary than the limit"};
        case LZMA_FORMAT_ERROR:
          return corrupt("xz: not a stream, or bytes after the last stream");
        case LZMA_OPTIONS_ERROR:
          return corrupt("xz: unsupported options");
        case LZMA_BUF_ERROR:
          return corrupt("xz: truncated stream");
        default:
          return corrupt("xz: invalid data or checksum mismatch");
      }
    }
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace

std::unique_ptr<Codec> make_xz_codec() { return std::make_unique<XzCodec>(); }

}  // namespace jetliner
