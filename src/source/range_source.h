// An object of a RangeStore, read through ranges of growing size.
//
//     head │ read │ waited for │ asked for ahead: window_ │ not asked for
//                 ▲ last_end_
//
// Reading from front to back, the source asks for the next ranges before they are needed. How many depends on the times
// of requests and of the reader, as measured. So a slow link gets many requests, and a slow reader few: its memory is
// not filled by a fast store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "jetliner/source.h"
#include "source/range_queue.h"

namespace jetliner {

class RangeSource final : public Source {
 public:
  RangeSource(std::shared_ptr<RangeQueue> queue, std::string path);
  ~RangeSource() override;

  size_t read_at(uint64_t offset, std::span<uint8_t> out) override;
  [[nodiscard]] bool lends() const override { return true; }
  [[nodiscard]] bool has_fetchers() const override { return true; }
  LentBytes lend(uint64_t offset, size_t bytes) override;
  [[nodiscard]] uint64_t size() const override { return head().object.object_bytes; }
  void interrupt() override { queue_->set(is_interrupted_); }
  [[nodiscard]] size_t preferred_chunk_bytes() const override;
  void will_need(uint64_t offset, uint64_t bytes) override;
  void set_soft_end(uint64_t offset) override { soft_end_ = offset; }
  // As measured: the delay of a request times the bandwidth.
  [[nodiscard]] size_t request_cost_bytes() const override;
  [[nodiscard]] std::unique_ptr<Source> reopen() const override;

 private:
  using Clock = LinkSpeed::Clock;
  using Seconds = std::chrono::duration<double>;

  // The head of the object. Waits for it unless it is known.
  const ObjectHead& head() const;
  size_t copy_from_head(uint64_t offset, std::span<uint8_t> out) const;
  void wait_for(Range& range);
  void choose_ahead(Seconds reader);
  [[nodiscard]] bool continues_at(uint64_t offset) const;
  Range& fetched_at(uint64_t offset, size_t bytes, bool is_in_turn);
  Range& range_at(uint64_t offset, size_t bytes, bool is_in_turn);
  [[nodiscard]] WantedRange wanted(uint64_t offset, uint64_t bytes) const;
  // Bytes that a request from `offset` on may have: up to the next range of the window, or the end of the object.
  [[nodiscard]] uint64_t room_at(uint64_t offset) const;
  void read_ahead(uint64_t offset);
  void drop_read(const Range& range, uint64_t position, bool is_in_turn);
  void drop_before(uint64_t offset);

  const std::shared_ptr<RangeQueue> queue_;
  const std::string path_;
  bool is_interrupted_ = false;  // guarded by the queue's mutex
  mutable std::optional<ObjectHead> head_;
  std::deque<std::shared_ptr<Range>> window_;  // by offset; they do not overlap
  uint64_t soft_end_ = UINT64_MAX;             // nothing is asked for ahead from here on
  uint64_t last_begin_ = 0;                    // where the next read in turn may begin: within the last lent bytes
  uint64_t last_end_ = 0;                      // of the last read, or of the last lent bytes
  int reads_in_turn_ = 0;                      // each of which began where the one before ended, or soon after it
  size_t request_bytes_;                       // of the next request in turn
  size_t most_ahead_ = 1;                      // ranges after the one that is being read
  // What most_ahead_ follows:
  Seconds reader_per_byte_{0};  // its time without waiting: mean; at first the reader is taken to be fast
  Clock::time_point begun_at_;  // when the reader got its present range
  size_t begun_bytes_ = 0;      // of that range
};

}  // namespace jetliner
