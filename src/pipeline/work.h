// The parts of a pipeline: work, results, and who makes them.
//
// A *producer* gives work, in an order: for reading, units of blocks in the order of the files. *Workers*, one for each
// thread, make *results* of it, one after the other: for reading, decoded pieces. The *consumer* takes the results in
// the order of the work, whichever worker was first. The consumer may also *submit* work of its own. Submitted work
// goes before the producer's, in an order of its own.
//
// The pipeline does not know what work and results are. It knows their bytes, which its budget bounds, and the rows of
// results, by which it decides whether threads pay. A writer could use it as it stands: encode ahead, write in
// order.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>

namespace jetliner {

using Clock = std::chrono::steady_clock;

// The time `timeout` from now. Very long timeouts end after a year: later times overflow the clock.
inline Clock::time_point deadline_after(std::chrono::milliseconds timeout) {
  constexpr std::chrono::hours kLongest{24 * 365};
  return Clock::now() + (timeout < kLongest ? std::chrono::duration_cast<Clock::duration>(timeout) : kLongest);
}

template <typename T>
concept PipelineWork = std::movable<T> && std::default_initializable<T> && requires(const T& work) {
  // Memory that the work holds while it waits for a worker.
  { work.input_bytes() } -> std::same_as<size_t>;
};

template <typename T>
concept PipelineResult =
    std::movable<T> && std::default_initializable<T> && requires(const T& result, std::exception_ptr error) {
      // Memory that the result holds while it waits for the consumer.
      { result.held_bytes() } -> std::same_as<size_t>;
      { result.num_rows() } -> std::same_as<size_t>;
      // The result in place of work that could not be produced.
      { T::of_error(error) } -> std::same_as<T>;
    };

// One thread at a time calls a producer.
template <PipelineWork Work>
class Producer {
 public:
  virtual ~Producer() = default;

  // The next work. `work` may have memory of earlier work, for reuse. Returns false at the end. May throw; then it is
  // not called again.
  virtual bool next(Work& work) = 0;
  // About how many bytes the next work will hold.
  [[nodiscard]] virtual size_t next_bytes() const = 0;
  // Whether next() waits long, as for a network: then a thread of its own calls it. May change with every next().
  [[nodiscard]] virtual bool is_slow() const = 0;
  // Whether so much work is left that starting threads pays.
  [[nodiscard]] virtual bool has_plenty_left() const = 0;
  // Several threads take the work from now on: what comes next may be prepared.
  virtual void begin_ahead() {}
  // No more work is wanted: frees what the producer holds.
  virtual void close() = 0;
};

// Each thread has a worker of its own, which keeps scratch memory from work to work.
template <PipelineWork Work, PipelineResult Result>
class Worker {
 public:
  virtual ~Worker() = default;

  virtual void start(Work work) = 0;
  // The next result, of at most `most_rows` rows. Returns false when there are no more.
  virtual bool next(size_t most_rows, Result& result) = 0;
  // After the last result: the memory of the work, if it is worth keeping.
  virtual Work take_spare() { return {}; }
  // The result in place of the rest of the work at hand. Must not throw.
  virtual Result failure(std::exception_ptr error) { return Result::of_error(std::move(error)); }
};

template <PipelineWork Work, PipelineResult Result>
using MakeWorker = std::function<std::unique_ptr<Worker<Work, Result>>()>;

enum class StreamPoll : uint8_t {
  kResult,
  kPending,  // the deadline has passed
  kEnd,
};

// Limits of what may wait in a pipeline.
struct PipelineLimits {
  size_t max_queued_items = 4;         // work that no worker has taken
  size_t max_queued_bytes = SIZE_MAX;  // of that work; larger work passes alone
  size_t max_ready_bytes = SIZE_MAX;   // of results; the next one in order passes in any case
};

}  // namespace jetliner
