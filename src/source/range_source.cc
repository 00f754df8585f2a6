#include "source/range_source.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <utility>

#include "jetliner/error.h"

namespace jetliner {
namespace {

// Reads that show that the object is read from front to back.
constexpr int kReadsInTurn = 2;
// Ranges that are asked for at once where a long read begins: the bandwidth of the link is not known yet.
constexpr size_t kFirstAhead = 4;
// One more range for each of these delays, up to twice the number.
constexpr std::chrono::milliseconds kDelayOfOneMore{5};
// Each request in turn has so many times the bytes of the one before, up to chunk_bytes.
constexpr size_t kGrowth = 4;
// Bytes that the reader asks for at a time where it copies them. Ranges are mostly lent.
constexpr size_t kReadBytes = 1 << 20;
constexpr double kMostCostBytes = 1 << 30;

// How many ranges are asked for ahead: see choose_ahead().
constexpr double kMeanShare = 0.125;    // of the newest range in the means
constexpr double kReaderReserve = 2.5;  // times vary, and answers come several at once
constexpr double kLinkReserve = 4;      // besides, ranges that came early wait for those before them
constexpr double kMostRequests = 8;     // the longest pause that counts
constexpr std::chrono::duration<double> kLeastTime{1e-6};

size_t second_bytes(const RangeStoreOptions& options) {
  return std::min(options.first_bytes * kGrowth, options.chunk_bytes);
}

}  // namespace

RangeSource::RangeSource(std::shared_ptr<RangeQueue> queue, std::string path)
    : queue_(std::move(queue)), path_(std::move(path)), request_bytes_(second_bytes(queue_->options())) {}

RangeSource::~RangeSource() {
  for (const std::shared_ptr<Range>& range : window_) queue_->drop(range);
  if (head_.has_value()) queue_->note_closed(path_);
}

size_t RangeSource::preferred_chunk_bytes() const { return std::min(kReadBytes, queue_->options().chunk_bytes); }
std::unique_ptr<Source> RangeSource::reopen() const { return std::make_unique<RangeSource>(queue_, path_); }

size_t RangeSource::request_cost_bytes() const {
  const std::optional<LinkSpeed::Measured> link = queue_->link();
  if (!link.has_value()) return queue_->options().chunk_bytes;
  // There is never a request for each of many small blocks, however slow the link is.
  const auto least = static_cast<double>(second_bytes(queue_->options()));
  return static_cast<size_t>(std::clamp(link->request_cost_bytes(), least, kMostCostBytes));
}

const ObjectHead& RangeSource::head() const {
  if (!head_.has_value()) head_ = queue_->known(path_);
  if (!head_.has_value()) {
    const std::shared_ptr<Range> first = queue_->ask({.path = path_, .bytes = queue_->options().first_bytes});
    try {
      queue_->wait(*first, is_interrupted_);
    } catch (...) {
      queue_->drop(first);
      throw;
    }
    head_ = queue_->learn(*first);
  }
  return *head_;
}

size_t RangeSource::read_at(uint64_t offset, std::span<uint8_t> out) {
  const uint64_t size_bytes = size();
  if (offset >= size_bytes) return 0;
  out = out.first(static_cast<size_t>(std::min<uint64_t>(out.size(), size_bytes - offset)));
  const bool is_in_turn = continues_at(offset);
  // From look to look: what lies before the last one is not needed any more.
  if (!is_in_turn && reads_in_turn_ == 0 && offset > last_end_) drop_before(last_end_);
  reads_in_turn_ = is_in_turn ? reads_in_turn_ + 1 : 0;
  // Who leaves bytes out may only look at what follows, and come back for them.
  const uint64_t keep_offset = is_in_turn && offset > last_begin_ ? last_begin_ : UINT64_MAX;
  size_t done_bytes = copy_from_head(offset, out);
  while (done_bytes < out.size()) {
    const uint64_t position = offset + done_bytes;
    Range& range = fetched_at(position, out.size() - done_bytes, is_in_turn || done_bytes > 0);
    const ByteSpan bytes = range.bytes_at(position).bytes;
    const size_t count = std::min(out.size() - done_bytes, bytes.size());
    std::memcpy(out.data() + done_bytes, bytes.data(), count);
    done_bytes += count;
    drop_read(range, std::min(keep_offset, offset + done_bytes), is_in_turn);
  }
  last_begin_ = last_end_ = offset + done_bytes;
  return done_bytes;
}

LentBytes RangeSource::lend(uint64_t offset, size_t bytes) {
  if (offset >= size() || !continues_at(offset)) return {};
  ++reads_in_turn_;
  drop_before(offset);
  LentBytes lent;
  if (const ObjectHead& known = head(); known.bytes != nullptr && offset < known.bytes->size()) {
    lent = {known.bytes->bytes().subspan(static_cast<size_t>(offset)), known.bytes};
  } else {
    const Range& range = fetched_at(offset, bytes, true);
    lent = range.bytes_at(offset);
  }
  last_begin_ = offset;
  last_end_ = offset + lent.bytes.size();
  return lent;
}

// A short gap costs less than another request.
bool RangeSource::continues_at(uint64_t offset) const {
  return offset >= last_begin_ && (offset <= last_end_ || offset - last_end_ <= request_cost_bytes());
}

// The range that holds the byte at `offset`, once it is there.
Range& RangeSource::fetched_at(uint64_t offset, size_t bytes, bool is_in_turn) {
  Range& range = range_at(offset, bytes, is_in_turn);
  if (reads_in_turn_ >= kReadsInTurn) read_ahead(offset);
  wait_for(range);
  if (range.object != head_->object) throw changed(path_);
  return range;
}

void RangeSource::wait_for(Range& range) {
  const Clock::time_point now = Clock::now();
  queue_->wait(range, is_interrupted_);
  if (range.is_begun || reads_in_turn_ == 0) return;
  range.is_begun = true;
  queue_->note_begun(range);
  if (begun_bytes_ > 0) choose_ahead(now - begun_at_);
  begun_at_ = Clock::now();
  begun_bytes_ = range.wanted.bytes;
}

// Little's law: what is taken during one request has to be under way. Who takes it is the reader, or the link where
// that is slower: more requests than fill it would only wait for each other.
//
// `reader`: the time that it took for the range before, without waiting. It takes many ranges at once and pauses then,
// so the mean over several ranges counts. A long pause counts as a short one, so that the next ranges forget it.
//
// The bandwidth of small ranges is never known. They hardly fill a link.
void RangeSource::choose_ahead(Seconds reader) {
  const std::optional<LinkSpeed::Measured> link = queue_->link();
  if (!link.has_value() && queue_->options().chunk_bytes >= LinkSpeed::kLargeBytes) return;
  const auto range_bytes = static_cast<double>(request_bytes_);
  const Seconds transfer(link.has_value() ? range_bytes / link->bytes_per_second : 0);
  const Seconds request = queue_->delay() + transfer;
  const Seconds per_byte = std::min(reader, kMostRequests * request) / static_cast<double>(begun_bytes_);
  reader_per_byte_ += kMeanShare * (per_byte - reader_per_byte_);
  const double for_link = kLinkReserve * (request / std::max(transfer, kLeastTime));
  const double for_reader = kReaderReserve * (request / std::max(range_bytes * reader_per_byte_, kLeastTime));
  const double needed = std::min(for_link, for_reader);
  const size_t most = std::min(2 * most_ahead_, queue_->options().max_requests);
  most_ahead_ = static_cast<size_t>(std::clamp(std::ceil(needed), 1.0, static_cast<double>(most)));
}

size_t RangeSource::copy_from_head(uint64_t offset, std::span<uint8_t> out) const {
  const ObjectHead& known = head();
  if (known.bytes == nullptr || offset >= known.bytes->size()) return 0;
  const size_t count = std::min(out.size(), known.bytes->size() - static_cast<size_t>(offset));
  std::memcpy(out.data(), known.bytes->data() + offset, count);
  return count;
}

WantedRange RangeSource::wanted(uint64_t offset, uint64_t bytes) const {
  return {.path = path_, .offset = offset, .bytes = static_cast<size_t>(bytes), .version = head_->object.version};
}

uint64_t RangeSource::room_at(uint64_t offset) const {
  uint64_t end = head_->object.object_bytes;
  for (const std::shared_ptr<Range>& range : window_) {
    if (range->wanted.offset > offset) end = std::min(end, range->wanted.offset);
  }
  return end - offset;
}

// The range of the window that holds the byte at `offset`, or a new one.
Range& RangeSource::range_at(uint64_t offset, size_t bytes, bool is_in_turn) {
  const auto place =
      std::find_if(window_.begin(), window_.end(), [&](const auto& range) { return range->end() > offset; });
  if (place != window_.end() && (*place)->wanted.offset <= offset) return **place;
  size_t ask_bytes = std::min(bytes, queue_->options().chunk_bytes);
  if (is_in_turn) {
    const uint64_t until_end = soft_end_ - std::min(soft_end_, offset);
    ask_bytes = std::max(ask_bytes, static_cast<size_t>(std::min<uint64_t>(request_bytes_, until_end)));
    request_bytes_ = std::min(request_bytes_ * kGrowth, queue_->options().chunk_bytes);
  }
  std::shared_ptr<Range> range = queue_->ask(wanted(offset, std::min<uint64_t>(ask_bytes, room_at(offset))));
  range->is_look = !is_in_turn;
  return **window_.insert(place, std::move(range));
}

// Asks for the ranges after the one at `offset`.
void RangeSource::read_ahead(uint64_t offset) {
  uint64_t end = offset;
  size_t num_ahead = 0;
  for (const std::shared_ptr<Range>& range : window_) {
    if (range->wanted.offset > end) break;  // a gap
    if (range->wanted.offset > offset) ++num_ahead;
    end = std::max(end, range->end());
  }
  const uint64_t last = std::min(soft_end_, head_->object.object_bytes);
  while (num_ahead < most_ahead_ && end < last) {
    const uint64_t room_bytes = std::min(room_at(end), last - end);
    std::shared_ptr<Range> next = queue_->ask_ahead(wanted(end, std::min<uint64_t>(request_bytes_, room_bytes)));
    if (next == nullptr) return;
    request_bytes_ = std::min(request_bytes_ * kGrowth, queue_->options().chunk_bytes);
    const auto place =
        std::find_if(window_.begin(), window_.end(), [&](const auto& range) { return range->end() > end; });
    end = next->end();
    window_.insert(place, std::move(next));
    ++num_ahead;
  }
}

void RangeSource::will_need(uint64_t offset, uint64_t bytes) {
  if (!head_.has_value()) head_ = queue_->known(path_);
  if (!head_.has_value()) return;
  const uint64_t size_bytes = size();
  if (head_->bytes != nullptr) offset = std::max<uint64_t>(offset, head_->bytes->size());
  if (offset >= size_bytes || !window_.empty()) return;
  if (bytes > queue_->options().chunk_bytes) {
    reads_in_turn_ = kReadsInTurn;
    const double num_more = std::min(queue_->delay() / kDelayOfOneMore, static_cast<double>(kFirstAhead));
    most_ahead_ = std::min(kFirstAhead + static_cast<size_t>(num_more), queue_->options().max_requests);
    read_ahead(offset);
    return;
  }
  const uint64_t ask_bytes = std::min({bytes, size_bytes - offset, uint64_t{queue_->options().chunk_bytes}});
  if (ask_bytes == 0) return;
  std::shared_ptr<Range> range = queue_->ask_ahead(wanted(offset, ask_bytes));
  if (range != nullptr) window_.push_back(std::move(range));
}

// Drops what has been read up to `position`. Reads in turn leave nothing behind them. Other reads leave the window as
// it is.
void RangeSource::drop_read(const Range& range, uint64_t position, bool is_in_turn) {
  if (is_in_turn) drop_before(position);
  std::erase_if(window_, [&](const std::shared_ptr<Range>& other) {
    if (other.get() != &range || !other->is_look) return false;
    queue_->drop(other);
    return true;
  });
}

void RangeSource::drop_before(uint64_t offset) {
  std::erase_if(window_, [&](const std::shared_ptr<Range>& range) {
    if (range->end() > offset) return false;
    queue_->drop(range);
    return true;
  });
}

}  // namespace jetliner
