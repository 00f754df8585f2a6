#include "base/string_views.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace jetliner {
namespace {

TEST(StringViews, ShortTextStandsInTheViewAndLongTextInTheHeap) {
  StringViews strings;
  strings.add("", 1);
  strings.add("twelve bytes", 1);
  EXPECT_TRUE(strings.heap().empty());
  strings.add("thirteen byte", 2);
  strings.add("another long text", 1);
  ASSERT_EQ(strings.size(), 5U);
  EXPECT_EQ(strings.heap(), "thirteen byteanother long text");
  EXPECT_EQ(*strings.heap_bytes(), 30);
  const uint8_t empty[16] = {};
  EXPECT_EQ(std::memcmp(strings.views(), empty, 16), 0);
  EXPECT_EQ(std::memcmp(strings.views() + 16, "\x0c\0\0\0twelve bytes", 16), 0);
  EXPECT_EQ(std::memcmp(strings.views() + 32, "\x0d\0\0\0thir\0\0\0\0\0\0\0\0", 16), 0);
  EXPECT_EQ(std::memcmp(strings.views() + 48, strings.views() + 32, 16), 0);
  EXPECT_EQ(std::memcmp(strings.views() + 64, "\x11\0\0\0anot\0\0\0\0\x0d\0\0\0", 16), 0);
}

TEST(ViewLayout, ViewsAreReadAsTheyWereWritten) {
  const std::string text = "a text of more than twelve bytes";
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  uint8_t view[kViewBytes];
  for (const size_t n : {0, 1, 12}) {
    write_short_view(view, bytes, n);
    const ViewParts parts = read_view(view);
    ASSERT_EQ(parts.inline_bytes, view + 4);
    EXPECT_EQ(parts.length, n);
    EXPECT_EQ(std::memcmp(parts.inline_bytes, bytes, n), 0);
  }
  write_heap_view(view, bytes, text.size(), 3, 2'000'000'000);
  const ViewParts parts = read_view(view);
  EXPECT_EQ(parts.inline_bytes, nullptr);
  EXPECT_EQ(parts.length, text.size());
  EXPECT_EQ(parts.heap_index, 3U);
  EXPECT_EQ(parts.heap_offset, 2'000'000'000U);
}

}  // namespace
}  // namespace jetliner
