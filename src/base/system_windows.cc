#include <fcntl.h>
#include <io.h>
#include <malloc.h>
#include <share.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <windows.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "base/system.h"

namespace jetliner::sys {
namespace {

// nullptr-terminated text for the functions of Windows; empty if it is not UTF-8.
std::wstring wide(const std::string& path) {
  const int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.c_str(), -1, nullptr, 0);
  if (length <= 0) return {};
  std::wstring text(static_cast<size_t>(length), L'\0');
  MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.c_str(), -1, text.data(), length);
  text.pop_back();
  return text;
}

void set_errno_of_windows() {
  switch (GetLastError()) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
      errno = ENOENT;
      return;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
      errno = EACCES;
      return;
    default:
      errno = EIO;
  }
}

FileInfo info_from(const struct _stat64& status) {
  FileInfo info{.size_bytes = static_cast<uint64_t>(status.st_size)};
  switch (status.st_mode & _S_IFMT) {
    case _S_IFREG:
      info.kind = FileKind::kRegular;
      break;
    case _S_IFDIR:
      info.kind = FileKind::kDirectory;
      break;
    case _S_IFIFO:
      info.kind = FileKind::kPipe;
      break;
    default:
      break;
  }
  return info;
}

int open_binary(const std::string& path, int flags) {
  int descriptor = -1;
  const errno_t code =
      ::_wsopen_s(&descriptor, wide(path).c_str(), flags | _O_BINARY | _O_NOINHERIT, _SH_DENYNO, _S_IREAD | _S_IWRITE);
  if (code == 0) return descriptor;
  unsigned long windows_code = 0;
  ::_get_doserrno(&windows_code);
  errno = windows_code == ERROR_INVALID_NAME ? ENOENT : code;  // no file can have this name
  return -1;
}

HANDLE handle_of(int descriptor) { return reinterpret_cast<HANDLE>(::_get_osfhandle(descriptor)); }

}  // namespace

// Reserves addresses for the alignment as well. Only addresses that are committed take memory.
void* map_pages(size_t bytes, size_t alignment) noexcept {
  if (bytes + alignment < bytes) return nullptr;
  void* const reserved = VirtualAlloc(nullptr, bytes + alignment, MEM_RESERVE, PAGE_READWRITE);
  if (reserved == nullptr) return nullptr;
  auto* const first = static_cast<uint8_t*>(reserved);
  const size_t before = (alignment - reinterpret_cast<uintptr_t>(first) % alignment) % alignment;
  void* const pages = VirtualAlloc(first + before, bytes, MEM_COMMIT, PAGE_READWRITE);
  if (pages == nullptr) VirtualFree(reserved, 0, MEM_RELEASE);
  return pages;
}

void unmap_pages(void* pages, size_t /*bytes*/) noexcept {
  MEMORY_BASIC_INFORMATION found{};
  if (VirtualQuery(pages, &found, sizeof found) != 0) VirtualFree(found.AllocationBase, 0, MEM_RELEASE);
}

void prefer_huge_pages(void* /*pages*/, size_t /*bytes*/) noexcept {}
void* remap_pages(void* /*pages*/, size_t /*old_bytes*/, size_t /*new_bytes*/) noexcept { return nullptr; }
bool can_remap_pages() noexcept { return false; }

void* allocate_aligned(size_t alignment, size_t bytes) noexcept { return ::_aligned_malloc(bytes, alignment); }
void free_aligned(void* memory) noexcept { ::_aligned_free(memory); }

int64_t process_id() noexcept { return static_cast<int64_t>(GetCurrentProcessId()); }
size_t allowed_cores() noexcept { return 0; }
void name_own_thread(const char* /*name*/) noexcept {}

std::string_view path_separators() noexcept { return "/\\"; }

bool get_info(const std::string& path, FileInfo* info) noexcept {
  struct _stat64 status{};
  if (::_wstat64(wide(path).c_str(), &status) != 0) return false;
  *info = info_from(status);
  return true;
}

bool get_info(int descriptor, FileInfo* info) noexcept {
  struct _stat64 status{};
  if (::_fstat64(descriptor, &status) != 0) return false;
  *info = info_from(status);
  return true;
}

int open_to_read(const std::string& path) noexcept { return open_binary(path, _O_RDONLY); }
int open_to_write(const std::string& path) noexcept { return open_binary(path, _O_WRONLY); }
int open_to_append(const std::string& path) noexcept { return open_binary(path, _O_WRONLY | _O_APPEND); }
int create_to_write(const std::string& path) noexcept { return open_binary(path, _O_WRONLY | _O_CREAT | _O_EXCL); }
int duplicate(int descriptor) noexcept { return ::_dup(descriptor); }
int reopen_to_read(int /*descriptor*/) noexcept { return -1; }
bool close_file(int descriptor) noexcept { return ::_close(descriptor) == 0; }

int64_t read_at(int descriptor, void* out, size_t bytes, uint64_t offset) noexcept {
  OVERLAPPED place{};
  place.Offset = static_cast<DWORD>(offset & 0xffffffff);
  place.OffsetHigh = static_cast<DWORD>(offset >> 32);
  DWORD done_bytes = 0;
  if (!ReadFile(handle_of(descriptor), out, static_cast<DWORD>(std::min<size_t>(bytes, INT_MAX)), &done_bytes,
                &place)) {
    if (GetLastError() == ERROR_HANDLE_EOF) return 0;
    set_errno_of_windows();
    return -1;
  }
  return done_bytes;
}

int64_t write_some(int descriptor, const void* from, size_t bytes) noexcept {
  return ::_write(descriptor, from, static_cast<unsigned>(std::min<size_t>(bytes, INT_MAX)));
}

int64_t write_some(int descriptor, std::span<const ByteSpan> pieces) noexcept {
  return pieces.empty() ? 0 : write_some(descriptor, pieces.front().data(), pieces.front().size());
}

bool cut_back(int descriptor, uint64_t size_bytes) noexcept {
  return ::_chsize_s(descriptor, static_cast<int64_t>(size_bytes)) == 0;
}

void expect_sequential_reads(int /*descriptor*/) noexcept {}
void expect_reads(int /*descriptor*/, uint64_t /*offset*/, uint64_t /*bytes*/) noexcept {}
bool is_in_cache(int /*descriptor*/, uint64_t /*offset*/) noexcept { return false; }

std::string follow_link(const std::string& path) { return path; }

bool may_write(const std::string& path) noexcept { return ::_waccess(wide(path).c_str(), 2) == 0; }

bool rename_over(const std::string& from, const std::string& to) noexcept {
  if (MoveFileExW(wide(from).c_str(), wide(to).c_str(), MOVEFILE_REPLACE_EXISTING)) return true;
  set_errno_of_windows();
  return false;
}

bool remove_file(const std::string& path) noexcept {
  if (DeleteFileW(wide(path).c_str())) return true;
  set_errno_of_windows();
  return false;
}

const void* find(const void* whole, size_t whole_bytes, const void* part, size_t part_bytes) noexcept {
  const std::string_view text(static_cast<const char*>(whole), whole_bytes);
  const size_t place = text.find({static_cast<const char*>(part), part_bytes});
  return place == std::string_view::npos ? nullptr : text.data() + place;
}

}  // namespace jetliner::sys
