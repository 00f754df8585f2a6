// The shape of Arrow arrays that come from outside: offsets of parents, and children that are too short.
#include "input/input_columns.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "jetliner/error.h"

namespace jetliner {
namespace {

void release_nothing(ArrowArray* array) { array->release = nullptr; }

// A column of int32 in a nested column in a batch. The numbers are their own indices: 0, 1, 2 and so on.
struct Nested {
  std::array<int32_t, 16> numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  std::array<const void*, 2> number_buffers{nullptr, numbers.data()};
  std::array<const void*, 2> no_buffers{nullptr, nullptr};
  std::array<ArrowArray*, 1> items;
  std::array<ArrowArray*, 1> columns;
  ArrowArray item{.n_buffers = 2, .buffers = number_buffers.data(), .release = release_nothing};
  ArrowArray column{.n_buffers = 1, .n_children = 1, .buffers = no_buffers.data(), .release = release_nothing};
  ArrowArray batch{.n_buffers = 1, .n_children = 1, .buffers = no_buffers.data(), .release = release_nothing};

  Nested(int64_t length, int64_t offset, int64_t item_length, int64_t item_offset) : items{&item}, columns{&column} {
    item.length = item_length;
    item.offset = item_offset;
    column.length = batch.length = length;
    column.offset = offset;
    column.children = items.data();
    batch.children = columns.data();
  }
};

InputType type_of(InputKind kind, size_t width = 0) {
  InputType item{.name = "item", .kind = InputKind::kInt32, .column = 2};
  InputType column{.name = "column", .kind = kind, .width = width, .children = {item}, .column = 1};
  if (kind == InputKind::kList) column.extent = Extent::kFixedWidth;
  return {.name = "", .kind = InputKind::kStruct, .children = {column}};
}

std::vector<int32_t> field_values(Nested&& nested) {
  const InputType type = type_of(InputKind::kStruct);
  const InputBatch batch(type, &nested.batch);
  std::vector<int32_t> values;
  for (size_t i = 0; i < batch.num_rows(); ++i) values.push_back(batch[2].value<int32_t>(i));
  return values;
}

std::vector<int32_t> item_values(Nested&& nested, size_t width) {
  const InputType type = type_of(InputKind::kList, width);
  const InputBatch batch(type, &nested.batch);
  std::vector<int32_t> values;
  for (size_t i = 0; i < batch.num_rows(); ++i) {
    const ItemRange items = items_of(type.children[0], batch[1], i);
    for (size_t item = items.begin; item < items.end; ++item) values.push_back(batch[2].value<int32_t>(item));
  }
  return values;
}

using Values = std::vector<int32_t>;

TEST(InputColumns, TheOffsetOfAStructCountsInItsFields) {
  EXPECT_EQ(field_values({3, 0, 3, 0}), (Values{0, 1, 2}));
  EXPECT_EQ(field_values({3, 2, 5, 0}), (Values{2, 3, 4}));
  EXPECT_EQ(field_values({3, 2, 5, 4}), (Values{6, 7, 8}));
}

TEST(InputColumns, TheOffsetOfAFixedSizeListCountsInItsItems) {
  EXPECT_EQ(item_values({2, 0, 4, 0}, 2), (Values{0, 1, 2, 3}));
  EXPECT_EQ(item_values({2, 1, 6, 0}, 2), (Values{2, 3, 4, 5}));
  EXPECT_EQ(item_values({2, 1, 6, 3}, 2), (Values{5, 6, 7, 8}));
}

TEST(InputColumns, ChildrenThatAreSlicedAlready) {
  EXPECT_EQ(field_values({3, 2, 3, 2}), (Values{2, 3, 4}));
  EXPECT_EQ(item_values({2, 3, 4, 6}, 2), (Values{6, 7, 8, 9}));
}

TEST(InputColumns, ChildrenThatAreTooShort) {
  EXPECT_THROW(field_values({3, 0, 2, 0}), Error);
  EXPECT_THROW(field_values({3, 2, 4, 0}), Error);
  EXPECT_THROW(item_values({2, 0, 3, 0}, 2), Error);
  EXPECT_THROW(item_values({2, 3, 4, 0}, 2), Error);
  EXPECT_THROW(item_values({2, 1, 5, 0}, 2), Error);
}

TEST(InputColumns, AListThatEndsBehindItsItems) {
  const std::array<int32_t, 3> offsets{0, 1, 4};
  const auto batch_of = [&](int64_t item_length) {
    Nested nested(2, 0, item_length, 0);
    std::array<const void*, 2> buffers{nullptr, offsets.data()};
    nested.column.n_buffers = 2;
    nested.column.buffers = buffers.data();
    InputType type = type_of(InputKind::kList);
    type.children[0].extent = Extent::kOffsets32;
    return InputBatch(type, &nested.batch).num_rows();
  };
  EXPECT_EQ(batch_of(4), 2U);
  EXPECT_THROW(batch_of(3), Error);
}

}  // namespace
}  // namespace jetliner
