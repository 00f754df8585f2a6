#include "pipeline/slots.h"

#include <algorithm>
#include <utility>

namespace jetliner {
namespace {

// A bad block and its texts, about.
constexpr size_t kBadBlockBytes = 512;

size_t bytes_of(const Piece& piece) {
  return (piece.chunk == nullptr ? 0 : piece.chunk->allocated_bytes()) +
         (piece.candidates == nullptr ? 0 : piece.candidates->held_bytes) + piece.damage.size() * kBadBlockBytes;
}

}  // namespace

Slot& Slots::add(std::unique_ptr<Slot> slot) {
  Queue& queue = queue_of(*slot);
  queue.push_back(std::move(slot));
  return *queue.back();
}

Slot* Slots::untaken(const Queue& queue) {
  const auto place = std::find_if(queue.begin(), queue.end(), [](const auto& slot) { return !slot->is_taken; });
  return place == queue.end() ? nullptr : place->get();
}

bool Slots::has_room(const Slot& slot, const Piece& piece) const {
  const Queue& queue = slot.is_chosen ? chosen_ : units_;
  const bool is_next = queue.front().get() == &slot && slot.pieces.empty();
  return is_next || ready_bytes_ + bytes_of(piece) <= max_ready_bytes_;
}

void Slots::put(Slot& slot, Piece piece) {
  const size_t bytes = bytes_of(piece);
  slot.pieces.push_back(std::move(piece));
  ready_bytes_ += bytes;
}

void Slots::end(Slot& slot) {
  slot.is_decoded = true;
  drop_emptied(queue_of(slot));
}

// The first slots, where the consumer has taken all that will come of them. Another one is the first then.
void Slots::drop_emptied(Queue& queue) {
  while (!queue.empty() && queue.front()->is_decoded && queue.front()->pieces.empty()) queue.pop_front();
}

bool Slots::take(const Demand& demand, Piece& piece) {
  for (Queue* const queue : {&chosen_, &units_}) {
    if (!has_piece(*queue) || (queue == &units_ && demand.most_rows == 0)) continue;
    std::deque<Piece>& pieces = queue->front()->pieces;
    piece = std::move(pieces.front());
    pieces.pop_front();
    ready_bytes_ -= bytes_of(piece);
    drop_emptied(*queue);
    return true;
  }
  return false;
}

bool Slots::is_worth_waking(size_t enough_rows, bool is_complete) const {
  if (enough_rows <= 1 || has_piece(chosen_)) return has_piece() || (is_complete && empty());
  size_t rows = 0;
  size_t pieces = 0;
  for (const auto& slot : units_) {
    for (const Piece& piece : slot->pieces) {
      if (piece.chunk != nullptr) rows += piece.chunk->rows;
      const bool is_damaged = piece.error != nullptr || !piece.damage.empty();
      if (rows >= enough_rows || ++pieces == kEnoughPieces || is_damaged) return true;
    }
    if (!slot->is_decoded) return false;
  }
  return is_complete;
}

void Slots::clear() {
  units_.clear();
  chosen_.clear();
}

}  // namespace jetliner
