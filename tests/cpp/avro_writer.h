// Container files and values for tests of decoding and reading, written field by field.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec_samples.h"
#include "container_bytes.h"
#include "schema_json.h"

namespace jetliner {

// Bytes given as numbers: hex("02 41 00").
inline Bytes hex(std::string_view digits) {
  Bytes out;
  int high = -1;
  for (const char c : digits) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high >= 0) out.push_back(static_cast<uint8_t>(high << 4 | digit));
    high = high >= 0 ? -1 : digit;
  }
  return out;
}

// Values in Avro's binary encoding, one after the other.
class Values : public ByteWriter {
 public:
  Values& null() { return *this; }
  Values& boolean(bool value) { return put(raw({value ? 1 : 0})); }
  Values& number(int64_t value) { return put(zigzag(value)); }  // int, long, enum, branch, count
  Values& branch(int64_t index) { return number(index); }
  Values& real32(float value) { return little_endian(std::bit_cast<uint32_t>(value), 4); }
  Values& real64(double value) { return little_endian(std::bit_cast<uint64_t>(value), 8); }
  Values& string(std::string_view value) { return put(text(value)); }
  Values& bytes_value(std::string_view digits) {
    const Bytes value = hex(digits);
    return put(zigzag(static_cast<int64_t>(value.size())).raw(ByteSpan(value)));
  }
  Values& hex_bytes(std::string_view digits) { return put(raw(ByteSpan(hex(digits)))); }
  Values& append(const Values& other) { return put(raw(ByteSpan(other.bytes()))); }
  Values& zeros(size_t n) { return put(raw(ByteSpan(Bytes(n, 0)))); }
  // A block of items that says its size: negative count, bytes, items.
  Values& sized_block(int64_t count, const Values& items) {
    return number(-count).number(static_cast<int64_t>(items.size())).append(items);
  }
  Values& end() { return number(0); }  // of an array or map

 private:
  Values& put(ByteWriter&) { return *this; }
  Values& little_endian(uint64_t bits, int n) {
    for (int i = 0; i < n; ++i) raw({static_cast<int>(bits >> (8 * i) & 0xff)});
    return *this;
  }
};

inline Bytes pack(std::string_view codec, ByteSpan plain) {
  if (codec == "deflate") return pack_deflate(plain);
  if (codec == "snappy") return pack_snappy(plain);
  if (codec == "zstandard") return pack_zstandard(plain);
  if (codec == "bzip2") return pack_bzip2(plain);
  if (codec == "xz") return pack_xz(plain);
  return {plain.begin(), plain.end()};
}

// A whole file; block() returns where the block starts.
class AvroFile {
 public:
  explicit AvroFile(std::string_view schema_json, std::string codec = "null") : codec_(std::move(codec)) {
    out_.magic()
        .zigzag(2)
        .text("avro.schema")
        .text(schema_json)
        .text("avro.codec")
        .text(codec_)
        .zigzag(0)
        .raw(kTestSync);
  }

  size_t block(int64_t rows, ByteSpan plain) {
    const size_t at = out_.size();
    append_block(out_, rows, ByteSpan(pack(codec_, plain)));
    return at;
  }
  size_t block(int64_t rows, const Values& plain) { return block(rows, ByteSpan(plain.bytes())); }
  // Data as it stands, whatever the codec.
  size_t packed_block(int64_t rows, ByteSpan data) {
    const size_t at = out_.size();
    append_block(out_, rows, data);
    return at;
  }
  AvroFile& raw(ByteSpan bytes) {
    out_.raw(bytes);
    return *this;
  }

  [[nodiscard]] size_t size() const { return out_.size(); }
  [[nodiscard]] const Bytes& bytes() const { return out_.bytes(); }

 private:
  std::string codec_;
  ByteWriter out_;
};

// The numbers [first, first + rows) as rows of the schema "long".
inline Values longs(int64_t first, int64_t rows) {
  Values out;
  for (int64_t i = 0; i < rows; ++i) out.number(first + i);
  return out;
}

// A file of the schema "long" with blocks of these numbers of rows. The rows count up from `first`.
inline AvroFile longs_file(const std::vector<int64_t>& blocks, int64_t first = 0, const std::string& codec = "null") {
  AvroFile file("\"long\"", codec);
  for (const int64_t rows : blocks) {
    file.block(rows, longs(first, rows));
    first += rows;
  }
  return file;
}

}  // namespace jetliner
