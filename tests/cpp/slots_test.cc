// The order in which results leave the pipeline, and what may wait; without threads.
#include "pipeline/slots.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "pipeline_items.h"

namespace jetliner {
namespace {

using TestSlots = Slots<TestWork, TestResult>;
using TestSlot = TestSlots::Slot;

TestResult rows(size_t count) { return {.rows = count}; }

TestSlot& add(TestSlots& slots, bool is_submitted = false) {
  auto slot = std::make_unique<TestSlot>();
  slot->is_submitted = is_submitted;
  return slots.add(std::move(slot));
}

// Rows of the next result, or -1.
int64_t taken(TestSlots& slots, size_t most_rows = SIZE_MAX) {
  TestResult result;
  if (!slots.take(most_rows == 0, result)) return -1;
  return static_cast<int64_t>(result.rows);
}

TEST(Slots, ResultsLeaveInTheOrderOfTheirSlots) {
  TestSlots slots(1 << 20);
  TestSlot& first = add(slots);
  TestSlot& second = add(slots);
  slots.put(second, rows(3));
  slots.end(second);
  EXPECT_EQ(taken(slots), -1);
  slots.put(first, rows(1));
  EXPECT_EQ(taken(slots), 1);
  EXPECT_EQ(taken(slots), -1);
  slots.put(first, rows(2));
  slots.end(first);
  EXPECT_EQ(taken(slots), 2);
  EXPECT_EQ(taken(slots), 3);
  EXPECT_TRUE(slots.empty());
}

TEST(Slots, SubmittedWorkGoesFirst) {
  TestSlots slots(1 << 20);
  slots.put(add(slots), rows(1));
  TestSlot& submitted = add(slots, true);
  EXPECT_EQ(slots.untaken_submitted(), &submitted);
  slots.put(submitted, rows(2));
  EXPECT_EQ(taken(slots), 2);
  EXPECT_EQ(taken(slots, 0), -1);  // only submitted work is asked for
  EXPECT_EQ(taken(slots), 1);
}

TEST(Slots, TheFirstThatNobodyHas) {
  TestSlots slots(1 << 20);
  EXPECT_EQ(slots.untaken_produced(), nullptr);
  TestSlot& first = add(slots);
  TestSlot& second = add(slots);
  EXPECT_EQ(slots.untaken_produced(), &first);
  first.is_taken = true;
  EXPECT_EQ(slots.untaken_produced(), &second);
  EXPECT_EQ(slots.untaken_submitted(), nullptr);
}

TEST(Slots, TheNextResultAlwaysHasRoomAndOthersToTheLimit) {
  TestSlots slots(1000);
  TestSlot& first = add(slots);
  TestSlot& second = add(slots);
  const TestResult result{.rows = 0, .bytes = 600};
  EXPECT_TRUE(slots.has_room(second, result));
  slots.put(second, result);
  EXPECT_FALSE(slots.has_room(second, result));
  EXPECT_TRUE(slots.has_room(first, result));
  slots.put(first, result);
  EXPECT_FALSE(slots.has_room(first, result));
  EXPECT_EQ(taken(slots), 0);
  EXPECT_TRUE(slots.has_room(first, result));
  slots.end(first);
  EXPECT_EQ(taken(slots), 0);
  EXPECT_TRUE(slots.has_room(second, result));
}

}  // namespace
}  // namespace jetliner
