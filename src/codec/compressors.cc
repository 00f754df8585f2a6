// One class for each codec. Each asks its library for the most bytes that the result can take, makes room, and gives
// back what was not used.
#include <bzlib.h>
#include <libdeflate.h>
#include <lzma.h>
#include <snappy.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>

#include "codec/compressor.h"
#include "jetliner/error.h"

namespace jetliner {
namespace {

[[noreturn]] void fail(const char* message) {
  throw Error(ErrorKind::kCodec, ErrorVariant::kCompressionError, message);
}

// Appends what `write(data, capacity)` writes; it returns the number of bytes.
template <typename Write>
void append(ByteBuffer& out, size_t capacity, Write write) {
  out.add_size(write(out.room(capacity), capacity));
}

class NullCompressor final : public Compressor {
 public:
  void compress(ByteSpan plain, ByteBuffer& out) override { out.append(plain); }
};

class DeflateCompressor final : public Compressor {
 public:
  explicit DeflateCompressor(int level) : compressor_(libdeflate_alloc_compressor(level)) {
    if (compressor_ == nullptr) throw std::bad_alloc();
  }
  void compress(ByteSpan plain, ByteBuffer& out) override {
    append(out, libdeflate_deflate_compress_bound(compressor_.get(), plain.size()), [&](uint8_t* to, size_t capacity) {
      return libdeflate_deflate_compress(compressor_.get(), plain.data(), plain.size(), to, capacity);
    });
  }

 private:
  struct Free {
    void operator()(libdeflate_compressor* p) const { libdeflate_free_compressor(p); }
  };
  std::unique_ptr<libdeflate_compressor, Free> compressor_;
};

// The format of snappy, then the CRC-32 of the plain data, big-endian.
class SnappyCompressor final : public Compressor {
 public:
  void compress(ByteSpan plain, ByteBuffer& out) override {
    if (plain.size() > std::numeric_limits<uint32_t>::max()) fail("snappy: a block takes at most 4 GiB");
    append(out, snappy::MaxCompressedLength(plain.size()) + kCrcBytes, [&](uint8_t* to, size_t) {
      size_t size = 0;
      snappy::RawCompress(reinterpret_cast<const char*>(plain.data()), plain.size(), reinterpret_cast<char*>(to),
                          &size);
      const uint32_t crc = libdeflate_crc32(0, plain.data(), plain.size());
      for (size_t i = 0; i < kCrcBytes; ++i) to[size + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
      return size + kCrcBytes;
    });
  }

 private:
  static constexpr size_t kCrcBytes = 4;
};

class ZstandardCompressor final : public Compressor {
 public:
  explicit ZstandardCompressor(int level) : level_(level), context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
  }
  void compress(ByteSpan plain, ByteBuffer& out) override {
    append(out, ZSTD_compressBound(plain.size()), [&](uint8_t* to, size_t capacity) {
      const size_t size = ZSTD_compressCCtx(context_.get(), to, capacity, plain.data(), plain.size(), level_);
      if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // its only failure: there is room enough
      return size;
    });
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* p) const { ZSTD_freeCCtx(p); }
  };
  const int level_;
  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

class Bzip2Compressor final : public Compressor {
 public:
  explicit Bzip2Compressor(int level) : level_(level) {}
  void compress(ByteSpan plain, ByteBuffer& out) override {
    if (plain.size() > std::numeric_limits<unsigned int>::max() / 2) fail("bzip2: a block takes at most 2 GiB");
    // The bound of the library's manual: 1 % and 600 bytes.
    append(out, plain.size() + plain.size() / 100 + 600, [&](uint8_t* to, size_t capacity) {
      auto size = static_cast<unsigned int>(capacity);
      // The library takes a pointer that is not const, but does not write to its input.
      const int code = BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(to), &size,
                                                const_cast<char*>(reinterpret_cast<const char*>(plain.data())),
                                                static_cast<unsigned int>(plain.size()), level_, 0, 0);
      if (code != BZ_OK) throw std::bad_alloc();  // its only failure with these arguments
      return static_cast<size_t>(size);
    });
  }

 private:
  const int level_;
};

// One stream with a CRC-64, as Avro's Java library writes it. The dictionary is not larger than the data: the encoder
// would allocate and clear up to 674 MB for every block.
class XzCompressor final : public Compressor {
 public:
  explicit XzCompressor(int level) {
    if (lzma_lzma_preset(&options_, static_cast<uint32_t>(level)) != 0) fail("xz: the level is not known");
    preset_dictionary_bytes_ = options_.dict_size;
  }
  void compress(ByteSpan plain, ByteBuffer& out) override {
    options_.dict_size =
        static_cast<uint32_t>(std::clamp<size_t>(plain.size(), LZMA_DICT_SIZE_MIN, preset_dictionary_bytes_));
    lzma_filter filters[] = {{.id = LZMA_FILTER_LZMA2, .options = &options_},
                             {.id = LZMA_VLI_UNKNOWN, .options = nullptr}};
    append(out, lzma_stream_buffer_bound(plain.size()), [&](uint8_t* to, size_t capacity) {
      size_t size = 0;
      if (lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC64, nullptr, plain.data(), plain.size(), to, &size,
                                    capacity) != LZMA_OK) {
        throw std::bad_alloc();  // its only failure with these arguments
      }
      return size;
    });
  }

 private:
  lzma_options_lzma options_{};
  uint32_t preset_dictionary_bytes_ = 0;
};

}  // namespace

std::optional<LevelRange> compression_levels(std::string_view codec) {
  if (codec == "deflate") return LevelRange{.least = 0, .most = 12, .usual = 6};
  if (codec == "zstandard") return LevelRange{.least = 1, .most = ZSTD_maxCLevel(), .usual = 3};
  if (codec == "bzip2") return LevelRange{.least = 1, .most = 9, .usual = 9};
  if (codec == "xz") return LevelRange{.least = 0, .most = 9, .usual = 6};
  return std::nullopt;
}

std::unique_ptr<Compressor> make_compressor(std::string_view codec, std::optional<int> level) {
  const int used = level.value_or(compression_levels(codec).value_or(LevelRange{}).usual);
  if (codec == "deflate") return std::make_unique<DeflateCompressor>(used);
  if (codec == "snappy") return std::make_unique<SnappyCompressor>();
  if (codec == "zstandard") return std::make_unique<ZstandardCompressor>(used);
  if (codec == "bzip2") return std::make_unique<Bzip2Compressor>(used);
  if (codec == "xz") return std::make_unique<XzCompressor>(used);
  return std::make_unique<NullCompressor>();
}

}  // namespace jetliner
