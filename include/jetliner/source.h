/// @file
/// Random-access bytes: where a container file comes from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "jetliner/export.h"

namespace jetliner {

/// Bytes that a source has in memory. They do not change, and stay there as long as `owner` lives, even if the source
/// is gone.
struct LentBytes {
  std::span<const uint8_t> bytes = {};
  std::shared_ptr<const void> owner = nullptr;  ///< any thread may let go of it; nullptr: there are no bytes
};

/// Bytes of a file, wherever they are. A source of your own needs read_at(), size() and preferred_chunk_bytes().
///
/// One thread at a time calls a source, but not always the same one. Exception: interrupt(). Calls may block. The
/// reader owns its sources.
///
///     class Blob : public jetliner::Source {  // a blob of a data base
///      public:
///       size_t read_at(uint64_t offset, std::span<uint8_t> out) override { return blob_.read(offset, out); }
///       uint64_t size() const override { return blob_.size(); }
///       size_t preferred_chunk_bytes() const override { return 1 << 20; }
///     };
///     jetliner::Reader reader({"7341"}, {}, [&](const std::string& id) { return std::make_unique<Blob>(db, id); });
class JETLINER_API Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// Fills `out` from `offset` (bytes) on and returns the number of bytes. Fewer than asked for means that the data
  /// ends there. Throws Error: kSource, kNotFound, kPermissionDenied or kAuthentication.
  virtual size_t read_at(uint64_t offset, std::span<uint8_t> out) = 0;

  /// True: the source has bytes in memory, and lend() gives them without a copy. It should lend nearly all of them: the
  /// rest is read block by block, with short calls of read_at().
  [[nodiscard]] virtual bool lends() const { return false; }
  /// Bytes from `offset` on. The reader wants about `bytes` of them; it may get more, or fewer. Waits and throws as
  /// read_at(). Nothing: read_at() gives them.
  virtual LentBytes lend(uint64_t /*offset*/, size_t /*bytes*/) { return {}; }

  /// Size in bytes at the time of opening.
  [[nodiscard]] virtual uint64_t size() const = 0;

  /// The reader is being closed: nobody needs the bytes any more. A read_at() that waits in another thread ends soon,
  /// and later ones end at once: both throw Error (kSource). There is no way back. May be called from any thread, at
  /// the same time as every other function, and more than once. It must not wait, and must not throw. The caller keeps
  /// the source alive until it returns. Only sources that can wait for long need to implement it, such as a network. A
  /// local file and memory do not: their reads end by themselves.
  virtual void interrupt() {}

  /// Bytes to ask for at a time, unless the caller has chosen a number.
  [[nodiscard]] virtual size_t preferred_chunk_bytes() const = 0;

  /// True: read_at() does not wait long for bytes that will_need() announced. False: the reader starts a thread that
  /// reads ahead.
  [[nodiscard]] virtual bool reads_ahead() const { return false; }
  /// True: threads of the source fetch the next bytes while the reader decodes. So the reader starts no thread for it.
  [[nodiscard]] virtual bool has_fetchers() const { return false; }
  /// Announces bytes that will be read soon. Does not wait for them.
  virtual void will_need(uint64_t /*offset*/, uint64_t /*bytes*/) {}
  /// Bytes from `offset` on are probably not needed: a part of a file is read. Reading ahead ends there.
  virtual void set_soft_end(uint64_t /*offset*/) {}
  /// The fixed cost of a request, in bytes that could be read in the same time. Two places that are nearer to each
  /// other than this are better read by one request.
  [[nodiscard]] virtual size_t request_cost_bytes() const { return preferred_chunk_bytes(); }

  /// Another source of the same bytes and size, which another thread may read at the same time. nullptr where that is
  /// not possible, or not useful because requests of several threads wait for each other.
  [[nodiscard]] virtual std::unique_ptr<Source> reopen() const { return nullptr; }
};

/// Opens the source that a path names. With several files it is called from several threads at the same time. Throws
/// Error: kNotFound, kPermissionDenied, or kSource (a directory, an I/O error).
using SourceOpener = std::function<std::unique_ptr<Source>(const std::string& path)>;

/// A local file. It is closed with the object. Throws Error as a SourceOpener.
JETLINER_API std::unique_ptr<Source> open_file(const std::string& path);

/// A local file that is open already. Errors name it `path`. The source owns the descriptor and closes it, also where
/// this function throws. The position of the descriptor is neither used nor moved.
JETLINER_API std::unique_ptr<Source> open_descriptor(int descriptor, const std::string& path);

/// A part of a local file that is open already: `size_bytes` bytes from `begin_bytes` on. Otherwise as above. Throws
/// Error (kSource) where the file is shorter.
JETLINER_API std::unique_ptr<Source> open_descriptor(int descriptor, const std::string& path, uint64_t begin_bytes,
                                                     uint64_t size_bytes);

/// Bytes in memory. They must outlive the source.
JETLINER_API std::unique_ptr<Source> open_memory(std::span<const uint8_t> bytes);

/// Bytes in memory that live as long as their owner does. They are not copied before they are decoded.
JETLINER_API std::unique_ptr<Source> open_memory(std::span<const uint8_t> bytes, std::shared_ptr<const void> owner);

}  // namespace jetliner
