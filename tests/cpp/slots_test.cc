// The order in which pieces leave the pipeline, what may wait, and when the consumer is woken; without threads.
#include "pipeline/slots.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace jetliner {
namespace {

Piece rows(size_t count) {
  auto chunk = std::make_shared<Chunk>();
  chunk->rows = count;
  return {.chunk = std::move(chunk)};
}

Piece damage() {
  Piece piece;
  piece.damage.emplace_back();
  return piece;
}

Slot& add(Slots& slots, bool is_chosen = false) {
  auto slot = std::make_unique<Slot>();
  slot->is_chosen = is_chosen;
  return slots.add(std::move(slot));
}

// Rows of the next piece; -1 where there is none.
int64_t taken(Slots& slots, size_t most_rows = SIZE_MAX) {
  Piece piece;
  if (!slots.take({.most_rows = most_rows}, piece)) return -1;
  return piece.chunk == nullptr ? 0 : static_cast<int64_t>(piece.chunk->rows);
}

TEST(Slots, PiecesLeaveInTheOrderOfTheirSlots) {
  Slots slots(1 << 20);
  Slot& first = add(slots);
  Slot& second = add(slots);
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

TEST(Slots, ChosenRowsGoFirst) {
  Slots slots(1 << 20);
  slots.put(add(slots), rows(1));
  Slot& chosen = add(slots, true);
  EXPECT_EQ(slots.untaken_chosen(), &chosen);
  slots.put(chosen, rows(2));
  EXPECT_EQ(taken(slots), 2);
  EXPECT_EQ(taken(slots, 0), -1);  // no rows of units are asked for
  EXPECT_EQ(taken(slots), 1);
}

TEST(Slots, TheFirstThatNobodyHas) {
  Slots slots(1 << 20);
  EXPECT_EQ(slots.untaken_unit(), nullptr);
  Slot& first = add(slots);
  Slot& second = add(slots);
  EXPECT_EQ(slots.untaken_unit(), &first);
  first.is_taken = true;
  EXPECT_EQ(slots.untaken_unit(), &second);
  EXPECT_EQ(slots.untaken_chosen(), nullptr);
}

TEST(Slots, TheNextPieceAlwaysHasRoomAndOthersToTheLimit) {
  Slots slots(1000);
  Slot& first = add(slots);
  Slot& second = add(slots);
  const Piece piece = damage();  // some hundred bytes
  EXPECT_TRUE(slots.has_room(second, piece));
  slots.put(second, piece);
  EXPECT_FALSE(slots.has_room(second, piece));
  EXPECT_TRUE(slots.has_room(first, piece));
  slots.put(first, piece);
  EXPECT_FALSE(slots.has_room(first, piece));
  EXPECT_EQ(taken(slots), 0);
  EXPECT_TRUE(slots.has_room(first, piece));
  slots.end(first);
  EXPECT_EQ(taken(slots), 0);
  EXPECT_TRUE(slots.has_room(second, piece));
}

TEST(Slots, ConsumerIsWokenForEnoughRows) {
  Slots slots(1 << 20);
  Slot& first = add(slots);
  Slot& second = add(slots);
  EXPECT_FALSE(slots.is_worth_waking(1, false));
  EXPECT_FALSE(slots.is_worth_waking(10, false));
  slots.put(first, rows(6));
  EXPECT_TRUE(slots.is_worth_waking(1, false));
  EXPECT_TRUE(slots.is_worth_waking(6, false));
  EXPECT_FALSE(slots.is_worth_waking(10, false));
  slots.put(second, rows(6));  // not in its turn yet
  EXPECT_FALSE(slots.is_worth_waking(10, false));
  slots.end(first);
  EXPECT_TRUE(slots.is_worth_waking(10, false));
  EXPECT_FALSE(slots.is_worth_waking(13, false));
}

TEST(Slots, ConsumerIsWokenForSeveralPiecesDamageAndErrors) {
  for (const bool is_error : {false, true}) {
    Slots slots(1 << 20);
    Slot& slot = add(slots);
    slots.put(slot, rows(1));
    EXPECT_FALSE(slots.is_worth_waking(SIZE_MAX, false));
    slots.put(slot, is_error ? Piece{.error = std::make_exception_ptr(std::runtime_error("x"))} : damage());
    EXPECT_TRUE(slots.is_worth_waking(SIZE_MAX, false));
  }
  Slots slots(1 << 20);
  Slot& slot = add(slots);
  for (size_t i = 1; i <= kEnoughPieces; ++i) {
    slots.put(slot, rows(1));
    EXPECT_EQ(slots.is_worth_waking(SIZE_MAX, false), i == kEnoughPieces);
  }
}

TEST(Slots, ConsumerIsWokenForAllThereIs) {
  for (const size_t enough_rows : {size_t{1}, SIZE_MAX}) {
    Slots slots(1 << 20);
    EXPECT_FALSE(slots.is_worth_waking(enough_rows, false));
    EXPECT_TRUE(slots.is_worth_waking(enough_rows, true));  // the end
    Slot& slot = add(slots);
    EXPECT_FALSE(slots.is_worth_waking(enough_rows, true));
    slots.put(slot, rows(1));
    EXPECT_EQ(slots.is_worth_waking(enough_rows, true), enough_rows == 1);
    slots.end(slot);
    EXPECT_TRUE(slots.is_worth_waking(enough_rows, true));
    EXPECT_EQ(taken(slots), 1);
    EXPECT_TRUE(slots.is_worth_waking(enough_rows, true));
    slots.put(add(slots, true), rows(1));
    EXPECT_TRUE(slots.is_worth_waking(enough_rows, false));
  }
}

}  // namespace
}  // namespace jetliner
