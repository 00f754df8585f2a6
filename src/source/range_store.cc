#include "jetliner/range_store.h"

#include <utility>
#include <vector>

#include "jetliner/error.h"
#include "source/range_queue.h"
#include "source/range_source.h"

namespace jetliner {
namespace {

class QueuedJob final : public RangeJob {
 public:
  QueuedJob(std::shared_ptr<RangeQueue> queue, std::shared_ptr<Range> range)
      : queue_(std::move(queue)), range_(std::move(range)) {}
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
    succeed({{buffer().first(num_bytes), buffer_}}, std::move(object));
  }
  void succeed(std::vector<LentBytes> parts, ObjectState object) override {
    is_answered_ = true;
    queue_->succeed(*range_, std::move(parts), std::move(object));
  }
  void fail(std::exception_ptr error) override {
    is_answered_ = true;
    queue_->fail(*range_, std::move(error));
  }

 private:
  const std::shared_ptr<RangeQueue> queue_;
  const std::shared_ptr<Range> range_;
  std::shared_ptr<Scratch> buffer_;
  bool is_answered_ = false;
};

}  // namespace

RangeStore::RangeStore(const RangeStoreOptions& options) : queue_(std::make_shared<RangeQueue>(options)) {}
RangeStore::~RangeStore() { close(); }

std::unique_ptr<Source> RangeStore::open(const std::string& path) {
  return std::make_unique<RangeSource>(queue_, path);
}

std::unique_ptr<RangeJob> RangeStore::take() {
  std::shared_ptr<Range> range = queue_->take();
  return range == nullptr ? nullptr : std::make_unique<QueuedJob>(queue_, std::move(range));
}

size_t RangeStore::num_idle_fetchers() const { return queue_->num_idle(); }
void RangeStore::close() { queue_->close(); }

}  // namespace jetliner
