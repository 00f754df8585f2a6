// Files in memory that are slow to open, for tests.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "read_all.h"

namespace jetliner {

// Opening waits for a while, as for files of an object store.
class SlowFiles {
 public:
  SlowFiles(const MemoryFiles& files, std::chrono::milliseconds delay) : opener_(files.opener()), delay_(delay) {}

  SourceOpener opener() {
    return [this](const std::string& path) {
      const int at_once = ++at_once_;
      for (int most = most_at_once_; at_once > most && !most_at_once_.compare_exchange_weak(most, at_once);) {
      }
      std::this_thread::sleep_for(delay_);
      --at_once_;
      ++opened_;
      return opener_(path);
    };
  }
  [[nodiscard]] int most_at_once() const { return most_at_once_; }
  [[nodiscard]] int opened() const { return opened_; }

 private:
  SourceOpener opener_;
  std::chrono::milliseconds delay_;
  std::atomic<int> at_once_ = 0;
  std::atomic<int> most_at_once_ = 0;
  std::atomic<int> opened_ = 0;
};

}  // namespace jetliner
