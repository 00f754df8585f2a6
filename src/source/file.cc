// Local files. They are read at offsets, so the position of the descriptor is not used.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "base/system.h"
#include "jetliner/error.h"
#include "jetliner/source.h"

namespace jetliner {
namespace {

constexpr size_t kFileChunkBytes = 1 << 20;
// A system call costs as much time as copying this many bytes from the page cache.
constexpr size_t kCallCostBytes = 2 << 10;
// Bytes of a call. Linux transfers at most 0x7ffff000; other systems refuse more than INT_MAX.
constexpr size_t kMaxReadBytes = 1 << 30;

std::string error_text(int code) { return std::generic_category().message(code); }

[[noreturn]] void throw_error(ErrorKind kind, ErrorVariant variant, const std::string& message,
                              const std::string& path) {
  ErrorPlace place;
  place.path = path;
  throw Error(kind, variant, message, std::move(place));
}

[[noreturn]] void throw_open_error(int code, const std::string& path) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:  // a part of the path is a file, not a directory
      throw_error(ErrorKind::kNotFound, ErrorVariant::kNotFound, "file not found: " + path, path);
    case EACCES:
    case EPERM:
      throw_error(ErrorKind::kPermissionDenied, ErrorVariant::kPermissionDenied, "permission denied: " + path, path);
    case ELOOP:
    case ENAMETOOLONG:
      throw_error(ErrorKind::kSource, ErrorVariant::kFileSystemError, "cannot open the file: " + error_text(code),
                  path);
    default:
      throw_error(ErrorKind::kSource, ErrorVariant::kIo, "cannot open the file: " + error_text(code), path);
  }
}

[[noreturn]] void throw_irregular(const std::string& path) {
  throw_error(ErrorKind::kSource, ErrorVariant::kFileSystemError, "not a regular file: it cannot be read at any offset",
              path);
}

[[noreturn]] void throw_directory(const std::string& path) {
  throw_error(ErrorKind::kSource, ErrorVariant::kFileSystemError, "the path is a directory, not a file", path);
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) sys::close_file(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// The bytes of a source in its file.
struct Extent {
  uint64_t begin_bytes = 0;
  uint64_t size_bytes = 0;
  bool is_part = false;  // what lies behind it in the file is not read
};

class FileSource final : public Source {
 public:
  FileSource(FileDescriptor fd, std::string path, Extent extent)
      : fd_(std::move(fd)), path_(std::move(path)), extent_(extent) {}

  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    if (extent_.is_part) out = out.first(std::min<uint64_t>(out.size(), size() - std::min(offset, size())));
    size_t done_bytes = 0;
    while (done_bytes < out.size()) {
      const uint64_t position = offset + done_bytes;
      if (position > static_cast<uint64_t>(INT64_MAX)) break;  // no file is that long
      const size_t want_bytes = std::min(out.size() - done_bytes, kMaxReadBytes);
      const int64_t got_bytes =
          sys::read_at(fd_.get(), out.data() + done_bytes, want_bytes, extent_.begin_bytes + position);
      if (got_bytes < 0) {
        const int code = errno;
        if (code == EINTR) continue;
        throw_error(ErrorKind::kSource, ErrorVariant::kIo,
                    "reading failed at offset " + std::to_string(position) + ": " + error_text(code), path_);
      }
      if (got_bytes == 0) break;  // the end; before size() if the file was truncated meanwhile
      done_bytes += static_cast<size_t>(got_bytes);
    }
    return done_bytes;
  }

  [[nodiscard]] uint64_t size() const override { return extent_.size_bytes; }
  [[nodiscard]] size_t preferred_chunk_bytes() const override { return kFileChunkBytes; }
  [[nodiscard]] size_t request_cost_bytes() const override { return kCallCostBytes; }

  // Opens the file once more: threads that share one open file wait for each other, at least for its reference count.
  [[nodiscard]] std::unique_ptr<Source> reopen() const override {
    FileDescriptor reopened(sys::reopen_to_read(fd_.get()));
    if (reopened.get() < 0) return nullptr;
    return std::make_unique<FileSource>(std::move(reopened), path_, extent_);
  }

  // The system also reads ahead without being told, but less than a unit.
  [[nodiscard]] bool reads_ahead() const override { return true; }
  void will_need(uint64_t offset, uint64_t bytes) override {
    const uint64_t begin = std::max(offset, told_end_);
    const uint64_t end = bytes < size() - std::min(offset, size()) ? offset + bytes : size();
    if (begin >= end) return;
    told_end_ = end;
    // The question is much quicker than the hint.
    if (sys::is_in_cache(fd_.get(), extent_.begin_bytes + end - 1)) return;
    sys::expect_reads(fd_.get(), extent_.begin_bytes + begin, end - begin);
  }

 private:
  FileDescriptor fd_;
  std::string path_;
  const Extent extent_;
  uint64_t told_end_ = 0;  // will_need() was called for the bytes before it
};

// `part`: of the file; nothing for all of it.
std::unique_ptr<Source> source_of(FileDescriptor fd, const std::string& path, std::optional<Extent> part = {}) {
  sys::FileInfo info;
  if (!sys::get_info(fd.get(), &info)) throw_open_error(errno, path);
  if (info.kind == sys::FileKind::kDirectory) throw_directory(path);
  if (info.kind != sys::FileKind::kRegular) throw_irregular(path);
  const uint64_t file_bytes = info.size_bytes;
  // A hint only. Small files take one or two requests and do not need it.
  if (file_bytes > kFileChunkBytes) sys::expect_sequential_reads(fd.get());
  if (part && (part->begin_bytes > file_bytes || part->size_bytes > file_bytes - part->begin_bytes)) {
    throw_error(ErrorKind::kSource, ErrorVariant::kIo, "the file is shorter than the part that was to be read", path);
  }
  return std::make_unique<FileSource>(std::move(fd), path, part.value_or(Extent{.size_bytes = file_bytes}));
}

}  // namespace

std::unique_ptr<Source> open_descriptor(int descriptor, const std::string& path) {
  return source_of(FileDescriptor(descriptor), path);
}

std::unique_ptr<Source> open_descriptor(int descriptor, const std::string& path, uint64_t begin_bytes,
                                        uint64_t size_bytes) {
  return source_of(FileDescriptor(descriptor), path, Extent{begin_bytes, size_bytes, /*is_part=*/true});
}

std::unique_ptr<Source> open_file(const std::string& path) {
  // The system would end the path at the null byte and open another file.
  if (path.find('\0') != std::string::npos) {
    throw_error(ErrorKind::kSource, ErrorVariant::kFileSystemError, "the path contains a null byte", path);
  }
  // A pipe is not opened at all: its writer would see a reader that comes and goes.
  sys::FileInfo info;
  if (sys::get_info(path, &info)) {
    if (info.kind == sys::FileKind::kPipe) throw_irregular(path);
    if (info.kind == sys::FileKind::kDirectory) throw_directory(path);  // some systems do not open them
  }
  const int raw_fd = sys::open_to_read(path);
  if (raw_fd < 0) throw_open_error(errno, path);
  return source_of(FileDescriptor(raw_fd), path);
}

}  // namespace jetliner
