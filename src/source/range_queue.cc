#include "source/range_queue.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "jetliner/error.h"

namespace jetliner {
namespace {

Error source_error(ErrorVariant variant, const std::string& message, const std::string& path) {
  return {ErrorKind::kSource, variant, message, {.path = path}};
}

std::shared_ptr<Range> make_range(WantedRange wanted) {
  auto range = std::make_shared<Range>();
  range->wanted = std::move(wanted);
  return range;
}

constexpr size_t kMaxSpareBuffers = 2;

// In memory that is as small as it can be: heads of small objects are kept for long.
std::shared_ptr<const Scratch> copy_of(const std::vector<LentBytes>& parts) {
  auto copy = std::make_shared<Scratch>();
  for (const LentBytes& part : parts) {
    const size_t size = copy->size();
    copy->resize(size + part.bytes.size());
    if (!part.bytes.empty()) std::memcpy(copy->data() + size, part.bytes.data(), part.bytes.size());
  }
  return copy;
}

}  // namespace

LentBytes Range::bytes_at(uint64_t offset) const {
  uint64_t begin = wanted.offset;
  for (const LentBytes& part : parts) {
    const uint64_t skip = offset - begin;
    if (skip < part.bytes.size()) return {part.bytes.subspan(static_cast<size_t>(skip)), part.owner};
    begin += part.bytes.size();
  }
  return {};
}

std::shared_ptr<FetcherThread> FetcherThread::own() {
  thread_local const auto kThread = std::make_shared<FetcherThread>();
  return kThread;
}

Error changed(const std::string& path) {
  return source_error(ErrorVariant::kChanged, "the object was replaced by another one while it was read", path);
}

RangeQueue::RangeQueue(const RangeStoreOptions& options)
    : options_(options), buffers_(std::make_shared<SharedPool<Scratch>>(kMaxSpareBuffers * options.chunk_bytes)) {}

std::shared_ptr<Range> RangeQueue::ask(WantedRange wanted) {
  std::shared_ptr<Range> range = make_range(std::move(wanted));
  MutexLock lock(mutex_);
  urgent_.push_back(range);
  const std::shared_ptr<FetcherThread> fetcher = fetcher_for(true);
  lock.unlock();
  if (fetcher != nullptr) fetcher->wanted.notify_one();
  return range;
}

std::shared_ptr<Range> RangeQueue::ask_ahead(WantedRange wanted) {
  std::shared_ptr<Range> range = make_range(std::move(wanted));
  range->is_ahead = true;
  MutexLock lock(mutex_);
  const size_t bytes = range->wanted.bytes;
  if (bytes > options_.max_ahead_bytes || ahead_bytes_ > options_.max_ahead_bytes - bytes) return nullptr;
  ahead_bytes_ += bytes;
  ahead_.push_back(range);
  const std::shared_ptr<FetcherThread> fetcher = fetcher_for(false);
  lock.unlock();
  if (fetcher != nullptr) fetcher->wanted.notify_one();
  return range;
}

void RangeQueue::wait(Range& range, const bool& interrupted) {
  const MutexLock lock(mutex_);
  if (range.status == Range::Status::kQueued && range.is_ahead) {
    // Somebody waits for it now.
    const auto place =
        std::find_if(ahead_.begin(), ahead_.end(), [&](const auto& other) { return other.get() == &range; });
    if (place != ahead_.end()) {
      urgent_.push_back(std::move(*place));
      ahead_.erase(place);
      if (const std::shared_ptr<FetcherThread> fetcher = fetcher_for(true)) fetcher->wanted.notify_one();
    }
  }
  for (;;) {
    if (interrupted || is_closed_) {
      throw source_error(ErrorVariant::kIo, "reading was interrupted: the reader is being closed", range.wanted.path);
    }
    if (range.status == Range::Status::kFailed) std::rethrow_exception(range.error);
    if (range.status == Range::Status::kDone) return;
    answered_.wait(mutex_);
  }
}

void RangeQueue::note_begun(Range& range) {
  const MutexLock lock(mutex_);
  give_back(range);
}

void RangeQueue::give_back(Range& range) {
  if (range.is_ahead) ahead_bytes_ -= range.wanted.bytes;
  range.is_ahead = false;
}

void RangeQueue::drop(const std::shared_ptr<Range>& range) {
  const MutexLock lock(mutex_);
  range->is_wanted = false;
  // The reader has it, if it was thrown. So the reader's thread frees it, not the fetcher's: TSan does not see how the
  // C++ library counts the owners of an exception.
  range->error = nullptr;
  give_back(*range);
  if (range->status == Range::Status::kQueued) {
    std::erase(urgent_, range);
    std::erase(ahead_, range);
  }
}

std::optional<ObjectHead> RangeQueue::known(const std::string& path) {
  const MutexLock lock(mutex_);
  const auto place = objects_.find(path);
  if (place == objects_.end()) return std::nullopt;
  return place->second.head;
}

ObjectHead RangeQueue::learn(Range& first) {
  ObjectHead head{.object = first.object, .bytes = copy_of(first.parts)};
  const std::string& path = first.wanted.path;
  const MutexLock lock(mutex_);
  const auto [place, is_new] = objects_.try_emplace(path, Known{.head = {.object = head.object, .bytes = nullptr}});
  if (!is_new) {
    if (place->second.head.object != head.object) throw changed(path);
  } else if (head_bytes_ + head.bytes->size() <= options_.max_ahead_bytes / 2) {
    head_bytes_ += head.bytes->size();
    place->second.head.bytes = head.bytes;
  }
  return head;
}

void RangeQueue::note_closed(const std::string& path) {
  const MutexLock lock(mutex_);
  const auto place = objects_.find(path);
  if (place == objects_.end() || ++place->second.times_closed < 2) return;
  ObjectHead& head = place->second.head;
  if (head.bytes != nullptr) head_bytes_ -= head.bytes->size();
  head.bytes = nullptr;
}

std::optional<LinkSpeed::Measured> RangeQueue::link() const {
  const MutexLock lock(mutex_);
  return speed_.measured();
}

LinkSpeed::Seconds RangeQueue::delay() const {
  const MutexLock lock(mutex_);
  return speed_.delay();
}

void RangeQueue::set(bool& interrupted) {
  const MutexLock lock(mutex_);
  interrupted = true;
  answered_.notify_all();
}

std::shared_ptr<FetcherThread> RangeQueue::fetcher_for(bool is_urgent) {
  auto place = std::find_if(waiting_.rbegin(), waiting_.rend(), [](const auto& thread) { return !thread->has_lent(); });
  if (place == waiting_.rend()) {
    place = std::find_if(waiting_.rbegin(), waiting_.rend(),
                         [&](const auto& thread) { return is_urgent || thread->takes_ahead(); });
  }
  if (place == waiting_.rend()) return nullptr;
  std::shared_ptr<FetcherThread> thread = std::move(*place);
  waiting_.erase(std::next(place).base());
  return thread;
}

void RangeQueue::wake_for_ahead() {
  if (ahead_.empty()) return;
  if (const std::shared_ptr<FetcherThread> fetcher = fetcher_for(false)) fetcher->wanted.notify_one();
}

std::shared_ptr<Range> RangeQueue::take(const std::shared_ptr<FetcherThread>& thread, bool spares_memory) {
  const MutexLock lock(mutex_);
  thread->spares_memory = spares_memory;
  while (!is_closed_ && urgent_.empty() && (ahead_.empty() || !thread->takes_ahead())) {
    wake_for_ahead();
    waiting_.push_back(thread);
    thread->wanted.wait(mutex_);
    std::erase(waiting_, thread);  // unless fetcher_for() did
  }
  if (is_closed_) return nullptr;
  std::deque<std::shared_ptr<Range>>& queue = urgent_.empty() ? ahead_ : urgent_;
  std::shared_ptr<Range> range = std::move(queue.front());
  queue.pop_front();
  range->status = Range::Status::kTaken;
  range->taken_at = LinkSpeed::Clock::now();
  wake_for_ahead();
  return range;
}

std::shared_ptr<Scratch> RangeQueue::buffer(size_t bytes) {
  std::shared_ptr<Scratch> buffer = bytes <= options_.first_bytes ? std::make_shared<Scratch>() : buffers_->take();
  buffer->resize(bytes);
  return buffer;
}

size_t RangeQueue::num_idle() const {
  const MutexLock lock(mutex_);
  return static_cast<size_t>(
      std::count_if(waiting_.begin(), waiting_.end(), [](const auto& thread) { return !thread->has_lent(); }));
}

bool RangeQueue::is_wanted(const Range& range) const {
  const MutexLock lock(mutex_);
  return range.is_wanted && !is_closed_;
}

void RangeQueue::succeed(Range& range, std::vector<LentBytes> parts, ObjectState object) {
  size_t num_bytes = 0;
  for (const LentBytes& part : parts) num_bytes += part.bytes.size();
  const WantedRange& wanted = range.wanted;
  std::exception_ptr error;
  const uint64_t rest_bytes = object.object_bytes - std::min(object.object_bytes, wanted.offset);
  if (!wanted.version.empty() && object.version != wanted.version) {
    error = std::make_exception_ptr(changed(wanted.path));
  } else if (num_bytes != std::min<uint64_t>(wanted.bytes, rest_bytes)) {
    error = std::make_exception_ptr(source_error(
        ErrorVariant::kIo,
        "got " + std::to_string(num_bytes) + " bytes of the " + std::to_string(wanted.bytes) + " from offset " +
            std::to_string(wanted.offset) + " on, of " + std::to_string(object.object_bytes),
        wanted.path));
  } else {
    range.parts = std::move(parts);
  }
  MutexLock lock(mutex_);
  range.answered_at = LinkSpeed::Clock::now();
  if (error == nullptr) speed_.add(range.taken_at, range.answered_at, num_bytes);
  range.object = std::move(object);
  answer(range, std::move(error));
  lock.unlock();
  answered_.notify_all();
}

void RangeQueue::fail(Range& range, std::exception_ptr error) {
  MutexLock lock(mutex_);
  answer(range, std::move(error));
  lock.unlock();
  answered_.notify_all();
}

void RangeQueue::answer(Range& range, std::exception_ptr error) {
  if (range.status != Range::Status::kTaken) return;
  range.status = error == nullptr ? Range::Status::kDone : Range::Status::kFailed;
  range.error = std::move(error);
}

void RangeQueue::close() {
  const MutexLock lock(mutex_);
  is_closed_ = true;
  urgent_.clear();
  ahead_.clear();
  for (const std::shared_ptr<FetcherThread>& fetcher : waiting_) fetcher->wanted.notify_one();
  answered_.notify_all();
}

}  // namespace jetliner
