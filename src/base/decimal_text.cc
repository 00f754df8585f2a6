#include "base/decimal_text.h"

#include <charconv>
#include <vector>

namespace jetliner {

namespace {

// The largest power of ten in 64 bits. Long numbers are split into digits of this base, least significant first.
constexpr uint64_t kChunk = 10'000'000'000'000'000'000U;
constexpr size_t kChunkDigits = 19;

constexpr std::array<UInt128, 39> make_powers() {
  std::array<UInt128, 39> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}

constexpr std::array<UInt128, 39> kPowers = make_powers();

void append_chunk(std::string& digits, uint64_t chunk, bool first) {
  char text[kChunkDigits + 1];
  const auto written = static_cast<size_t>(std::to_chars(text, text + sizeof text, chunk).ptr - text);
  if (!first) digits.append(kChunkDigits - written, '0');
  digits.append(text, written);
}

void append_digits(std::string& digits, UInt128 magnitude) {
  if (magnitude < kChunk) {
    append_chunk(digits, static_cast<uint64_t>(magnitude), true);
    return;
  }
  append_digits(digits, magnitude / kChunk);  // at most twice
  append_chunk(digits, static_cast<uint64_t>(magnitude % kChunk), false);
}

// The absolute value of a two's complement number of any length, in words of 64 bits ("limbs"), most significant first.
std::vector<uint64_t> magnitude_limbs(ByteSpan bytes, bool negative) {
  const size_t n_limbs = (bytes.size() + 7) / 8;
  std::vector<uint8_t> padded(n_limbs * 8 - bytes.size(), negative ? 0xff : 0);
  padded.insert(padded.end(), bytes.begin(), bytes.end());
  std::vector<uint64_t> limbs(n_limbs);
  for (size_t i = 0; i < n_limbs; ++i) limbs[i] = decimal_detail::load_big_endian_8(padded.data() + 8 * i);
  if (negative) {
    // Negation: flip all bits and add one. The top bit is set, so the sum needs no further limb.
    uint64_t carry = 1;
    for (size_t i = n_limbs; i-- > 0;) {
      limbs[i] = ~limbs[i] + carry;
      if (limbs[i] != 0) carry = 0;
    }
  }
  return limbs;
}

void append_long_digits(std::string& digits, ByteSpan bytes, bool negative) {
  std::vector<uint64_t> limbs = magnitude_limbs(bytes, negative);
  std::vector<uint64_t> chunks;
  size_t top = 0;  // limbs before it are zero
  for (;;) {
    while (top < limbs.size() && limbs[top] == 0) ++top;
    if (top == limbs.size()) break;
    uint64_t remainder = 0;
    for (size_t i = top; i < limbs.size(); ++i) {
      const UInt128 part = static_cast<UInt128>(remainder) << 64 | limbs[i];
      limbs[i] = static_cast<uint64_t>(part / kChunk);  // fits, since remainder < kChunk
      remainder = static_cast<uint64_t>(part % kChunk);
    }
    chunks.push_back(remainder);
  }
  if (chunks.empty()) chunks.push_back(0);
  for (size_t i = chunks.size(); i-- > 0;) append_chunk(digits, chunks[i], i + 1 == chunks.size());
}

}  // namespace

UInt128 pow10_u128(int exponent) { return kPowers[static_cast<size_t>(exponent)]; }

void append_decimal_text(std::string& out, ByteSpan big_endian_twos_complement, int64_t scale) {
  const bool negative = !big_endian_twos_complement.empty() && (big_endian_twos_complement.front() & 0x80) != 0;
  if (negative) out.push_back('-');
  const size_t begin = out.size();
  Int128 value = 0;
  if (decimal_to_int128(big_endian_twos_complement, &value)) {
    const auto bits = static_cast<UInt128>(value);
    append_digits(out, negative ? ~bits + 1 : bits);
  } else {
    append_long_digits(out, big_endian_twos_complement, negative);
  }
  const size_t digits = out.size() - begin;
  if (scale < 0) {
    const bool zero = digits == 1 && out[begin] == '0';
    if (!zero) out.append(static_cast<size_t>(-scale), '0');
  } else if (scale > 0) {
    const auto fraction = static_cast<size_t>(scale);
    if (digits <= fraction) out.insert(begin, fraction + 1 - digits, '0');
    out.insert(out.size() - fraction, 1, '.');
  }
}

}  // namespace jetliner
