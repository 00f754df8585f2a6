// Work on its way through the pipeline, and the results that were made of it: their order, and how much of them may
// wait.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "pipeline/work.h"

namespace jetliner {

// One piece of work, and its place in the order.
template <PipelineWork Work, PipelineResult Result>
struct Slot {
  Work work;
  size_t input_bytes = 0;
  bool is_submitted = false;
  bool is_taken = false;  // by a worker; or it holds only an error
  bool is_done = false;   // all of its results are there
  std::deque<Result> results;
};

// The budget of work that no worker has taken.
class QueueBudget {
 public:
  explicit QueueBudget(const PipelineLimits& limits)
      : max_items_(limits.max_queued_items), max_bytes_(limits.max_queued_bytes) {}

  // Work of more bytes than the limit passes alone.
  [[nodiscard]] bool has_room(size_t bytes) const {
    return items_ == 0 || (items_ < max_items_ && bytes_ < max_bytes_ && bytes <= max_bytes_ - bytes_);
  }
  void add(size_t bytes) {
    ++items_;
    bytes_ += bytes;
  }
  void remove(size_t bytes) {
    --items_;
    bytes_ -= bytes;
  }

 private:
  const size_t max_items_;
  const size_t max_bytes_;
  size_t items_ = 0;
  size_t bytes_ = 0;
};

// Two queues: the producer's work, and submitted work, which goes first. Not thread-safe.
template <PipelineWork Work, PipelineResult Result>
class Slots {
 public:
  using Slot = jetliner::Slot<Work, Result>;

  // Results that wait take at most this much together. The next result of each queue always has room.
  explicit Slots(size_t max_ready_bytes) : max_ready_bytes_(max_ready_bytes) {}

  // Appends a slot to its queue. The slot lives until all of its results were taken and end() was called.
  Slot& add(std::unique_ptr<Slot> slot) {
    Queue& queue = queue_of(*slot);
    queue.push_back(std::move(slot));
    return *queue.back();
  }

  // The first slot of a queue that no worker has taken, or nullptr.
  [[nodiscard]] Slot* untaken_submitted() const { return untaken(submitted_); }
  [[nodiscard]] Slot* untaken_produced() const { return untaken(produced_); }

  [[nodiscard]] bool has_room(const Slot& slot, const Result& result) const {
    const Queue& queue = slot.is_submitted ? submitted_ : produced_;
    const bool is_next = queue.front().get() == &slot && slot.results.empty();
    return is_next || ready_bytes_ + result.held_bytes() <= max_ready_bytes_;
  }

  void put(Slot& slot, Result result) {
    const size_t bytes = result.held_bytes();
    slot.results.push_back(std::move(result));
    ready_bytes_ += bytes;
  }

  // No more results will come of the slot.
  void end(Slot& slot) {
    slot.is_done = true;
    drop_emptied(queue_of(slot));
  }

  // The next result for the consumer; `only_submitted`: of submitted work.
  bool take(bool only_submitted, Result& result) {
    for (Queue* const queue : {&submitted_, &produced_}) {
      if (!has_result(*queue) || (queue == &produced_ && only_submitted)) continue;
      std::deque<Result>& results = queue->front()->results;
      result = std::move(results.front());
      results.pop_front();
      ready_bytes_ -= result.held_bytes();
      drop_emptied(*queue);
      return true;
    }
    return false;
  }

  [[nodiscard]] bool has_result() const { return has_result(produced_) || has_result(submitted_); }
  [[nodiscard]] bool empty() const { return produced_.empty() && submitted_.empty(); }

  void clear() {
    produced_.clear();
    submitted_.clear();
  }

 private:
  using Queue = std::deque<std::unique_ptr<Slot>>;

  static Slot* untaken(const Queue& queue) {
    const auto place = std::find_if(queue.begin(), queue.end(), [](const auto& slot) { return !slot->is_taken; });
    return place == queue.end() ? nullptr : place->get();
  }
  static bool has_result(const Queue& queue) { return !queue.empty() && !queue.front()->results.empty(); }
  // Drops the first slots, as long as the consumer has taken all that will come of them.
  static void drop_emptied(Queue& queue) {
    while (!queue.empty() && queue.front()->is_done && queue.front()->results.empty()) queue.pop_front();
  }
  Queue& queue_of(const Slot& slot) { return slot.is_submitted ? submitted_ : produced_; }

  const size_t max_ready_bytes_;
  Queue produced_;
  Queue submitted_;
  size_t ready_bytes_ = 0;  // of all results
};

}  // namespace jetliner
