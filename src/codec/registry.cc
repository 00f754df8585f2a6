// Names of codecs (Avro 1.12, "Required Codecs" and "Optional Codecs").
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

std::string_view known_codecs() { return "null, deflate, snappy, zstandard, bzip2, xz"; }

}  // namespace jetliner
