// Local files as sinks.
#include <algorithm>
#include <cerrno>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/hex.h"
#include "base/system.h"
#include "jetliner/error.h"
#include "jetliner/sink.h"

namespace jetliner {
namespace {

// Bytes of a call. Linux transfers at most 0x7ffff000; other systems refuse more than INT_MAX.
constexpr size_t kMaxWriteBytes = 1 << 30;
constexpr int kNameAttempts = 16;

[[noreturn]] void fail(const std::string& what, int code, const std::string& path) {
  ErrorPlace place;
  place.path = path;
  const std::string message = what + ": " + std::generic_category().message(code);
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      throw Error(ErrorKind::kNotFound, ErrorVariant::kNotFound, "directory not found: " + path, std::move(place));
    case EACCES:
    case EPERM:
    case EROFS:
      throw Error(ErrorKind::kPermissionDenied, ErrorVariant::kPermissionDenied, message, std::move(place));
    default:
      throw Error(ErrorKind::kSource, ErrorVariant::kIo, message, std::move(place));
  }
}

// An open file that bytes are appended to.
class OutputFile {
 public:
  OutputFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile() { give_up(); }

  void write(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
      const int64_t done = sys::write_some(fd_, bytes.data(), std::min(bytes.size(), kMaxWriteBytes));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) fail("writing failed", errno, path_);
      bytes = bytes.subspan(static_cast<size_t>(done));
    }
  }
  void write_pieces(std::span<const ByteSpan> pieces) {
    size_t written_bytes = 0;  // of the first piece
    while (!pieces.empty()) {
      if (written_bytes > 0 || pieces.size() == 1) {
        write(pieces.front().subspan(std::exchange(written_bytes, 0)));
        pieces = pieces.subspan(1);
        continue;
      }
      const int64_t done = sys::write_some(fd_, pieces);
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) fail("writing failed", errno, path_);
      written_bytes = static_cast<size_t>(done);
      while (!pieces.empty() && written_bytes >= pieces.front().size()) {
        written_bytes -= pieces.front().size();
        pieces = pieces.subspan(1);
      }
    }
  }
  void close() {
    if (!sys::close_file(std::exchange(fd_, -1))) fail("closing failed", errno, path_);
  }
  // Closes it if it is open, and ignores errors.
  void give_up() {
    if (fd_ >= 0) (void)sys::close_file(std::exchange(fd_, -1));
  }
  // Best effort: for a file that is given up.
  void cut_back(uint64_t bytes) { (void)sys::cut_back(fd_, bytes); }

 private:
  int fd_;
  const std::string path_;
};

// A pipe or a device.
class DirectSink final : public Sink {
 public:
  DirectSink(int fd, const std::string& path) : file_(fd, path) {}
  void write(std::span<const uint8_t> bytes) override { file_.write(bytes); }
  void write_pieces(std::span<const ByteSpan> pieces) override { file_.write_pieces(pieces); }
  void finish() override { file_.close(); }

 private:
  OutputFile file_;
};

class NewFileSink final : public Sink {
 public:
  NewFileSink(int fd, std::string hidden, std::string path)
      : file_(fd, path), hidden_(std::move(hidden)), path_(std::move(path)) {}
  ~NewFileSink() override {
    if (hidden_.empty()) return;
    file_.give_up();  // Windows removes no open files
    (void)sys::remove_file(hidden_);
  }
  void write(std::span<const uint8_t> bytes) override { file_.write(bytes); }
  void write_pieces(std::span<const ByteSpan> pieces) override { file_.write_pieces(pieces); }
  void finish() override {
    file_.close();
    if (!sys::rename_over(hidden_, path_)) fail("renaming the finished file failed", errno, path_);
    hidden_.clear();
  }

 private:
  OutputFile file_;
  std::string hidden_;  // empty once it has its final name
  const std::string path_;
};

class AppendSink final : public Sink {
 public:
  AppendSink(int fd, const std::string& path, uint64_t size_bytes) : file_(fd, path), size_bytes_(size_bytes) {}
  ~AppendSink() override {
    if (!is_finished_) file_.cut_back(size_bytes_);
  }
  void write(std::span<const uint8_t> bytes) override { file_.write(bytes); }
  void write_pieces(std::span<const ByteSpan> pieces) override { file_.write_pieces(pieces); }
  void finish() override {
    is_finished_ = true;
    file_.close();
  }

 private:
  OutputFile file_;
  const uint64_t size_bytes_;  // before
  bool is_finished_ = false;
};

void check_path(const std::string& path) {
  if (path.find('\0') == std::string::npos) return;
  throw Error(ErrorKind::kSource, ErrorVariant::kFileSystemError, "the path contains a null byte", {.path = path});
}

[[noreturn]] void throw_directory(const std::string& path) {
  throw Error(ErrorKind::kSource, ErrorVariant::kFileSystemError, "the path is a directory, not a file",
              {.path = path});
}

// A name in the same directory that no file has: ".name.0123456789abcdef.part", at most 255 bytes long.
std::string hidden_name(const std::string& path, std::random_device& random) {
  constexpr size_t kMostNameBytes = 255;
  const size_t slash = path.find_last_of(sys::path_separators());
  const size_t name_at = slash == std::string::npos ? 0 : slash + 1;
  std::string suffix = ".";
  for (int i = 0; i < 8; ++i) append_hex(suffix, static_cast<uint8_t>(random()));
  suffix += ".part";
  const std::string name = path.substr(name_at, kMostNameBytes - 1 - suffix.size());
  return path.substr(0, name_at) + "." + name + suffix;
}

}  // namespace

std::unique_ptr<Sink> create_file(const std::string& given) {
  check_path(given);
  const std::string path = sys::follow_link(given);
  sys::FileInfo info;
  if (sys::get_info(path, &info)) {
    if (info.kind == sys::FileKind::kDirectory) throw_directory(given);
    if (info.kind != sys::FileKind::kRegular) {
      const int fd = sys::open_to_write(path);
      if (fd < 0) fail("cannot open the file", errno, given);
      return std::make_unique<DirectSink>(fd, given);
    }
    // The rename would replace it all the same.
    if (!sys::may_write(path)) fail("cannot replace the file", errno, given);
  }
  std::random_device random;
  for (int attempt = 1;; ++attempt) {
    std::string hidden = hidden_name(path, random);
    const int fd = sys::create_to_write(hidden);
    if (fd >= 0) return std::make_unique<NewFileSink>(fd, std::move(hidden), path);
    if (errno != EEXIST || attempt == kNameAttempts) fail("cannot create a file", errno, given);
  }
}

std::unique_ptr<Sink> append_to_file(const std::string& path) {
  check_path(path);
  const int fd = sys::open_to_append(path);
  if (fd < 0) fail("cannot open the file", errno, path);
  sys::FileInfo info;
  if (!sys::get_info(fd, &info) || info.kind != sys::FileKind::kRegular) {
    (void)sys::close_file(fd);
    throw Error(ErrorKind::kSource, ErrorVariant::kFileSystemError, "only a regular file can be appended to",
                {.path = path});
  }
  return std::make_unique<AppendSink>(fd, path, info.size_bytes);
}

}  // namespace jetliner
