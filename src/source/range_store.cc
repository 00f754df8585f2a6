#include "jetliner/range_store.h"

#include <utility>
#include <vector>

#include "jetliner/error.h"
#include "source/range_queue.h"
#include "source/range_source.h"

namespace jetliner {
namespace {

// Counts as lent by the thread until its last copy is gone. Memory of Python may be freed a little later (buffer.cc of
// the package).
std::shared_ptr<const void> lent_by(const std::shared_ptr<FetcherThread>& thread, std::shared_ptr<const void> owner) {
  const void* const address = owner.get();
  if (address == nullptr) return owner;
  ++thread->num_lent;
  return {address, [thread, owner = std::move(owner)](const void* /*address*/) mutable {
            owner.reset();
            --thread->num_lent;
          }};
}

class QueuedJob final : public RangeJob {
 public:
  QueuedJob(std::shared_ptr<RangeQueue> queue, std::shared_ptr<Range> range, std::shared_ptr<FetcherThread> thread)
      : queue_(std::move(queue)), range_(std::move(range)), thread_(std::move(thread)) {}
  QueuedJob(const QueuedJob&) = delete;
  QueuedJob& operator=(const QueuedJob&) = delete;
  ~QueuedJob() override {
    if (is_answered_) return;
    fail(std::make_exception_ptr(
        Error(ErrorKind::kSource, ErrorVariant::kIo, "the range was not fetched", {.path = range_->wanted.path})));
  }

  [[nodiscard]] const WantedRange& range() const override { return range_->wanted; }
  std::span<uint8_t> buffer() override {
    if (buffer_ == nullptr) buffer_ = queue_->buffer(range_->wanted.bytes);
    return {buffer_->data(), range_->wanted.bytes};
  }
  [[nodiscard]] bool is_wanted() const override { return queue_->is_wanted(*range_); }
  void succeed(size_t num_bytes, ObjectState object) override {
    if (num_bytes > range_->wanted.bytes) {
      fail(std::make_exception_ptr(Error(ErrorKind::kSource, ErrorVariant::kIo, "more bytes than the buffer has",
                                         {.path = range_->wanted.path})));
      return;
    }
    answer({{buffer().first(num_bytes), buffer_}}, std::move(object));
  }
  void succeed(std::vector<LentBytes> parts, ObjectState object) override {
    for (LentBytes& part : parts) part.owner = lent_by(thread_, std::move(part.owner));
    answer(std::move(parts), std::move(object));
  }
  void fail(std::exception_ptr error) override {
    is_answered_ = true;
    queue_->fail(*range_, std::move(error));
  }

 private:
  void answer(std::vector<LentBytes> parts, ObjectState object) {
    is_answered_ = true;
    queue_->succeed(*range_, std::move(parts), std::move(object));
  }

  const std::shared_ptr<RangeQueue> queue_;
  const std::shared_ptr<Range> range_;
  const std::shared_ptr<FetcherThread> thread_;  // that took the range
  std::shared_ptr<Scratch> buffer_;
  bool is_answered_ = false;
};

}  // namespace

RangeStore::RangeStore(const RangeStoreOptions& options) : queue_(std::make_shared<RangeQueue>(options)) {}
RangeStore::~RangeStore() { close(); }

std::unique_ptr<Source> RangeStore::open(const std::string& path) {
  return std::make_unique<RangeSource>(queue_, path);
}

std::unique_ptr<RangeJob> RangeStore::take(bool spares_memory) {
  std::shared_ptr<FetcherThread> thread = FetcherThread::own();
  std::shared_ptr<Range> range = queue_->take(thread, spares_memory);
  return range == nullptr ? nullptr : std::make_unique<QueuedJob>(queue_, std::move(range), std::move(thread));
}

size_t RangeStore::num_idle_fetchers() const { return queue_->num_idle(); }
void RangeStore::close() { queue_->close(); }

}  // namespace jetliner
