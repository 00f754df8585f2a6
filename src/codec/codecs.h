// The codecs, for the registry; and how they report their result.
#pragma once

#include <memory>

#include "codec/codec.h"

namespace jetliner {

std::unique_ptr<Codec> make_null_codec();
std::unique_ptr<Codec> make_deflate_codec();
std::unique_ptr<Codec> make_snappy_codec();
std::unique_ptr<Codec> make_zstandard_codec();
std::unique_ptr<Codec> make_bzip2_codec();
std::unique_ptr<Codec> make_xz_codec();

inline CodecResult corrupt(const char* message) { return {CodecStatus::kCorrupt, {}, message}; }
inline CodecResult too_large(const char* message) { return {CodecStatus::kTooLarge, {}, message}; }

// The first `size` bytes of `scratch`, with zeroed slack after them.
inline CodecResult plain(Scratch& scratch, size_t size) {
  scratch.resize(size);
  return {CodecStatus::kOk, scratch.bytes(), ""};
}

}  // namespace jetliner
