// Compressors of the codecs' own libraries, for tests.
#pragma once

#include <bzlib.h>
#include <gtest/gtest.h>
#include <libdeflate.h>
#include <lzma.h>
#include <snappy.h>
#include <zstd.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace jetliner {

using Bytes = std::vector<uint8_t>;

inline Bytes pack_deflate(ByteSpan plain, int level = 6) {
  libdeflate_compressor* const compressor = libdeflate_alloc_compressor(level);
  Bytes out(libdeflate_deflate_compress_bound(compressor, plain.size()));
  out.resize(libdeflate_deflate_compress(compressor, plain.data(), plain.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

inline Bytes pack_snappy_raw(ByteSpan plain) {
  std::string out;
  snappy::Compress(reinterpret_cast<const char*>(plain.data()), plain.size(), &out);
  return {out.begin(), out.end()};
}

// With the CRC-32 as container files have it: big-endian.
inline Bytes pack_snappy(ByteSpan plain) {
  Bytes out = pack_snappy_raw(plain);
  const uint32_t crc = libdeflate_crc32(0, plain.data(), plain.size());
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<uint8_t>(crc >> shift));
  return out;
}

inline Bytes pack_zstandard(ByteSpan plain, bool has_content_size = true, bool has_checksum = false, int level = 3) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, has_content_size ? 1 : 0);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, has_checksum ? 1 : 0);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  Bytes out(ZSTD_compressBound(plain.size()));
  out.resize(ZSTD_compress2(context, out.data(), out.size(), plain.data(), plain.size()));
  ZSTD_freeCCtx(context);
  return out;
}

inline Bytes pack_bzip2(ByteSpan plain) {
  if (plain.data() == nullptr) plain = as_bytes("").first(0);  // the library refuses a null pointer
  Bytes out(plain.size() + plain.size() / 50 + 1000);
  auto size = static_cast<unsigned int>(out.size());
  const int code = BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &size,
                                            const_cast<char*>(reinterpret_cast<const char*>(plain.data())),
                                            static_cast<unsigned int>(plain.size()), 1, 0, 0);
  EXPECT_EQ(code, BZ_OK);
  out.resize(size);
  return out;
}

inline Bytes pack_xz(ByteSpan plain, lzma_check check = LZMA_CHECK_CRC64, uint32_t dictionary_bytes = 1 << 20) {
  lzma_options_lzma options;
  lzma_lzma_preset(&options, 1);
  options.dict_size = dictionary_bytes;
  lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  Bytes out(lzma_stream_buffer_bound(plain.size()));
  size_t size = 0;
  const lzma_ret code =
      lzma_stream_buffer_encode(filters, check, nullptr, plain.data(), plain.size(), out.data(), &size, out.size());
  EXPECT_EQ(code, LZMA_OK);
  out.resize(size);
  return out;
}

inline Bytes concat(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Bytes that compress about as well as records do.
inline Bytes sample_plain(size_t size, uint32_t seed = 1) {
  std::mt19937 random(seed);
  Bytes out(size);
  for (uint8_t& byte : out) byte = static_cast<uint8_t>("aaaaabcdeXYZ01\0\xff"[random() % 16]);
  return out;
}

inline Bytes random_plain(size_t size, uint32_t seed = 1) {
  std::mt19937 random(seed);
  Bytes out(size);
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
  return out;
}

}  // namespace jetliner
