#include <utility>

#include "files/unit_reader.h"
#include "task/block_task.h"
#include "task/piece_stream.h"

namespace jetliner {
namespace {

class DecodeWorker final : public Worker<FileUnit, Piece> {
 public:
  explicit DecodeWorker(const TaskOptions& options) : task_(options, pass_) {}

  void start(FileUnit work) override {
    // The memory of the old unit goes back with take_spare().
    unit_ = std::move(work.unit);
    task_.start({.file = work.file, .plan = work.file->plan, .codec = work.file->header.codec, .unit = &unit_});
  }
  bool next(size_t most_rows, Piece& piece) override { return task_.next(most_rows, piece); }
  FileUnit take_spare() override { return spare_unit(std::move(unit_)); }

 private:
  Pass pass_;
  BlockTask task_;
  Unit unit_;
};

class DecodeStream final : public PieceStream {
 public:
  DecodeStream(FileList& files, const ReadOptions& options, const TaskOptions& task)
      : stream_(
            std::make_unique<UnitReader>(files, options), [task] { return std::make_unique<DecodeWorker>(task); },
            stream_options(options)) {}

  StreamPoll next(size_t most_rows, Clock::time_point deadline, Piece& piece) override {
    return stream_.next(most_rows, deadline, piece);
  }
  void stop() override { stream_.stop(); }
  void close() override { stream_.close(); }

 private:
  Stream<FileUnit, Piece> stream_;
};

}  // namespace

std::unique_ptr<PieceStream> make_decode_stream(FileList& files, const ReadOptions& options,
                                                std::shared_ptr<BlockPool> pool) {
  return std::make_unique<DecodeStream>(files, options, task_options(options, std::move(pool)));
}

}  // namespace jetliner
