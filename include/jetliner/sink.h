/// @file
/// Byte sinks: the targets of container files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "jetliner/export.h"

namespace jetliner {

/// Where the bytes of a file go. The writer owns its sinks. One thread at a time calls a sink. A sink that is destroyed
/// before finish() has returned leaves nothing behind, where that can be.
class JETLINER_API Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  /// Appends all bytes. Throws Error: kSource, kPermissionDenied or kAuthentication.
  virtual void write(std::span<const uint8_t> bytes) = 0;
  /// The same for bytes that lie in several places, one after the other. This one copies them to one place. A sink that
  /// takes them as they are is faster.
  virtual void write_pieces(std::span<const std::span<const uint8_t>> pieces) {
    std::vector<uint8_t> joined;
    for (const std::span<const uint8_t> piece : pieces) joined.insert(joined.end(), piece.begin(), piece.end());
    write(joined);
  }
  /// All bytes were written: makes the file appear. Called once, last. Throws as write() does.
  virtual void finish() = 0;
};

/// Opens the sink of the file `index`, from 0. There is more than one file only where WriteOptions limit their size.
using SinkOpener = std::function<std::unique_ptr<Sink>(size_t index)>;

/// A local file that appears whole or not at all. The bytes go to a hidden file beside it, which finish() renames. An
/// older file stays until then. Symbolic links are followed. A pipe or a device is written directly. The system writes
/// the bytes to the disk later, as for any file: after a loss of power the file may be missing or not whole. Throws
/// Error: kNotFound for a directory that does not exist, kPermissionDenied, kSource.
JETLINER_API std::unique_ptr<Sink> create_file(const std::string& path);

/// Appends to a local file. Without finish() the file is cut back to its size before. Throws as create_file() does.
JETLINER_API std::unique_ptr<Sink> append_to_file(const std::string& path);

}  // namespace jetliner
