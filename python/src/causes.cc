#include "causes.h"

#include <map>
#include <utility>

namespace nb = nanobind;

namespace jetliner::python {
namespace {

constexpr size_t kMostCauses = 100;

struct Causes {
  std::map<uint64_t, nb::object> by_number;
  uint64_t last = 0;
};

// Never destroyed: at the end of the process there is no interpreter that could free the exceptions.
Causes& causes() {
  static Causes& all = *new Causes();
  return all;
}

}  // namespace

uint64_t keep_cause(nb::object exception) {
  Causes& all = causes();
  all.by_number.emplace(++all.last, std::move(exception));
  if (all.by_number.size() > kMostCauses) all.by_number.erase(all.by_number.begin());
  return all.last;
}

nb::object cause_of(uint64_t origin) {
  const auto place = causes().by_number.find(origin);
  return place == causes().by_number.end() ? nb::none() : place->second;
}

}  // namespace jetliner::python
