#include "descriptors.h"

#include <fcntl.h>
#include <nanobind/stl/tuple.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include "text.h"

namespace nb = nanobind;

namespace jetliner::python {
namespace {

// A descriptor of our own for an open file.
class Descriptor {
 public:
  // Throws std::system_error.
  static Descriptor copy_of(int descriptor) {
    const int copied = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (copied < 0) throw std::system_error(errno, std::generic_category());
    return Descriptor(copied);
  }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  // Leaves closing to the caller.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  explicit Descriptor(int number) : number_(number) {}
  int number_;
};

// Copies of files, by path: parts of files that are open already. These stay open until the last reader is gone.
class Copies {
 public:
  // Each descriptor is copied once. The members close what was copied where a later copy fails.
  explicit Copies(const nb::dict& by_path) {
    for (auto [path, copy] : by_path) {
      const auto [number, begin_bytes, size_bytes] = nb::cast<std::tuple<int, uint64_t, uint64_t>>(copy);
      auto place = descriptors_.find(number);
      if (place == descriptors_.end()) place = descriptors_.emplace(number, Descriptor::copy_of(number)).first;
      by_path_.try_emplace(path_from_python(path), Part{place->second.number(), begin_bytes, size_bytes});
    }
  }
  [[nodiscard]] std::unique_ptr<Source> open(const std::string& path) const {
    const auto place = by_path_.find(path);
    if (place == by_path_.end()) return open_file(path);
    const Part& part = place->second;
    const int descriptor = Descriptor::copy_of(part.descriptor).release();
    return open_descriptor(descriptor, path, part.begin_bytes, part.size_bytes);
  }

 private:
  struct Part {
    int descriptor = -1;  // of descriptors_
    uint64_t begin_bytes = 0;
    uint64_t size_bytes = 0;
  };
  std::map<int, Descriptor> descriptors_;  // by the number that Python knows
  std::map<std::string, Part> by_path_;
};

}  // namespace

SourceOpener opener_of(const std::optional<nb::dict>& by_path) {
  if (!by_path) return open_file;
  return [copies = std::make_shared<const Copies>(*by_path)](const std::string& path) { return copies->open(path); };
}

}  // namespace jetliner::python
