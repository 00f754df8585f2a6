#include "descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <system_error>
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

// Files that are open already, by path: the spooled content of pipes. They stay open until the last reader is gone.
class Descriptors {
 public:
  // The members close what was copied where a later copy fails.
  explicit Descriptors(const nb::dict& by_path) {
    for (auto [path, descriptor] : by_path) {
      by_path_.try_emplace(path_from_python(path), Descriptor::copy_of(nb::cast<int>(descriptor)));
    }
  }
  [[nodiscard]] std::unique_ptr<Source> open(const std::string& path) const {
    const auto place = by_path_.find(path);
    if (place == by_path_.end()) return open_file(path);
    return open_descriptor(Descriptor::copy_of(place->second.number()).release(), path);
  }

 private:
  std::map<std::string, Descriptor> by_path_;
};

}  // namespace

SourceOpener opener_of(const std::optional<nb::dict>& by_path) {
  if (!by_path) return open_file;
  return [descriptors = std::make_shared<const Descriptors>(*by_path)](const std::string& path) {
    return descriptors->open(path);
  };
}

}  // namespace jetliner::python
