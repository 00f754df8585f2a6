// Edits a file of sound blocks, and reads it with recovery. Edits change, insert and remove bytes.
//
// - All blocks before the first edit are read.
// - Blocks after it are in order and lie within the file.
// - The work is linear in the size of the file, wherever the edits are.
//
// Input: the number of blocks and their sizes, a byte each. Then edits: kind, place (two bytes), length, bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "check.h"
#include "container/block_framer.h"

namespace {

using namespace jetliner;  // NOLINT(google-build-using-namespace): a program of one file

constexpr char kMarker[] = "0123456789abcdef";
constexpr size_t kMarkerBytes = 16;
constexpr size_t kMaxFileBytes = 1 << 16;
// Limits of the work: bytes requested for each damage, and requests for each byte of the file.
constexpr uint64_t kRequestedBytesPerDamage = 2000;
constexpr uint64_t kRequestsPerByte = 24;
// Places examined as headers of joined files, and the bytes read at each (container/joined_files.h).
constexpr uint64_t kHeaderAttempts = 64;
constexpr uint64_t kHeaderBytes = 4 << 10;

class CountedSource final : public Source {
 public:
  explicit CountedSource(ByteSpan bytes) : bytes_(bytes) {}
  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    if (offset >= bytes_.size()) return 0;
    const size_t count = std::min<size_t>(out.size(), bytes_.size() - offset);
    requested_bytes += count;
    std::memcpy(out.data(), bytes_.data() + offset, count);
    return count;
  }
  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return 1 << 20; }
  uint64_t requested_bytes = 0;

 private:
  ByteSpan bytes_;
};

class Input {
 public:
  Input(const uint8_t* data, size_t size) : bytes_(data, size) {}
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }
  uint8_t byte() {
    if (bytes_.empty()) return 0;
    const uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  ByteSpan take(size_t count) {
    const ByteSpan some = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(some.size());
    return some;
  }

 private:
  ByteSpan bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  std::vector<uint8_t> file;
  std::vector<size_t> ends;
  const size_t count = 1 + input.byte() % 32;
  for (size_t i = 0; i < count; ++i) {
    const size_t data_bytes = input.byte() % 64;  // its varint takes one byte
    file.push_back(2);
    file.push_back(static_cast<uint8_t>(2 * data_bytes));
    file.insert(file.end(), data_bytes, static_cast<uint8_t>(i));
    file.insert(file.end(), kMarker, kMarker + kMarkerBytes);
    ends.push_back(file.size());
  }
  size_t first_edit = file.size();
  while (!input.is_empty() && file.size() < kMaxFileBytes) {
    const uint8_t kind = input.byte();
    const size_t low = input.byte();
    const size_t at = std::min(file.size(), (size_t{input.byte()} << 8 | low) % (file.size() + 1));
    const size_t length = input.byte();
    first_edit = std::min(first_edit, at);
    const auto place = file.begin() + static_cast<ptrdiff_t>(at);
    switch (kind % 3) {
      case 0: {
        size_t offset = at;
        for (const uint8_t byte : input.take(std::min(length, file.size() - at))) file[offset++] ^= byte;
        break;
      }
      case 1: {
        const ByteSpan bytes = input.take(length);
        file.insert(place, bytes.begin(), bytes.end());
        break;
      }
      default:
        file.erase(place, place + static_cast<ptrdiff_t>(std::min(length, file.size() - at)));
    }
  }

  Header header;
  std::memcpy(header.sync.data(), kMarker, kMarkerBytes);
  CountedSource source(file);
  BlockFramer framer(source, header, {.recover = true});
  uint64_t last_end = 0;
  uint64_t damages = 0;
  std::vector<uint64_t> starts;
  for (Unit unit; framer.next(unit);) {
    for (const BlockRef& block : unit.blocks) {
      JETLINER_FUZZ_CHECK(block.file_offset >= last_end);
      last_end = block.file_offset + block.block_bytes;
      JETLINER_FUZZ_CHECK(last_end <= file.size());
      JETLINER_FUZZ_CHECK(std::memcmp(file.data() + last_end - kMarkerBytes, kMarker, kMarkerBytes) == 0);
      starts.push_back(block.file_offset);
    }
    if (unit.damage) {
      ++damages;
      JETLINER_FUZZ_CHECK(static_cast<uint64_t>(unit.damage->file_offset) >= last_end);
      JETLINER_FUZZ_CHECK(unit.damage->message.find("skipped ") != std::string::npos);
    }
  }
  size_t start = 0;
  for (const size_t end : ends) {
    if (end > first_edit) break;
    JETLINER_FUZZ_CHECK(std::binary_search(starts.begin(), starts.end(), start));
    start = end;
  }
  JETLINER_FUZZ_CHECK(source.requested_bytes <= kRequestsPerByte * file.size() + damages * kRequestedBytesPerDamage +
                                                    kHeaderAttempts * std::min<uint64_t>(file.size(), kHeaderBytes));
  return 0;
}
