// The calls of the operating system. system_posix.cc and system_windows.cc implement them.
//
// Paths are UTF-8. Descriptors are those of the C library. Functions that return -1 or false leave the reason in errno.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace jetliner::sys {

// --- Memory ---

// Pages of zeros outside the heap, at an address that `alignment` divides. nullptr where there is no memory.
void* map_pages(size_t bytes, size_t alignment = 1) noexcept;
void unmap_pages(void* pages, size_t bytes) noexcept;
// Asks for huge pages. A hint.
void prefer_huge_pages(void* pages, size_t bytes) noexcept;
// Changes the size of pages, which may move. nullptr where there is no memory, or where the system cannot do that: the
// pages are as before then.
void* remap_pages(void* pages, size_t old_bytes, size_t new_bytes) noexcept;
// False: remap_pages() always fails.
[[nodiscard]] bool can_remap_pages() noexcept;

// Memory of the heap at an address that `alignment` divides. nullptr where there is none.
void* allocate_aligned(size_t alignment, size_t bytes) noexcept;
void free_aligned(void* memory) noexcept;

// The first place of `part` in `whole`; nullptr if there is none.
[[nodiscard]] const void* find(const void* whole, size_t whole_bytes, const void* part, size_t part_bytes) noexcept;

// --- Processes and threads ---

// Tells a forked process from its parent.
[[nodiscard]] int64_t process_id() noexcept;
// The cores on which this process may run; 0 if that is not known.
[[nodiscard]] size_t allowed_cores() noexcept;
// For debuggers and profilers.
void name_own_thread(const char* name) noexcept;

// --- Files ---

// Between the parts of a path.
[[nodiscard]] std::string_view path_separators() noexcept;

enum class FileKind : uint8_t { kRegular, kDirectory, kPipe, kOther };
struct FileInfo {
  FileKind kind = FileKind::kOther;
  uint64_t size_bytes = 0;
};
bool get_info(const std::string& path, FileInfo* info) noexcept;
bool get_info(int descriptor, FileInfo* info) noexcept;

// Child processes do not inherit the descriptor. Opening a pipe does not wait for its other end.
[[nodiscard]] int open_to_read(const std::string& path) noexcept;
// Opens a file that exists, such as a pipe or a device.
[[nodiscard]] int open_to_write(const std::string& path) noexcept;
[[nodiscard]] int open_to_append(const std::string& path) noexcept;
// Fails with EEXIST if there is such a file.
[[nodiscard]] int create_to_write(const std::string& path) noexcept;
// A second descriptor of an open file.
[[nodiscard]] int duplicate(int descriptor) noexcept;
// Opens the file of a descriptor anew: the two share nothing. -1 where the system cannot do that.
[[nodiscard]] int reopen_to_read(int descriptor) noexcept;
// True also if a signal came meanwhile: the descriptor is closed then as well.
bool close_file(int descriptor) noexcept;

// Returns the number of bytes, 0 at the end, or -1. It may be smaller than `bytes`.
[[nodiscard]] int64_t read_at(int descriptor, void* out, size_t bytes, uint64_t offset) noexcept;
[[nodiscard]] int64_t write_some(int descriptor, const void* from, size_t bytes) noexcept;
// Writes the bytes of several pieces, in their order.
[[nodiscard]] int64_t write_some(int descriptor, std::span<const ByteSpan> pieces) noexcept;
bool cut_back(int descriptor, uint64_t size_bytes) noexcept;

// Hints about the bytes that will be read.
void expect_sequential_reads(int descriptor) noexcept;
void expect_reads(int descriptor, uint64_t offset, uint64_t bytes) noexcept;
// True if the system can deliver this byte without waiting. False if that is not known.
[[nodiscard]] bool is_in_cache(int descriptor, uint64_t offset) noexcept;

// The target of a symbolic link. The path itself if it is no link, or if the link leads nowhere.
[[nodiscard]] std::string follow_link(const std::string& path);
[[nodiscard]] bool may_write(const std::string& path) noexcept;
// Gives a file another name, and takes the place of a file that has this name.
bool rename_over(const std::string& from, const std::string& to) noexcept;
bool remove_file(const std::string& path) noexcept;

}  // namespace jetliner::sys
