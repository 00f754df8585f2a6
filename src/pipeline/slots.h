// Units on their way through the pipeline, with the pieces that were made of them: the order in which the consumer gets
// them, how much of them may wait, and when waking the consumer is worth while.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

#include "container/block_framer.h"
#include "files/file_context.h"
#include "filter/candidates.h"
#include "pipeline/piece_stream.h"
#include "task/piece.h"

namespace jetliner {

// The consumer is woken when so many pieces wait for it, though it waits for more rows than they have.
inline constexpr size_t kEnoughPieces = 4;

// What is to be decoded, and what came of it.
struct Slot {
  std::shared_ptr<const FileContext> file;
  Unit unit;
  std::optional<ChosenRows> chosen;  // in place of a unit
  size_t unit_bytes = 0;
  bool is_chosen = false;
  bool is_taken = false;    // by whoever decodes it, or there is nothing to decode
  bool is_decoded = false;  // all of its pieces are there
  std::deque<Piece> pieces;
};

// Two queues: units in file order, and chosen rows (of a read with a filter) in the order in which they were chosen,
// which go first. Not thread-safe.
class Slots {
 public:
  // Pieces of more bytes do not wait, but for the next one of each queue, which always has room.
  explicit Slots(size_t max_ready_bytes) : max_ready_bytes_(max_ready_bytes) {}

  // At the end of its queue. The slot lives until all of its pieces were taken and end() was called.
  Slot& add(std::unique_ptr<Slot> slot);
  // The first that nobody decodes; nullptr where there is none.
  [[nodiscard]] Slot* untaken_chosen() const { return untaken(chosen_); }
  [[nodiscard]] Slot* untaken_unit() const { return untaken(units_); }

  [[nodiscard]] bool has_room(const Slot& slot, const Piece& piece) const;
  void put(Slot& slot, Piece piece);
  // No more pieces will come of it.
  void end(Slot& slot);

  // The next piece for the consumer. Where `demand` is for no rows, of those that were chosen only.
  bool take(const Demand& demand, Piece& piece);
  [[nodiscard]] bool has_piece() const { return has_piece(units_) || has_piece(chosen_); }
  [[nodiscard]] bool empty() const { return units_.empty() && chosen_.empty(); }

  // Whether a consumer that waits for so many rows should be woken. It takes turns with those who decode where there is
  // a processor for each of these only, so not for less, unless it is all there is. `is_complete`: no slot will be
  // added.
  [[nodiscard]] bool is_worth_waking(size_t enough_rows, bool is_complete) const;

  void clear();

 private:
  using Queue = std::deque<std::unique_ptr<Slot>>;

  static Slot* untaken(const Queue& queue);
  static bool has_piece(const Queue& queue) { return !queue.empty() && !queue.front()->pieces.empty(); }
  static void drop_emptied(Queue& queue);
  Queue& queue_of(const Slot& slot) { return slot.is_chosen ? chosen_ : units_; }

  const size_t max_ready_bytes_;
  Queue units_;
  Queue chosen_;
  size_t ready_bytes_ = 0;  // of all pieces
};

}  // namespace jetliner
