// Errors in words.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "jetliner/error.h"

namespace jetliner {
namespace {

std::string described(const std::string& message, ErrorPlace place) {
  return describe(Error(ErrorKind::kDecode, ErrorVariant::kInvalidData, message, std::move(place)));
}

TEST(Describe, PutsThePlaceAfterTheFirstLine) {
  EXPECT_EQ(described("no", {}), "no");
  EXPECT_EQ(described("no", {.path = "a.avro", .block_index = 3, .record_index = 0, .file_offset = 120}),
            "no (file 'a.avro', block 3, record 0, offset 120)");
  EXPECT_EQ(described("no\nmore", {.path = "a.avro", .block_offset = 7, .codec = "xz"}),
            "no (file 'a.avro', codec xz, offset in block 7)\nmore");
  EXPECT_EQ(described("too large", {.row_index = 5, .context = "order.total"}), "too large (field order.total, row 5)");
}

TEST(Describe, DoesNotSayThePathTwice) {
  EXPECT_EQ(described("file not found: a.avro", {.path = "a.avro"}), "file not found: a.avro");
}

}  // namespace
}  // namespace jetliner
