// A Source of one's own: reads an Avro file that was cut into pieces, without putting them together.
//
//     split --bytes=1M trips.avro trips.avro.
//     own_source trips.avro.aa trips.avro.ab trips.avro.ac
#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "jetliner/error.h"
#include "jetliner/reader.h"
#include "jetliner/source.h"

namespace {

// The bytes of all pieces, one after the other. One thread at a time calls a source, so there is no lock.
class Pieces : public jetliner::Source {
 public:
  explicit Pieces(std::vector<std::string> paths) : paths_(std::move(paths)) {
    for (const std::string& path : paths_) {
      pieces_.push_back({.begin = size_, .file = jetliner::open_file(path)});
      size_ += pieces_.back().file->size();
    }
  }

  // Fills all of `out`, across pieces: fewer bytes mean the end of the data.
  size_t read_at(uint64_t offset, std::span<uint8_t> out) override {
    size_t filled = 0;
    while (filled < out.size() && offset + filled < size_) {
      const uint64_t place = offset + filled;
      const auto next = std::upper_bound(pieces_.begin(), pieces_.end(), place,
                                         [](uint64_t wanted, const Piece& piece) { return wanted < piece.begin; });
      const Piece& piece = *std::prev(next);
      const uint64_t left = piece.begin + piece.file->size() - place;
      const auto part = out.subspan(filled, std::min<uint64_t>(left, out.size() - filled));
      if (piece.file->read_at(place - piece.begin, part) != part.size()) {
        throw jetliner::Error(jetliner::ErrorKind::kSource, jetliner::ErrorVariant::kIo, "a piece became shorter");
      }
      filled += part.size();
    }
    return filled;
  }

  uint64_t size() const override { return size_; }
  size_t preferred_chunk_bytes() const override { return 1 << 20; }
  // Pieces are local files, which the system reads ahead. Without this, a thread of the reader would do it.
  bool reads_ahead() const override { return true; }
  // Another thread may read the same bytes through this one.
  std::unique_ptr<Source> reopen() const override { return std::make_unique<Pieces>(paths_); }

 private:
  struct Piece {
    uint64_t begin;  // bytes before it
    std::unique_ptr<jetliner::Source> file;
  };

  std::vector<std::string> paths_;
  std::vector<Piece> pieces_;
  uint64_t size_ = 0;  // bytes
};

void count(const std::vector<std::string>& paths) {
  // The opener is called with each path of the reader. Here there is one, which messages of errors show.
  jetliner::Reader reader({"pieces"}, {}, [&](const std::string&) { return std::make_unique<Pieces>(paths); });
  for (jetliner::Batch batch; reader.next(batch);) std::cout << batch.num_rows() << " rows\n";
  std::cout << reader.rows_read() << " rows in all\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: own_source PIECE...\n";
    return 2;
  }
  try {
    count({argv + 1, argv + argc});
    return 0;
  } catch (const jetliner::Error& error) {
    std::cerr << "own_source: " << jetliner::describe(error) << '\n';
  } catch (const std::exception& error) {
    std::cerr << "own_source: " << error.what() << '\n';
  }
  return 1;
}
