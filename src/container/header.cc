// Header on disk (Avro 1.12, "Object Container Files"):
//   magic:    the bytes 'O' 'b' 'j' 1
//   metadata: a map of bytes: blocks of entries. Before each block its count; where that is negative, the size in bytes
//             follows. A count of 0 ends the map.
//   sync:     16 bytes
// All of it is input: memory is taken only for bytes that the source really has.
#include "container/header.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/varint.h"
#include "jetliner/error.h"

namespace jetliner {
namespace {

// Size of the first request: most headers have a few KiB. Each further request is four times as large.
constexpr size_t kFirstReadBytes = 16 << 10;
// Limit of entries: each takes memory beyond its own bytes.
constexpr int64_t kMaxEntries = 1 << 16;

[[noreturn]] void throw_parse_error(ErrorVariant variant, const std::string& message, uint64_t file_offset) {
  ErrorPlace place;
  place.file_offset = static_cast<int64_t>(file_offset);
  throw Error(ErrorKind::kParse, variant, message, std::move(place));
}

// The first bytes of the source and a cursor. It reads on as bytes are needed.
class HeaderBytes {
 public:
  HeaderBytes(Source& source, size_t chunk_bytes)
      : source_(source),
        chunk_bytes_(chunk_bytes),
        ask_bytes_(std::min(chunk_bytes, kFirstReadBytes)),
        end_(source.size()) {}

  [[nodiscard]] uint64_t offset() const { return cursor_; }
  // Bytes that the source has after the cursor.
  [[nodiscard]] uint64_t remaining_bytes() const { return end_ - cursor_; }

  // Reads until `count` bytes after the cursor are in memory. Returns their number: less only where the source ends.
  size_t prepare(size_t count) {
    while (bytes_.size() - cursor_ < count && bytes_.size() < end_) {
      const size_t have = bytes_.size();
      const size_t ask = static_cast<size_t>(std::min<uint64_t>(ask_bytes_, end_ - have));
      bytes_.resize(have + ask);
      const size_t got = source_.read_at(have, {bytes_.data() + have, ask});
      bytes_.resize(have + got);
      if (got < ask) end_ = bytes_.size();
      ask_bytes_ = std::min(chunk_bytes_, std::max(ask_bytes_, ask_bytes_ * 4));
    }
    return std::min(count, bytes_.size() - cursor_);
  }

  // The next bytes; prepare() was called for them.
  [[nodiscard]] ByteSpan peek(size_t count) const { return ByteSpan(bytes_).subspan(cursor_, count); }
  void advance(size_t count) { cursor_ += count; }

  int64_t read_long(std::string_view what) {
    const size_t available = prepare(kMaxLongBytes);
    const uint8_t* const begin = bytes_.data() + cursor_;
    const uint8_t* p = begin;
    int64_t value = 0;
    switch (read_long_checked(&p, begin + available, &value)) {
      case VarintStatus::kOk:
        break;
      case VarintStatus::kEnd:
        throw_cut(what);
      case VarintStatus::kTooLong:
        throw_parse_error(ErrorVariant::kInvalidHeader,
                          "invalid header: the " + std::string(what) + " is not a valid variable-length long",
                          offset());
    }
    cursor_ += static_cast<size_t>(p - begin);
    check_size(0);
    return value;
  }

  // A key or a value: a length, then that many bytes.
  std::string read_bytes(std::string_view what) {
    const uint64_t start = offset();
    const int64_t length = read_long("length of a metadata " + std::string(what));
    if (length < 0) {
      throw_parse_error(ErrorVariant::kInvalidHeader,
                        "invalid header: a metadata " + std::string(what) + " of " + std::to_string(length) + " bytes",
                        start);
    }
    const auto count = static_cast<uint64_t>(length);
    if (count > remaining_bytes()) {
      throw_parse_error(ErrorVariant::kUnexpectedEof,
                        "unexpected end of the header: a metadata " + std::string(what) + " claims " +
                            std::to_string(count) + " bytes but only " + std::to_string(remaining_bytes()) +
                            " remain in the file (truncated?)",
                        start);
    }
    check_size(count);
    if (prepare(count) < count) throw_cut("metadata " + std::string(what));
    std::string text(as_text(peek(count)));
    advance(count);
    return text;
  }

  [[noreturn]] void throw_cut(std::string_view what) const {
    throw_parse_error(ErrorVariant::kUnexpectedEof,
                      "unexpected end of the header: the file ends at offset " + std::to_string(end_) +
                          ", within the " + std::string(what) + " (truncated?)",
                      offset());
  }

 private:
  // Throws where `more` bytes after the cursor make the header too large.
  void check_size(uint64_t more) const {
    if (cursor_ + more > kMaxHeaderBytes) {
      throw_parse_error(
          ErrorVariant::kInvalidHeader,
          "invalid header: larger than " + std::to_string(kMaxHeaderBytes) + " bytes, the limit of a header", offset());
    }
  }

  Source& source_;
  size_t chunk_bytes_;
  size_t ask_bytes_;  // size of the next request
  uint64_t end_;      // size of the source; less once a read came back short
  std::vector<uint8_t> bytes_;
  size_t cursor_ = 0;
};

// Bytes that are looked at to recognise other formats.
constexpr size_t kGuessBytes = 16;

// Messages with a schema's id or fingerprint in front. They have the data of one row, and no schema.
std::string guess_message(ByteSpan start) {
  constexpr size_t kIdBytes = 4;
  constexpr size_t kFingerprintBytes = 8;
  if (start.size() > kIdBytes && start[0] == 0) {
    uint32_t id = 0;
    for (const uint8_t byte : start.subspan(1, kIdBytes)) id = id << 8 | byte;
    if (id == 0) return {};  // ids start with 1
    return "a single message in the format of Confluent's schema registry (a zero byte, then the schema's id " +
           std::to_string(id) + ")? It has no schema, and is no file";
  }
  if (start.size() < 2 + kFingerprintBytes || start[0] != 0xC3 || start[1] != 0x01) return {};
  std::string guess = "a single message in Avro's single-object encoding (C3 01, then the schema's fingerprint";
  // The fingerprint is little-endian.
  for (size_t i = kFingerprintBytes; i > 0; --i) {
    append_hex(i == kFingerprintBytes ? guess += " 0x" : guess, start[1 + i], kUpperHexDigits);
  }
  return guess +
         ")? It has no schema, and is no file (a message of Confluent's schema registry starts with 00 instead)";
}

// The probable format of a file without Avro's magic; empty where it is not known.
std::string guess_format(ByteSpan start) {
  static constexpr std::pair<std::string_view, std::string_view> kKnown[] = {
      {"PAR1", "a Parquet file?"},
      {"ORC", "an ORC file?"},
      {"Obj", "an unsupported version of Avro files?"},
      {"\x1f\x8b", "a gzip file? (decompress it first)"},
      {"\x28\xb5\x2f\xfd", "a Zstandard file? (decompress it first)"},
      {"BZh", "a bzip2 file? (decompress it first)"},
      {"\xfd"
       "7zX",
       "an xz file? (decompress it first)"},
      {"PK\x03\x04", "a zip file? (unpack it first)"},
      {std::string_view("\0\0\0\0\0", 5), "zero bytes, as in a file that was not written to its end?"},
      {"{", "a JSON file?"},
      {"[", "a JSON file?"},
      {"<", "an HTML or XML file?"},
      {"ARRO", "an Arrow IPC file?"},
      {"vers", "a pointer of Git LFS? (fetch the file itself)"},
  };
  for (const auto& [prefix, guess] : kKnown) {
    if (as_text(start).starts_with(prefix)) return std::string(guess);
  }
  return guess_message(start);
}

void read_magic(HeaderBytes& bytes) {
  const size_t available = bytes.prepare(kMagic.size());
  const ByteSpan start = bytes.peek(available);
  if (!std::equal(start.begin(), start.end(), kMagic.begin())) {
    std::string message = "not an Avro file: ";
    const std::string guess = guess_format(bytes.peek(bytes.prepare(kGuessBytes)));
    if (!guess.empty()) message += guess + "; ";
    message += "invalid magic, it starts with";
    for (const uint8_t byte : bytes.peek(available)) append_hex(message += ' ', byte, kUpperHexDigits);
    message += " instead of 4F 62 6A 01 (\"Obj\" and 1)";
    throw_parse_error(ErrorVariant::kInvalidMagic, message, 0);
  }
  if (available < kMagic.size()) bytes.throw_cut("magic");
  bytes.advance(kMagic.size());
}

std::vector<std::pair<std::string, std::string>> read_metadata(HeaderBytes& bytes) {
  std::vector<std::pair<std::string, std::string>> entries;
  std::unordered_map<std::string, size_t> index_by_key;
  int64_t total_count = 0;
  for (;;) {
    const uint64_t start = bytes.offset();
    int64_t count = bytes.read_long("count of a metadata block");
    if (count == 0) return entries;
    if (count < 0) {
      if (count == std::numeric_limits<int64_t>::min()) {
        throw_parse_error(ErrorVariant::kInvalidHeader,
                          "invalid header: a metadata block claims " + std::to_string(count) + " entries", start);
      }
      count = -count;
      // Only readers that skip the block need its size. A wrong one does no harm, so it is not compared.
      const uint64_t size_offset = bytes.offset();
      const int64_t size_bytes = bytes.read_long("size of a metadata block");
      if (size_bytes < 0) {
        throw_parse_error(ErrorVariant::kInvalidHeader,
                          "invalid header: a metadata block of " + std::to_string(size_bytes) + " bytes", size_offset);
      }
    }
    if (count > kMaxEntries - total_count) {
      throw_parse_error(ErrorVariant::kInvalidHeader,
                        "invalid header: a metadata block claims " + std::to_string(count) + " entries; more than " +
                            std::to_string(kMaxEntries) + " in all are refused",
                        start);
    }
    total_count += count;
    for (; count > 0; --count) {
      std::string key = bytes.read_bytes("key");
      std::string value = bytes.read_bytes("value");
      // If a key occurs twice, its last value counts.
      const auto [place, is_new] = index_by_key.try_emplace(key, entries.size());
      if (is_new) {
        entries.emplace_back(std::move(key), std::move(value));
      } else {
        entries[place->second].second = std::move(value);
      }
    }
  }
}

}  // namespace

Header read_header(Source& source, size_t chunk_bytes) {
  if (source.size() == 0) throw Error(ErrorKind::kSource, ErrorVariant::kIo, "file is empty (size 0 bytes)");
  HeaderBytes bytes(source, chunk_bytes);
  read_magic(bytes);
  Header header;
  header.metadata = read_metadata(bytes);
  if (bytes.prepare(header.sync.size()) < header.sync.size()) bytes.throw_cut("sync marker");
  std::memcpy(header.sync.data(), bytes.peek(header.sync.size()).data(), header.sync.size());
  bytes.advance(header.sync.size());
  header.size_bytes = bytes.offset();

  header.codec = "null";
  bool has_schema = false;
  for (const auto& [key, value] : header.metadata) {
    if (key == "avro.codec") header.codec = value;
    if (key == "avro.schema") {
      header.schema_json = value;
      has_schema = true;
    }
  }
  if (!has_schema) {
    throw_parse_error(ErrorVariant::kInvalidHeader, "invalid header: the metadata has no \"avro.schema\"",
                      kMagic.size());
  }
  return header;
}

}  // namespace jetliner
