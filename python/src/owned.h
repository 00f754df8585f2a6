// A struct of Arrow's C interfaces that is released with its owner.
#pragma once

namespace jetliner::python {

template <typename T>
struct Owned {
  T value{};
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { reset(); }
  void reset() {
    if (value.release != nullptr) value.release(&value);
    value = {};
  }
};

}  // namespace jetliner::python
