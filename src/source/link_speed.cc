#include "source/link_speed.h"

#include <algorithm>

namespace jetliner {
namespace {

// Bandwidth is known after this many bytes.
constexpr double kEnoughBytes = 1 << 20;
// After this many bytes, what was measured counts half.
constexpr double kHalfLifeBytes = 256 << 20;
// What a request costs beside its delay: a signature, a turn of a fetcher, a line on the bill. It also keeps small
// errors of the delay from mattering.
constexpr std::chrono::duration<double> kOverhead{0.005};

}  // namespace

void LinkSpeed::add(Clock::time_point begin, Clock::time_point end, size_t bytes) {
  delay_ = std::min(delay_, Seconds(end - begin));
  if (bytes < kLargeBytes) return;
  // The bytes arrive after the delay, those of several requests at the same time.
  const Seconds first_byte =
      std::max(Seconds(begin.time_since_epoch()) + delay_, Seconds(counted_until_.time_since_epoch()));
  transfer_ += std::max(Seconds(end.time_since_epoch()) - first_byte, Seconds(0));
  counted_until_ = end;
  bytes_ += static_cast<double>(bytes);
  if (bytes_ > kHalfLifeBytes) {
    bytes_ /= 2;
    transfer_ /= 2;
  }
}

std::optional<LinkSpeed::Measured> LinkSpeed::measured() const {
  if (bytes_ < kEnoughBytes || transfer_.count() <= 0) return std::nullopt;
  return Measured{.delay = delay_, .bytes_per_second = bytes_ / transfer_.count()};
}

double LinkSpeed::Measured::request_cost_bytes() const { return (delay + kOverhead).count() * bytes_per_second; }

}  // namespace jetliner
