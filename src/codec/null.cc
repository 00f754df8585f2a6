// "null": data without compression.
#include "codec/codecs.h"

namespace jetliner {
namespace {

class NullCodec final : public Codec {
 public:
  // The limit is for memory that decompressing takes. This codec takes none.
  CodecResult decompress(ByteSpan in, Scratch& /*scratch*/, size_t /*max_bytes*/) override {
    return {CodecStatus::kOk, in, ""};
  }
};

}  // namespace

std::unique_ptr<Codec> make_null_codec() { return std::make_unique<NullCodec>(); }

}  // namespace jetliner
