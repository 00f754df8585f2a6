// What requests of a store take, as measured: a fixed delay, and the bandwidth of all requests together.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace jetliner {

// For one thread at a time.
class LinkSpeed {
 public:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;

  struct Measured {
    Seconds delay;  // of a request
    double bytes_per_second = 0;

    // The cost of one more request: the bytes that could be fetched in its time.
    [[nodiscard]] double request_cost_bytes() const;
  };

  // Smaller requests tell the delay only.
  static constexpr size_t kLargeBytes = 256 << 10;

  // Adds a request that was answered. Calls come in the order of `end`.
  void add(Clock::time_point begin, Clock::time_point end, size_t bytes);

  // Nothing while too little was fetched.
  [[nodiscard]] std::optional<Measured> measured() const;
  // The delay of the fastest answer so far.
  [[nodiscard]] Seconds delay() const { return delay_; }

 private:
  Seconds delay_{1e9};
  // Of large requests. The older ones count less.
  double bytes_ = 0;
  Seconds transfer_{0};  // time in which bytes of at least one request arrived
  Clock::time_point counted_until_;
};

}  // namespace jetliner
