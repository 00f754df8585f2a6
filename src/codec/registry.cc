// Codecs by their names in "avro.codec", and the limits of their formats.
#include <algorithm>
#include <array>

#include "codec/codecs.h"

namespace jetliner {
namespace {

struct Entry {
  std::string_view name;
  std::unique_ptr<Codec> (*make)();
};

constexpr std::array<Entry, 6> kCodecs = {{
    {"null", make_null_codec},
    {"deflate", make_deflate_codec},
    {"snappy", make_snappy_codec},
    {"zstandard", make_zstandard_codec},
    {"bzip2", make_bzip2_codec},
    {"xz", make_xz_codec},
}};

auto find(std::string_view name) {
  return std::find_if(kCodecs.begin(), kCodecs.end(), [&](const Entry& entry) { return entry.name == name; });
}

}  // namespace

bool is_known_codec(std::string_view name) { return find(name) != kCodecs.end(); }

std::unique_ptr<Codec> make_codec(std::string_view name) {
  const auto* const entry = find(name);
  return entry == kCodecs.end() ? nullptr : entry->make();
}

// The largest overhead is that of snappy: a sixth and 32 bytes. Deflate adds 5 bytes for each stored block, bzip2 1 %
// and 600 bytes, zstandard and xz less. The constant covers headers.
uint64_t max_compressed_bytes(std::string_view name, size_t plain_bytes) {
  constexpr uint64_t kHeaderBytes = 64 << 10;
  const uint64_t bytes = plain_bytes;
  if (name == "null" || bytes > UINT64_MAX / 2) return UINT64_MAX;
  return bytes + bytes / 6 + kHeaderBytes;
}

// The densest element of snappy copies 64 bytes and takes 3. The one of deflate copies 258 bytes and takes 2 bits.
uint64_t max_expansion(std::string_view name) {
  if (name == "null") return 1;
  if (name == "snappy") return 22;
  if (name == "deflate") return 1032;
  return UINT64_MAX;
}

std::string_view known_codecs() { return "null, deflate, snappy, zstandard, bzip2, xz"; }

}  // namespace jetliner
