// The bytes of a unit: in memory of its own, or in memory that the source lends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "jetliner/source.h"

namespace jetliner {

// kSlackBytes after size() are readable. They are zeros only after own bytes.
class UnitBytes {
 public:
  [[nodiscard]] const uint8_t* data() const { return bytes().data(); }
  [[nodiscard]] size_t size() const { return bytes().size(); }
  [[nodiscard]] ByteSpan bytes() const { return is_lent() ? lent_.bytes : own_.bytes(); }
  // The bytes of own memory, which is kept for reuse.
  [[nodiscard]] size_t capacity() const { return own_.capacity(); }

  // Lets go of lent bytes.
  void give_back() { lent_ = {}; }
  // Own memory stays for reuse.
  void clear() {
    give_back();
    own_.resize(0);
  }
  // Uses lent bytes, and none of its own.
  void lend(LentBytes lent) { lent_ = std::move(lent); }
  // Drops the bytes from `size` on.
  void cut(size_t size) {
    if (is_lent()) {
      lent_.bytes = lent_.bytes.first(size);
    } else {
      own_.resize(size);
    }
  }
  [[nodiscard]] bool is_lent() const { return lent_.owner != nullptr; }

  // The own memory, for changes. Lent bytes must not be in use.
  Scratch& own() { return own_; }

 private:
  Scratch own_;
  LentBytes lent_;
};

}  // namespace jetliner
