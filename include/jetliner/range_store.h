/// @file
/// Objects that come in byte ranges from somewhere slow: an object store, a web server, another program.
///
/// The library asks, and fetchers answer. Fetchers are threads of the caller: each takes a wanted range, fetches its
/// bytes by whatever means, and gives them back. Several ranges are wanted at the same time, so several fetchers keep a
/// slow link busy. The threads that decode wait for bytes, and never run the caller's code.
///
///     RangeStore store;
///     std::thread fetcher([&] {
///       while (std::unique_ptr<RangeJob> job = store.take()) {
///         // fetch job->range(), write into job->buffer(), then:
///         job->succeed(num_bytes, {.object_bytes = size, .version = etag});
///       }
///     });
///     Reader reader({"bucket/key.avro"}, {}, [&](const std::string& path) { return store.open(path); });
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "jetliner/export.h"
#include "jetliner/source.h"

namespace jetliner {

/// Options of RangeStore.
struct RangeStoreOptions {
  /// Bytes of the first request of an object. It tells the size, and usually holds the whole header.
  size_t first_bytes = 64 << 10;
  /// Bytes of a request once an object is read from front to back.
  size_t chunk_bytes = 4 << 20;
  /// Requests of one object at the same time.
  size_t max_requests = 16;
  /// Bytes that were asked for ahead, and not read yet, of all objects. Ranges that somebody waits for pass in any
  /// case.
  size_t max_ahead_bytes = 64 << 20;
};

/// The size and the version of an object. Both must stay the same while it is read. Otherwise reading throws Error
/// (kSource, kChanged).
struct ObjectState {
  uint64_t object_bytes = 0;  ///< size
  std::string version = {};   ///< such as an ETag; empty if there is none

  bool operator==(const ObjectState&) const = default;  ///< compares all members
};

/// A range that is wanted.
struct WantedRange {
  std::string path = {};     ///< as the caller gave it
  uint64_t offset = 0;       ///< bytes from the start of the object
  size_t bytes = 0;          ///< > 0; only the first range of an object may reach beyond its end
  std::string version = {};  ///< that the object must have; empty: any
};

/// A wanted range that a fetcher has taken. It is answered once, by succeed() or fail(). Destruction without an answer
/// is a failure. For one thread.
class JETLINER_API RangeJob {
 public:
  virtual ~RangeJob() = default;

  /// What is wanted. Lives as long as the job.
  [[nodiscard]] virtual const WantedRange& range() const = 0;
  /// Memory for the bytes. It is as large as the range. Throws std::bad_alloc.
  virtual std::span<uint8_t> buffer() = 0;
  /// False once nobody needs the range any more. A fetcher may then give up.
  [[nodiscard]] virtual bool is_wanted() const = 0;

  /// The first `num_bytes` of the buffer are filled. Fewer than wanted only where the object ends: otherwise the reader
  /// gets an Error (kSource), never the end of the data.
  virtual void succeed(size_t num_bytes, ObjectState state) = 0;
  /// The same with bytes in memory of the fetcher, part after part: buffer() is not used. They are not copied. A block
  /// that lies in two parts is. So parts should be much larger than blocks.
  virtual void succeed(std::vector<LentBytes> parts, ObjectState state) = 0;
  /// The reader gets this exception, which should be an Error.
  virtual void fail(std::exception_ptr error) = 0;
};

/// A store of objects, between sources and fetchers. Thread-safe. Sources and jobs may outlive it.
class JETLINER_API RangeStore {
 public:
  /// Starts no thread.
  explicit RangeStore(const RangeStoreOptions& options = {});
  RangeStore(const RangeStore&) = delete;
  RangeStore& operator=(const RangeStore&) = delete;
  ~RangeStore();  ///< calls close()

  /// Does not wait. The first call that needs the object's bytes or size asks for its first bytes, unless they are
  /// known from an earlier source of this path. It throws the fetcher's exception, or Error (kSource) once the store is
  /// closed.
  std::unique_ptr<Source> open(const std::string& path);

  /// For fetchers: the next wanted range. Waits for one. nullptr once the store is closed.
  ///
  /// `spares_memory`: while bytes that this thread lent are in use, it takes only ranges that somebody waits for. So
  /// most threads hold one range at a time. The caller starts one more fetcher while num_idle_fetchers() is 0.
  std::unique_ptr<RangeJob> take(bool spares_memory = false);
  /// Fetchers that wait in take(), and whose lent bytes are all given back. While there are none, one more fetcher may
  /// speed reading up.
  [[nodiscard]] size_t num_idle_fetchers() const;

  /// Ends all waiting, of fetchers and of readers.
  void close();

 private:
  const std::shared_ptr<class RangeQueue> queue_;
};

}  // namespace jetliner
