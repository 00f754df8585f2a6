// The sources that a read has open, so that close() can interrupt those that wait.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "jetliner/source.h"

namespace jetliner {

// Thread-safe. Outlives the sources that it gave out.
class OpenSources {
 public:
  // Owns a source, and forgets it when it is closed.
  class Handle {
   public:
    Handle() = default;
    Handle(OpenSources* home, std::unique_ptr<Source> source) : home_(home), source_(std::move(source)) {
      home_->add(source_.get());
    }
    Handle(Handle&& other) noexcept : home_(std::exchange(other.home_, nullptr)), source_(std::move(other.source_)) {}
    Handle& operator=(Handle&& other) noexcept {
      reset();
      home_ = std::exchange(other.home_, nullptr);
      source_ = std::move(other.source_);
      return *this;
    }
    ~Handle() { reset(); }

    void reset() {
      if (home_ != nullptr) home_->remove(source_.get());
      home_ = nullptr;
      source_.reset();
    }
    [[nodiscard]] Source& operator*() const { return *source_; }
    [[nodiscard]] Source* operator->() const { return source_.get(); }
    [[nodiscard]] explicit operator bool() const { return source_ != nullptr; }

   private:
    OpenSources* home_ = nullptr;
    std::unique_ptr<Source> source_;
  };

  Handle hold(std::unique_ptr<Source> source) { return {this, std::move(source)}; }

  // Source::interrupt() of all that are open, and of all that are opened later.
  void interrupt() {
    const MutexLock lock(mutex_);
    is_interrupted_ = true;
    for (Source* const source : sources_) source->interrupt();
  }

 private:
  void add(Source* source) {
    const MutexLock lock(mutex_);
    sources_.push_back(source);
    if (is_interrupted_) source->interrupt();
  }
  void remove(const Source* source) {
    const MutexLock lock(mutex_);
    std::erase(sources_, source);
  }

  Mutex mutex_;
  std::vector<Source*> sources_ JETLINER_GUARDED_BY(mutex_);
  bool is_interrupted_ JETLINER_GUARDED_BY(mutex_) = false;
};

}  // namespace jetliner
