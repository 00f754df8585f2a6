// "bzip2": one or several streams, one after the other. The library cannot reuse the state of a stream: each stream
// allocates up to 3.7 MB anew, and touches as much of it as its data needs.
#include <bzlib.h>

#include <limits>

#include "codec/codecs.h"
#include "codec/output_size.h"

namespace jetliner {
namespace {

// bz_stream counts in unsigned int.
unsigned int clamp_count(size_t count) {
  return static_cast<unsigned int>(std::min<size_t>(count, std::numeric_limits<unsigned int>::max()));
}

class Bzip2Stream {
 public:
  Bzip2Stream() {
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();  // its only failure with these arguments
  }
  Bzip2Stream(const Bzip2Stream&) = delete;
  Bzip2Stream& operator=(const Bzip2Stream&) = delete;
  ~Bzip2Stream() { BZ2_bzDecompressEnd(&stream_); }

  // Decompresses from `in` to `out`. Removes the used bytes from the start of both.
  int run(ByteSpan& in, std::span<uint8_t>& out) {
    // The library takes a pointer that is not const, but does not write to its input.
    stream_.next_in = const_cast<char*>(reinterpret_cast<const char*>(in.data()));
    stream_.avail_in = clamp_count(in.size());
    stream_.next_out = reinterpret_cast<char*>(out.data());
    stream_.avail_out = clamp_count(out.size());
    const unsigned int in_before = stream_.avail_in;
    const unsigned int out_before = stream_.avail_out;
    const int code = BZ2_bzDecompress(&stream_);
    in = in.subspan(in_before - stream_.avail_in);
    out = out.subspan(out_before - stream_.avail_out);
    return code;
  }

 private:
  bz_stream stream_{};
};

class Bzip2Codec final : public Codec {
 public:
  CodecResult decompress(ByteSpan in, Scratch& scratch, size_t max_bytes) override {
    if (in.empty()) return corrupt("bzip2: no stream");
    // One byte more than the limit: output that fills it is too large.
    const size_t room_bytes = std::min(max_bytes, kMostBytes) + 1;
    scratch.resize(0);
    scratch.reserve(first_capacity(scratch, in.size(), room_bytes));
    size_t capacity = std::min(scratch.capacity(), room_bytes);
    size_t done_bytes = 0;
    while (!in.empty()) {
      Bzip2Stream stream;
      for (int code = BZ_OK; code != BZ_STREAM_END;) {
        if (done_bytes == capacity) {
          scratch.resize(done_bytes);
          capacity = next_capacity(capacity, room_bytes);
          scratch.reserve(capacity);
        }
        std::span<uint8_t> out(scratch.data() + done_bytes, capacity - done_bytes);
        const size_t in_before = in.size();
        const size_t out_before = out.size();
        code = stream.run(in, out);
        done_bytes += out_before - out.size();
        if (done_bytes > max_bytes) return too_large("bzip2: the output exceeds the limit");
        switch (code) {
          case BZ_STREAM_END:
            break;
          case BZ_OK:
            // No progress although there is room: the stream needs input that is not there.
            if (in.size() == in_before && out.size() == out_before) return corrupt("bzip2: truncated stream");
            break;
          case BZ_MEM_ERROR:
            throw std::bad_alloc();
          case BZ_DATA_ERROR_MAGIC:
            return corrupt("bzip2: not a stream, or bytes after the last stream");
          default:
            return corrupt("bzip2: invalid data or checksum mismatch");
        }
      }
    }
    return plain(scratch, done_bytes);
  }
};

}  // namespace

std::unique_ptr<Codec> make_bzip2_codec() { return std::make_unique<Bzip2Codec>(); }

}  // namespace jetliner
