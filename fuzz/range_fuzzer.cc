// Reads any bytes as the blocks of a file, as a whole and in parts. All parts together must have the blocks of the
// whole, each once and in order, or one of them raises an error.
//
// The first byte chooses the source and the chunk size, the second and third are places of cuts. A block of zeros
// stands before the bytes, so that they are far from the header, where a slow source is not walked over. The header is
// fixed; its marker is the text "0123456789abcdef" (see framer.dict).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "check.h"
#include "container/block_framer.h"
#include "container/range_framer.h"
#include "jetliner/error.h"

namespace {

using namespace jetliner;  // NOLINT(google-build-using-namespace): a program of one file

constexpr char kTextMarker[] = "0123456789abcdef";
constexpr char kHeadsMarker[] = "\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a";
constexpr size_t kMarkerBytes = 16;
constexpr size_t kZeros = 80 << 10;

class FarSource final : public Source {
 public:
  FarSource(ByteSpan bytes, bool is_slow, const char* marker) : is_slow_(is_slow), marker_(marker) {
    // The marker of the header, then 1 row of kZeros bytes.
    bytes_.assign(marker_, marker_ + kMarkerBytes);
    bytes_.push_back(2);
    for (size_t zigzag = 2 * kZeros;; zigzag >>= 7) {
      bytes_.push_back(static_cast<uint8_t>((zigzag & 127) | (zigzag > 127 ? 128 : 0)));
      if (zigzag <= 127) break;
    }
    bytes_.resize(bytes_.size() + kZeros);
    bytes_.insert(bytes_.end(), marker_, marker_ + kMarkerBytes);
    begin_ = bytes_.size();
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    JETLINER_FUZZ_CHECK(offset + out.size() <= size());
    std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return out.size();
  }
  [[nodiscard]] bool lends() const override { return lends_; }
  // Pieces in memory of their own. Their sizes depend on the place.
  LentBytes lend(uint64_t offset, size_t /*bytes*/) override {
    const size_t most_bytes = offset % 7 * 400;
    const auto piece = ByteSpan(bytes_).subspan(offset, std::min<size_t>(most_bytes, size() - offset));
    const auto copy = std::make_shared<const std::vector<uint8_t>>(piece.begin(), piece.end());
    return {*copy, copy};
  }
  void set_lends(bool lends) { lends_ = lends; }
  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return is_slow_ ? 1 << 20 : 64 << 10; }
  [[nodiscard]] bool reads_ahead() const override { return !is_slow_; }
  [[nodiscard]] const char* marker() const { return marker_; }
  // Place of the first byte of the input.
  [[nodiscard]] size_t begin() const { return begin_; }

 private:
  const bool is_slow_;
  bool lends_ = false;
  const char* const marker_;
  std::vector<uint8_t> bytes_;
  size_t begin_ = 0;
};

struct Read {
  std::vector<uint64_t> offsets;  // of blocks
  bool has_damage = false;
};

template <typename Framer>
void read(Framer& framer, Read& all) {
  for (Unit unit; framer.next(unit);) {
    for (const BlockRef& block : unit.blocks) all.offsets.push_back(block.file_offset);
    all.has_damage = all.has_damage || unit.damage.has_value();
  }
}

void check(FarSource& source, FramerOptions options, const std::vector<uint64_t>& cuts) {
  Header header;
  header.size_bytes = kMarkerBytes;
  std::memcpy(header.sync.data(), source.marker(), kMarkerBytes);
  Read whole;
  BlockFramer framer(source, header, options);
  read(framer, whole);
  Read parts;
  try {
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      RangeFramer part(source, header, options, {cuts[i], cuts[i + 1]});
      read(part, parts);
      // A strict reader stops at the first damage.
      if (parts.has_damage && !options.recover) break;
    }
  } catch (const Error&) {
    return;
  }
  JETLINER_FUZZ_CHECK(whole.has_damage == parts.has_damage);
  JETLINER_FUZZ_CHECK(whole.offsets == parts.offsets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  FarSource source({data + 3, size - 3}, data[0] % 2 == 1, data[0] % 16 < 8 ? kTextMarker : kHeadsMarker);
  const size_t chunk_bytes = data[0] % 4 < 2 ? 2000 + data[0] : 64 << 10;
  std::vector<uint64_t> cuts{0, source.begin() + data[1] % size, source.begin() + data[2] % size, UINT64_MAX};
  std::sort(cuts.begin(), cuts.end());
  for (const bool lends : {false, true}) {
    source.set_lends(lends);
    for (const bool recover : {false, true}) check(source, {.chunk_bytes = chunk_bytes, .recover = recover}, cuts);
  }
  return 0;
}
