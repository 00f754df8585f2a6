#include <optional>
#include <utility>

#include "jetliner/error.h"
#include "read/block_task.h"
#include "read/piece_stream.h"

namespace jetliner {
namespace {

class InlineStream final : public PieceStream {
 public:
  InlineStream(FileList& files, const ReadOptions& options)
      : files_(files),
        task_({.max_block_bytes = options.max_block_bytes.value_or(SIZE_MAX), .ignore_errors = options.ignore_errors}) {
  }

  StreamPoll next(size_t most_rows, Clock::time_point deadline, Piece& piece) override {
    try {
      for (;;) {
        if (in_unit_) {
          if (task_.next(most_rows, piece)) return StreamPoll::kPiece;
          in_unit_ = false;
          unit_ = task_.take_unit();
          if (Clock::now() >= deadline) return StreamPoll::kPending;
        }
        if (!file_.has_value()) {
          if (next_file_ == files_.size()) return StreamPoll::kEnd;
          file_ = files_.open(next_file_++);
        }
        if (file_->framer->next(unit_)) {
          task_.start(file_->context, std::move(unit_));
          in_unit_ = true;
        } else {
          file_.reset();
        }
      }
    } catch (...) {
      piece = {.error = std::current_exception()};
      if (file_.has_value()) piece.file = file_->context;
      close();
      return StreamPoll::kPiece;
    }
  }

  void close() override {
    in_unit_ = false;
    file_.reset();
    next_file_ = files_.size();
  }

 private:
  FileList& files_;
  size_t next_file_ = 0;
  std::optional<OpenFile> file_;
  Unit unit_;
  BlockTask task_;
  bool in_unit_ = false;
};

}  // namespace

std::unique_ptr<PieceStream> make_inline_stream(FileList& files, const ReadOptions& options) {
  return std::make_unique<InlineStream>(files, options);
}

}  // namespace jetliner
