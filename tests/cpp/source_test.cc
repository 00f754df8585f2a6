#include <gmock/gmock.h>
#include <gtest/gtest.h>
#ifndef _WIN32
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/system.h"
#include "jetliner/error.h"
#include "jetliner/source.h"

namespace jetliner {
namespace {

using ::testing::HasSubstr;

class FileSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    directory_ =
        std::filesystem::temp_directory_path() / ("jetliner-" + std::to_string(sys::process_id()) + "-" + name);
    ASSERT_TRUE(std::filesystem::create_directory(directory_));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }

  std::filesystem::path directory_;
};

std::optional<Error> error_of(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

std::string read_text(Source& source, uint64_t offset, size_t count) {
  std::vector<uint8_t> out(count, 0xEE);
  const size_t got = source.read_at(offset, out);
  return std::string(as_text(ByteSpan(out).first(got)));
}

TEST_F(FileSourceTest, ReadsAnyRange) {
  const auto source = open_file(write("a", "0123456789"));
  EXPECT_EQ(source->size(), 10u);
  EXPECT_EQ(source->preferred_chunk_bytes(), 1u << 20);
  EXPECT_EQ(read_text(*source, 0, 10), "0123456789");
  EXPECT_EQ(read_text(*source, 3, 4), "3456");
  EXPECT_EQ(read_text(*source, 3, 0), "");
}

TEST_F(FileSourceTest, ReturnsLessOnlyAtTheEnd) {
  const auto source = open_file(write("a", "0123456789"));
  EXPECT_EQ(read_text(*source, 7, 100), "789");
  EXPECT_EQ(read_text(*source, 10, 5), "");
  EXPECT_EQ(read_text(*source, 1u << 30, 5), "");
  EXPECT_EQ(read_text(*source, UINT64_MAX - 2, 5), "");
}

TEST_F(FileSourceTest, AnyRangeMayBeSaidToBeNeeded) {
  const auto source = open_file(write("a", "0123456789"));
  EXPECT_TRUE(source->reads_ahead());
  for (const uint64_t offset : {uint64_t{0}, uint64_t{3}, uint64_t{10}, uint64_t{11}, UINT64_MAX}) {
    for (const uint64_t bytes : {uint64_t{0}, uint64_t{4}, uint64_t{1} << 40, UINT64_MAX}) {
      source->will_need(offset, bytes);
      EXPECT_EQ(read_text(*source, 2, 5), "23456");
    }
  }
}

TEST_F(FileSourceTest, EmptyFileHasSizeZero) {
  const auto source = open_file(write("empty", ""));
  EXPECT_EQ(source->size(), 0u);
  EXPECT_EQ(read_text(*source, 0, 5), "");
}

TEST_F(FileSourceTest, FileThatShrinksWhileBeingReadEndsSooner) {
  const std::string file = write("a", "0123456789");
  const auto source = open_file(file);
  std::filesystem::resize_file(file, 4);
  EXPECT_EQ(source->size(), 10u);
  EXPECT_EQ(read_text(*source, 2, 8), "23");
}

#ifdef __linux__  // only Linux reopens a handle
TEST_F(FileSourceTest, ReopenedItIsTheSameFileWhateverItsPathNames) {
  const std::string file = write("a", "0123456789");
  auto source = open_file(file);
  std::filesystem::remove(file);
  write("a", "another");
  const auto reopened = source->reopen();
  ASSERT_NE(reopened, nullptr);
  EXPECT_EQ(read_text(*source, 3, 4), "3456");
  source.reset();
  EXPECT_EQ(reopened->size(), 10u);
  EXPECT_EQ(read_text(*reopened, 3, 4), "3456");
  ASSERT_NE(reopened->reopen(), nullptr);
  EXPECT_EQ(read_text(*reopened->reopen(), 7, 4), "789");
}

// As if the process had too many files open, or had no /proc.
TEST_F(FileSourceTest, ReopeningMayFail) {
  const auto source = open_file(write("a", "0123456789"));
  // UBSan needs a pipe to check its first call. So there is a call before the number of files is limited.
  ASSERT_NE(source->reopen(), nullptr);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto reopened = source->reopen();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(reopened, nullptr);
  EXPECT_EQ(read_text(*source, 3, 4), "3456");
}
#endif

TEST_F(FileSourceTest, PartOfAFileIsASourceOfItsOwn) {
  const std::string file = write("a", "0123456789");
  const auto open_part = [&](uint64_t begin_bytes, uint64_t size_bytes) {
    return open_descriptor(sys::open_to_read(file), "name", begin_bytes, size_bytes);
  };
  for (const uint64_t begin : {0, 2, 9, 10}) {
    for (uint64_t size = 0; size <= 10 - begin; ++size) {
      const std::string expected = std::string("0123456789").substr(begin, size);
      const auto source = open_part(begin, size);
      const auto again = source->reopen();
      EXPECT_EQ(source->size(), size);
      EXPECT_EQ(read_text(*source, 0, 20), expected);
      EXPECT_EQ(read_text(*source, 1, 2), expected.substr(std::min<size_t>(1, size), 2));
      EXPECT_EQ(read_text(*source, 20, 2), "");
#ifdef __linux__
      ASSERT_NE(again, nullptr);
#endif
      if (again != nullptr) EXPECT_EQ(read_text(*again, 0, 20), expected);
      source->will_need(0, 100);
    }
  }
  const std::optional<Error> error = error_of([&] { open_part(5, 6); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kSource);
  EXPECT_EQ(error->place().path, "name");
  EXPECT_TRUE(error_of([&] { open_part(UINT64_MAX, 2); }));
}

TEST_F(FileSourceTest, MissingFileIsNotFoundWithThePathAsGiven) {
  const std::string missing = path("missing.avro");
  const auto error = error_of([&] { open_file(missing); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kNotFound);
  EXPECT_EQ(error->variant(), ErrorVariant::kNotFound);
  EXPECT_THAT(error->what(), HasSubstr("not found"));
  EXPECT_THAT(error->what(), HasSubstr(missing));
  EXPECT_EQ(error->place().path, missing);
}

TEST_F(FileSourceTest, DirectoryIsAFileSystemError) {
  const auto error = error_of([&] { open_file(directory_.string()); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kSource);
  EXPECT_EQ(error->variant(), ErrorVariant::kFileSystemError);
  EXPECT_THAT(error->what(), HasSubstr("directory"));
  EXPECT_EQ(error->place().path, directory_.string());
}

TEST_F(FileSourceTest, FileUsedAsDirectoryIsNotFound) {
  for (const std::string_view below : {"/b.avro", "/", "/b/c.avro"}) {
    const std::string missing = write("a.avro", "x") + std::string(below);
    const auto error = error_of([&] { open_file(missing); });
    ASSERT_TRUE(error) << below;
    EXPECT_EQ(error->kind(), ErrorKind::kNotFound) << below;
    EXPECT_EQ(error->variant(), ErrorVariant::kNotFound);
    EXPECT_THAT(error->what(), HasSubstr("not found"));
    EXPECT_EQ(error->place().path, missing);
  }
}

#ifndef _WIN32  // it has neither permissions in modes, nor FIFOs with names of files
TEST_F(FileSourceTest, UnreadableFileIsPermissionDenied) {
  const std::string file = write("secret.avro", "x");
  ASSERT_EQ(::chmod(file.c_str(), 0), 0);
  ASSERT_EQ(::chmod(directory_.c_str(), 0755), 0);
  // The superuser may read every file. So another user tries.
  constexpr uid_t kNobody = 65534;
  const bool is_superuser = ::geteuid() == 0;
  ASSERT_EQ(is_superuser ? ::seteuid(kNobody) : 0, 0);
  const auto error = error_of([&] { open_file(file); });
  ASSERT_EQ(is_superuser ? ::seteuid(0) : 0, 0);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kPermissionDenied);
  EXPECT_EQ(error->variant(), ErrorVariant::kPermissionDenied);
  EXPECT_THAT(error->what(), HasSubstr(file));
  EXPECT_EQ(error->place().path, file);
}

TEST_F(FileSourceTest, FifoIsRefusedWithoutWaitingForAWriter) {
  const std::string fifo = path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const auto error = error_of([&] { open_file(fifo); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kSource);
  EXPECT_THAT(error->what(), HasSubstr("not a regular file"));
}
#endif

TEST_F(FileSourceTest, PathWithANullByteDoesNotOpenItsPrefix) {
  const std::string file = write("a.avro", "x");
  const std::string with_null = file + std::string("\0.txt", 5);
  const auto error = error_of([&] { open_file(with_null); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kSource);
  EXPECT_EQ(error->place().path, with_null);
}

#ifdef __linux__  // only Linux shows the open handles as a directory
TEST_F(FileSourceTest, ClosesItsHandleAndDoesNotPassItOn) {
  const std::string file = write("a", "0123456789");
  const auto count_handles = [] {
    const std::filesystem::directory_iterator handles("/proc/self/fd");
    return std::distance(begin(handles), end(handles));
  };
  const auto before = count_handles();
  {
    const auto source = open_file(file);
    EXPECT_EQ(count_handles(), before + 1);
    int close_on_exec_count = 0;
    for (int fd = 3; fd < 1024; ++fd) {
      const std::string link = "/proc/self/fd/" + std::to_string(fd);
      std::error_code none;
      if (std::filesystem::read_symlink(link, none) == std::filesystem::canonical(file)) {
        EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
        ++close_on_exec_count;
      }
    }
    EXPECT_EQ(close_on_exec_count, 1);
  }
  EXPECT_EQ(count_handles(), before);
}
#endif

TEST(MemorySourceTest, ReadsAnyRangeAndLessOnlyAtTheEnd) {
  const auto source = open_memory(as_bytes("0123456789"));
  EXPECT_EQ(source->size(), 10u);
  EXPECT_EQ(read_text(*source, 0, 10), "0123456789");
  EXPECT_EQ(read_text(*source, 8, 10), "89");
  EXPECT_EQ(read_text(*source, 10, 1), "");
  EXPECT_EQ(read_text(*source, UINT64_MAX, 1), "");
  EXPECT_EQ(read_text(*source, 4, 0), "");
  EXPECT_EQ(source->reopen(), nullptr);
}

TEST(MemorySourceTest, EmptyMemoryHasSizeZero) {
  const auto source = open_memory({});
  EXPECT_EQ(source->size(), 0u);
  EXPECT_EQ(read_text(*source, 0, 1), "");
}

TEST(ScratchTest, MovedFromScratchIsEmptyAndMayBeUsedAgain) {
  Scratch first;
  first.resize(100);
  Scratch second = std::move(first);
  EXPECT_EQ(second.size(), 100u);
  EXPECT_EQ(first.size(), 0u);  // NOLINT(bugprone-use-after-move): the test is whether it may be used
  EXPECT_EQ(first.capacity(), 0u);
  first.resize(10);
  first.data()[9] = 1;
  second = std::move(first);
  EXPECT_EQ(second.size(), 10u);
  EXPECT_EQ(second.data()[9], 1);
}

TEST(ScratchTest, BytesAfterTheEndAreReadableAndZero) {
  Scratch scratch;
  scratch.resize(1000);
  std::fill_n(scratch.data(), 1000, uint8_t{0xFF});
  scratch.resize(10);
  for (size_t i = 0; i < kSlackBytes; ++i) EXPECT_EQ(scratch.data()[10 + i], 0) << i;
  EXPECT_EQ(scratch.data()[9], 0xFF);
}

}  // namespace
}  // namespace jetliner
