#include "pipeline/threaded_stream.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "filter/unit_decoder.h"
#include "jetliner/error.h"
#include "pipeline/own_threads.h"
#include "pipeline/slots.h"

namespace jetliner {
namespace {

constexpr size_t kMaxSpareUnits = 8;
constexpr size_t kMaxSpareUnitBytes = 4 << 20;

class ThreadedStream final : public PieceStream {
 public:
  ThreadedStream(FileList& files, const ReadOptions& options, std::shared_ptr<BlockPool> pool,
                 std::shared_ptr<FilterState> filter, size_t n_threads, std::optional<OpenFile> file, size_t next_file)
      : files_(files),
        max_queued_units_(options.buffer_blocks),
        max_queued_bytes_(options.buffer_bytes),
        task_options_(task_options(options, std::move(pool))),
        filter_(std::move(filter)),
        own_decoder_(task_options_, filter_),
        file_(std::move(file)),
        next_file_(next_file),
        slots_(ready_bytes(options)) {
    if (!file_.has_value()) file_ = files_.open(next_file_++);
    has_reader_ = !file_->source->reads_ahead();
    const SignalsBlocked blocked;
    threads_.reserve(n_threads + 1);
    spare_units_.reserve(kMaxSpareUnits);
    try {
      if (has_reader_) start([this] { read(); });
      for (size_t i = 0; i < n_threads; ++i) start([this] { work(); });
    } catch (const std::system_error& error) {
      close();  // those that run already are joined
      throw Error(ErrorKind::kSource, ErrorVariant::kIo,
                  std::string("cannot start a thread (") + error.what() + "); try n_threads=1");
    } catch (...) {
      close();
      throw;
    }
  }

  ThreadedStream(const ThreadedStream&) = delete;
  ThreadedStream& operator=(const ThreadedStream&) = delete;
  ~ThreadedStream() override { close(); }

  StreamPoll next(const Demand& demand, Clock::time_point deadline, Piece& piece) override {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (stopped_) return StreamPoll::kEnd;
      if (failure_ != nullptr) {
        piece = {};
        piece.error = failure_;
        return StreamPoll::kPiece;
      }
      if (slots_.take(demand, piece)) {
        room_for_pieces_.notify_all();
        return StreamPoll::kPiece;
      }
      if (is_read_ && slots_.empty()) return StreamPoll::kEnd;
      if (Clock::now() >= deadline) return StreamPoll::kPending;
      // Rather than wait; also because all workers may wait for the consumer to take what they have.
      if (decode_chosen(lock)) continue;
      enough_rows_ = demand.enough_rows;
      if (piece_ready_.wait_until(lock, deadline) == std::cv_status::timeout) return StreamPoll::kPending;
    }
  }

  void submit(ChosenRows chosen) override {
    auto slot = std::make_unique<Slot>();
    slot->chosen = std::move(chosen);
    slot->is_chosen = true;
    const std::lock_guard lock(mutex_);
    slots_.add(std::move(slot));
    unit_queued_.notify_one();
  }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    room_for_units_.notify_all();
    unit_queued_.notify_all();
    room_for_pieces_.notify_all();
    piece_ready_.notify_all();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    own_slot_ = nullptr;
    slots_.clear();
    file_.reset();
  }

 private:
  // On the consumer's thread: the next piece of the first chosen rows that no worker has. False where there are none,
  // or what they have given waits for its turn.
  bool decode_chosen(std::unique_lock<std::mutex>& lock) {
    if (own_slot_ == nullptr) {
      own_slot_ = slots_.untaken_chosen();
      if (own_slot_ == nullptr) return false;
      own_slot_->is_taken = true;
    } else if (!own_slot_->pieces.empty()) {
      return false;
    }
    Slot& slot = *own_slot_;
    Piece piece;
    bool has_piece = true;
    bool goes_on = true;
    lock.unlock();
    try {
      if (slot.chosen.has_value()) {
        own_decoder_.start(std::move(*slot.chosen));
        slot.chosen.reset();
      }
      has_piece = goes_on = own_decoder_.next(SIZE_MAX, piece);
    } catch (...) {
      piece = failed_chosen();
      goes_on = false;
    }
    lock.lock();
    if (has_piece) slots_.put(slot, std::move(piece));
    if (!goes_on) {
      own_slot_ = nullptr;
      end(slot);
    }
    return true;
  }

  // All pieces of the slot are there. The next slot may be the first in its queue then.
  void end(Slot& slot) {
    slots_.end(slot);
    room_for_pieces_.notify_all();
  }

  template <typename Action>
  void start(Action action) {
    threads_.emplace_back([this, action] {
      name_own_thread();
      guarded(action);
    });
  }

  // No exception may leave a thread. What is not about the input (it has its place among the pieces), such as memory
  // that runs out, ends the stream.
  template <typename Action>
  void guarded(Action action) {
    try {
      action();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      piece_ready_.notify_all();
    }
  }

  // Reader thread, where there is one: reads units as long as there is room for them.
  void read() {
    std::unique_lock lock(mutex_);
    for (;;) {
      room_for_units_.wait(lock, [this] { return stopped_ || has_room(0); });
      if (stopped_) return;
      std::unique_ptr<Slot> slot = read_slot(lock);
      if (slot == nullptr) break;
      room_for_units_.wait(lock, [&] { return stopped_ || has_room(slot->unit_bytes); });
      if (stopped_) return;
      if (!slot->is_taken) {
        ++queued_units_;
        queued_bytes_ += slot->unit_bytes;
      }
      slots_.add(std::move(slot));
      unit_queued_.notify_one();
    }
    end_reading();
  }

  // A slot with the next unit; nullptr at the end of all files, and after an error, which has a slot of its own. For
  // one thread at a time. Holds no lock while it reads.
  std::unique_ptr<Slot> read_slot(std::unique_lock<std::mutex>& lock) {
    if (has_failed_) return nullptr;
    auto slot = std::make_unique<Slot>();
    if (!spare_units_.empty()) {
      slot->unit = std::move(spare_units_.back());
      spare_units_.pop_back();
    }
    lock.unlock();
    try {
      if (read_unit(slot->unit)) {
        slot->file = file_->context;
        slot->unit_bytes = slot->unit.bytes.size();
      } else {
        slot.reset();
      }
    } catch (...) {
      has_failed_ = true;
      slot->is_taken = true;
      slot->is_decoded = true;
      slot->pieces.emplace_back().error = std::current_exception();
    }
    lock.lock();
    return slot;
  }

  // The next unit, of the present file or of one of those after it. False at the end of all.
  bool read_unit(Unit& unit) {
    for (;;) {
      if (!file_.has_value()) {
        if (next_file_ == files_.size()) return false;
        file_ = files_.open(next_file_++);
      }
      if (file_->next(unit)) {
        if (!has_reader_) file_->source->will_need(file_->framer->position(), bytes_ahead(unit.bytes.size()));
        return true;
      }
      file_.reset();
    }
  }

  // How much the system may read ahead, where units are so large.
  [[nodiscard]] size_t bytes_ahead(size_t unit_bytes) const {
    const size_t unit = std::max<size_t>(unit_bytes, 1);
    return unit > max_queued_bytes_ / max_queued_units_ ? max_queued_bytes_ : unit * max_queued_units_;
  }

  // With the lock.
  void end_reading() {
    is_read_ = true;
    unit_queued_.notify_all();
    piece_ready_.notify_all();
  }

  // Whether a unit of so many bytes may be queued. One that is larger than the limit passes alone.
  [[nodiscard]] bool has_room(size_t bytes) const {
    if (queued_units_ == 0) return true;
    return queued_units_ < max_queued_units_ && queued_bytes_ < max_queued_bytes_ &&
           bytes <= max_queued_bytes_ - queued_bytes_;
  }

  // Worker threads.
  void work() {
    UnitDecoder decoder(task_options_, filter_);
    std::unique_lock lock(mutex_);
    for (;;) {
      Slot* const slot = take_slot(lock);
      if (slot == nullptr) return;
      lock.unlock();
      const bool goes_on = decode(decoder, *slot);
      lock.lock();
      if (!goes_on) return;
      keep_spare(decoder.take_unit());
      end(*slot);
      if (!is_worth_waking()) continue;
      lock.unlock();  // or else the consumer would wake to wait for the lock
      piece_ready_.notify_one();
      lock.lock();
    }
  }

  [[nodiscard]] bool is_worth_waking() const {
    return slots_.is_worth_waking(waiting_workers_ > 0 ? 1 : enough_rows_, is_read_);
  }

  void keep_spare(Unit unit) {
    // Not the memory of a huge block.
    if (spare_units_.size() < kMaxSpareUnits && unit.bytes.capacity() <= kMaxSpareUnitBytes) {
      spare_units_.push_back(std::move(unit));
    }
  }

  // The first chosen rows or the first unit that no worker has, or else one that this worker reads; nullptr at the end.
  Slot* take_slot(std::unique_lock<std::mutex>& lock) {
    for (;;) {
      if (stopped_) return nullptr;
      if (Slot* const slot = slots_.untaken_chosen()) {
        slot->is_taken = true;
        return slot;
      }
      if (Slot* const slot = slots_.untaken_unit()) {
        slot->is_taken = true;
        --queued_units_;
        queued_bytes_ -= slot->unit_bytes;
        room_for_units_.notify_one();
        return slot;
      }
      if (is_read_ && filter_ == nullptr) return nullptr;  // else rows may still be chosen
      if (is_read_ || has_reader_ || is_reading_) {
        unit_queued_.wait(lock);
      } else if (Slot* const slot = read_own_slot(lock); slot != nullptr) {
        return slot;
      }
    }
  }

  // nullptr where there is nothing to decode.
  Slot* read_own_slot(std::unique_lock<std::mutex>& lock) {
    is_reading_ = true;
    std::unique_ptr<Slot> slot = read_slot(lock);
    is_reading_ = false;
    if (slot == nullptr) {
      end_reading();
      return nullptr;
    }
    Slot& own = slots_.add(std::move(slot));
    unit_queued_.notify_one();  // another worker may read now
    if (own.is_taken) {
      if (is_worth_waking()) piece_ready_.notify_one();  // the error
      return nullptr;
    }
    own.is_taken = true;
    return &own;
  }

  // Decodes what the slot has into pieces of the slot. False when the stream was closed meanwhile, and after an
  // exception: units that come after it are of no use to anyone, and the decoder may be in any state.
  bool decode(UnitDecoder& decoder, Slot& slot) {
    try {
      if (slot.is_chosen) {
        decoder.start(std::move(*slot.chosen));
      } else {
        decoder.start(slot.file, std::move(slot.unit));
      }
      for (Piece piece; decoder.next(SIZE_MAX, piece);) {
        if (!hand_over(slot, std::move(piece))) return false;
        piece = {};
      }
      return true;
    } catch (...) {
      Piece piece = failed_chosen();
      if (!slot.is_chosen) piece = {.error = std::move(piece.error)};
      (void)hand_over(slot, std::move(piece));
      return false;
    }
  }

  bool hand_over(Slot& slot, Piece piece) {
    std::unique_lock lock(mutex_);
    const auto may_go_on = [&] { return stopped_ || slots_.has_room(slot, piece); };
    if (!may_go_on()) {
      ++waiting_workers_;
      if (slots_.has_piece()) piece_ready_.notify_one();
      room_for_pieces_.wait(lock, may_go_on);
      --waiting_workers_;
    }
    if (stopped_) return false;
    slots_.put(slot, std::move(piece));
    const bool is_for_consumer = is_worth_waking();
    lock.unlock();  // or else the consumer would wake to wait for the lock
    if (is_for_consumer) piece_ready_.notify_one();
    return true;
  }

  FileList& files_;  // files_.open(): whoever reads
  const size_t max_queued_units_;
  const size_t max_queued_bytes_;
  const TaskOptions task_options_;
  const std::shared_ptr<FilterState> filter_;
  UnitDecoder own_decoder_;   // consumer only, as the next
  Slot* own_slot_ = nullptr;  // chosen rows, while own_decoder_ is at them
  bool has_reader_ = false;   // not changed once threads run
  // Of whoever reads: the reader thread, or the worker that has set is_reading_.
  std::optional<OpenFile> file_;
  size_t next_file_;
  bool has_failed_ = false;

  std::mutex mutex_;
  std::condition_variable room_for_units_;   // the reader waits
  std::condition_variable unit_queued_;      // workers wait, for units, chosen rows, or their turn to read
  std::condition_variable room_for_pieces_;  // workers wait
  std::condition_variable piece_ready_;      // the consumer waits
  // Guarded by mutex_:
  Slots slots_;                    // with their flags and pieces; a slot's unit is of whoever has taken it
  std::vector<Unit> spare_units_;  // memory to reuse
  size_t queued_units_ = 0;        // read and not taken by a worker
  size_t queued_bytes_ = 0;
  size_t waiting_workers_ = 0;  // for room for pieces
  size_t enough_rows_ = 1;      // for the consumer, that waits
  bool is_reading_ = false;     // a worker
  bool is_read_ = false;        // all files are
  bool stopped_ = false;
  std::exception_ptr failure_;

  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace

std::unique_ptr<PieceStream> make_threaded_stream(FileList& files, const ReadOptions& options,
                                                  std::shared_ptr<BlockPool> pool, std::shared_ptr<FilterState> filter,
                                                  size_t n_threads, std::optional<OpenFile> file, size_t next_file) {
  return std::make_unique<ThreadedStream>(files, options, std::move(pool), std::move(filter), n_threads,
                                          std::move(file), next_file);
}

}  // namespace jetliner
