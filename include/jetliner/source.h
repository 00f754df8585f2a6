// Random-access bytes: where a container file comes from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace jetliner {

// Implementations may block and may be called from any one thread at a time.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  // Fills `out` from `offset` on and returns the number of bytes; fewer than asked for only where the data ends.
  // Throws Error (kSource and its kin).
  virtual size_t read_at(uint64_t offset, std::span<uint8_t> out) = 0;

  // Size in bytes at the time of opening.
  [[nodiscard]] virtual uint64_t size() const = 0;

  // Ends a read_at() that waits in another thread, and later ones: they throw Error (kSource). Called from any thread,
  // several times. Sources that never wait long need not do anything.
  virtual void interrupt() {}

  // How many bytes to ask for at a time where the caller did not say.
  [[nodiscard]] virtual size_t preferred_chunk_bytes() const = 0;

  // Whether read_at() does not wait long for what will_need() was told before. Otherwise a thread reads ahead.
  [[nodiscard]] virtual bool reads_ahead() const { return false; }
  // These bytes are going to be read soon. Does not wait for them.
  virtual void will_need(uint64_t /*offset*/, uint64_t /*bytes*/) {}
  // How many bytes are read in the time that a request takes by itself: to read two places that are nearer to each
  // other, one request is better.
  [[nodiscard]] virtual size_t request_cost_bytes() const { return preferred_chunk_bytes(); }

  // The same bytes and size once more, for another thread to read at the same time; nullptr where that cannot be done,
  // or is of no use: where requests of several threads wait for each other.
  [[nodiscard]] virtual std::unique_ptr<Source> reopen() const { return nullptr; }
};

// Opens what a path names. Called from several threads at the same time, where there are several files. Throws Error:
// kNotFound, kPermissionDenied, or kSource (a directory, an I/O error).
using SourceOpener = std::function<std::unique_ptr<Source>(const std::string& path)>;

// A local file. The handle is closed with the object.
std::unique_ptr<Source> open_file(const std::string& path);

// The same of a file that is open already; `path` is what errors call it. The descriptor is closed with the object, and
// its position is neither used nor moved.
std::unique_ptr<Source> open_descriptor(int descriptor, const std::string& path);

// Bytes in memory, not copied: they must outlive the source.
std::unique_ptr<Source> open_memory(std::span<const uint8_t> bytes);

}  // namespace jetliner
