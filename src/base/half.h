// Half-precision floating-point numbers (IEEE 754 binary16), by their bits.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace jetliner {

inline float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  const uint32_t exponent = half >> 10 & 0x1fU;
  const uint32_t fraction = half & 0x3ffU;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000U | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float small = std::ldexp(static_cast<float>(fraction), -24);  // zero or subnormal
  return sign != 0 ? -small : small;
}

// The half of exactly this value; any NaN becomes a quiet NaN. Returns false where there is none, and leaves *out.
inline bool float_to_half(float value, uint16_t* out) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000U);
  if (std::isnan(value)) {
    *out = sign | 0x7e00U;
    return true;
  }
  uint16_t half = 0;
  const float size = std::fabs(value);
  if (std::isinf(value)) {
    half = 0x7c00;
  } else if (size >= 0x1p-14F) {
    const int32_t exponent = static_cast<int32_t>(bits >> 23 & 0xff) - 112;
    if (exponent >= 0x1f) return false;
    half = static_cast<uint16_t>(static_cast<uint32_t>(exponent) << 10 | (bits >> 13 & 0x3ffU));
  } else {
    const float units = std::ldexp(size, 24);
    if (units != std::floor(units)) return false;
    half = static_cast<uint16_t>(units);
  }
  half |= sign;
  if (half_to_float(half) != value) return false;
  *out = half;
  return true;
}

}  // namespace jetliner
