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

  // Adds a request that was answered. Calls come in the order of `end`.
  void add(Clock::time_point begin, Clock::time_point end, size_t bytes);

  // Bytes that could be fetched in the time that one more request takes. Nothing while too little was fetched.
  [[nodiscard]] std::optional<double> request_cost_bytes() const;

 private:
  using Seconds = std::chrono::duration<double>;

  Seconds delay_{1e9};  // of the fastest answer so far
  // Of large requests. The older ones count less.
  double bytes_ = 0;
  Seconds transfer_{0};  // time in which bytes of at least one request arrived
  Clock::time_point counted_until_;
};

}  // namespace jetliner
