// The wanted ranges of all sources of a RangeStore, and what is known of the objects.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/shared_pool.h"
#include "jetliner/error.h"
#include "jetliner/range_store.h"
#include "jetliner/source.h"
#include "source/link_speed.h"

namespace jetliner {

inline size_t make_spare(Scratch& bytes) { return bytes.capacity(); }

// A range on its way. A source and a job share it.
struct Range {
  enum class Status : uint8_t { kQueued, kTaken, kDone, kFailed };

  WantedRange wanted;
  bool is_ahead = false;  // counts against the budget
  bool is_look = false;   // at some other place than where reading goes on

  // Guarded by the queue's mutex:
  Status status = Status::kQueued;
  bool is_wanted = true;  // false: its source has no use for it any more
  ObjectState object;     // once it is done
  std::exception_ptr error;
  LinkSpeed::Clock::time_point taken_at;
  LinkSpeed::Clock::time_point answered_at;

  // Of the job while the range is taken; after that it does not change.
  std::vector<LentBytes> parts;

  // Of its source:
  bool is_begun = false;  // its first byte was read

  [[nodiscard]] uint64_t end() const { return wanted.offset + wanted.bytes; }
  // The bytes from `offset` of the object on, up to the end of their part.
  [[nodiscard]] LentBytes bytes_at(uint64_t offset) const;
};

// The first bytes of an object, which are kept for the next source of it.
struct ObjectHead {
  ObjectState object;
  std::shared_ptr<const Scratch> bytes;  // nullptr if they were not kept
};

// SourceError: the object is not the one that was opened.
Error changed(const std::string& path);

// A thread that fetches ranges.
struct FetcherThread {
  CondVar wanted;                   // it waits in take()
  std::atomic<size_t> num_lent{0};  // parts of ranges that it lent, and that were not given back
  bool spares_memory = false;       // while it waits; guarded by the queue's mutex

  static std::shared_ptr<FetcherThread> own();
  [[nodiscard]] bool has_lent() const { return num_lent > 0; }
  // True: it also takes ranges that nobody waits for yet.
  [[nodiscard]] bool takes_ahead() const { return !spares_memory || !has_lent(); }
};

// Thread-safe. Sources and jobs share it.
class RangeQueue {
 public:
  explicit RangeQueue(const RangeStoreOptions& options);

  [[nodiscard]] const RangeStoreOptions& options() const { return options_; }

  // --- for sources

  // A range that somebody waits for. It goes before those that are only read ahead.
  std::shared_ptr<Range> ask(WantedRange wanted);
  // A range that will be needed later. nullptr if the budget has no room for it.
  std::shared_ptr<Range> ask_ahead(WantedRange wanted);
  // Waits until the range has its bytes. Throws what the fetcher gave; Error (kSource) if the queue was closed, or
  // `interrupted` is set.
  void wait(Range& range, const bool& interrupted);
  // The source reads the range now, so the range no longer counts against the budget.
  void note_begun(Range& range);
  // The source needs the range no more. Its memory is freed, or reused, once nobody else has it.
  void drop(const std::shared_ptr<Range>& range);

  // The head of an object, if an earlier source has learnt it.
  std::optional<ObjectHead> known(const std::string& path);
  // Keeps what the first range told. Returns it with the range's bytes. Throws changed() if another source has found
  // another object.
  ObjectHead learn(Range& first);
  // A source of this object was closed. The second one has probably read it: its head is dropped.
  void note_closed(const std::string& path);

  // Nothing while it is not known.
  [[nodiscard]] std::optional<LinkSpeed::Measured> link() const;
  // The delay of the fastest answer so far.
  [[nodiscard]] LinkSpeed::Seconds delay() const;

  // Sets a flag that wait() looks at.
  void set(bool& interrupted);

  // --- for fetchers

  // See RangeStore::take(). Of the threads that wait, the one that came last takes the next range: the memory allocator
  // keeps freed memory for each thread.
  std::shared_ptr<Range> take(const std::shared_ptr<FetcherThread>& thread, bool spares_memory);
  // Threads that wait, and whose bytes are all given back.
  [[nodiscard]] size_t num_idle() const;
  [[nodiscard]] bool is_wanted(const Range& range) const;
  // Memory for a range. Throws std::bad_alloc.
  std::shared_ptr<Scratch> buffer(size_t bytes);
  void succeed(Range& range, std::vector<LentBytes> parts, ObjectState object);
  void fail(Range& range, std::exception_ptr error);

  void close();

 private:
  struct Known {
    ObjectHead head;
    int times_closed = 0;
  };

  void answer(Range& range, std::exception_ptr error) JETLINER_REQUIRES(mutex_);
  // To the budget: the bytes of a range that was asked for ahead. A second call does nothing.
  void give_back(Range& range) JETLINER_REQUIRES(mutex_);
  // The waiting thread that shall take a queued range. It is to be notified, best without the mutex: otherwise it wakes
  // and waits for the mutex. nullptr: none.
  std::shared_ptr<FetcherThread> fetcher_for(bool is_urgent) JETLINER_REQUIRES(mutex_);
  // Nobody is woken when lent bytes come back. So each thread that comes to take() looks for those that may work now.
  void wake_for_ahead() JETLINER_REQUIRES(mutex_);

  const RangeStoreOptions options_;
  const std::shared_ptr<SharedPool<Scratch>> buffers_;
  mutable Mutex mutex_;
  CondVar answered_;                                                                 // sources wait
  std::vector<std::shared_ptr<FetcherThread>> waiting_ JETLINER_GUARDED_BY(mutex_);  // fetchers, as they came
  std::deque<std::shared_ptr<Range>> urgent_ JETLINER_GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<Range>> ahead_ JETLINER_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Known> objects_ JETLINER_GUARDED_BY(mutex_);
  size_t ahead_bytes_ JETLINER_GUARDED_BY(mutex_) = 0;  // of ranges that were asked for ahead and not dropped
  size_t head_bytes_ JETLINER_GUARDED_BY(mutex_) = 0;   // of the heads in objects_
  LinkSpeed speed_ JETLINER_GUARDED_BY(mutex_);
  bool is_closed_ JETLINER_GUARDED_BY(mutex_) = false;
};

}  // namespace jetliner
