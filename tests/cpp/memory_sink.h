// Sinks in memory, for tests of the writer.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "jetliner/error.h"
#include "jetliner/sink.h"

namespace jetliner {

// What became of the files of a writer. Outlives the sinks.
struct WrittenFiles {
  std::map<size_t, std::vector<uint8_t>> finished;
  int given_up = 0;
  int writes = 0;
  int failing_write = -1;  // the number of the call that throws, from 0; finish() counts as well

  void count() {
    if (writes++ == failing_write) throw Error(ErrorKind::kSource, ErrorVariant::kIo, "the disk is full");
  }

  [[nodiscard]] SinkOpener opener() {
    return [this](size_t index) -> std::unique_ptr<Sink> { return std::make_unique<MemorySink>(*this, index); };
  }

 private:
  class MemorySink final : public Sink {
   public:
    MemorySink(WrittenFiles& files, size_t index) : files_(files), index_(index) {}
    ~MemorySink() override { files_.given_up += is_finished_ ? 0 : 1; }
    void write(std::span<const uint8_t> bytes) override {
      files_.count();
      bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    void finish() override {
      files_.count();
      files_.finished[index_] = std::move(bytes_);
      is_finished_ = true;
    }

   private:
    WrittenFiles& files_;
    const size_t index_;
    std::vector<uint8_t> bytes_;
    bool is_finished_ = false;
  };
};

}  // namespace jetliner
