#include "pipeline/cores.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "base/system.h"

namespace jetliner {
namespace {

// Quota over period, rounded up; 0 without a quota.
size_t cores_by_quota() {
  double quota = 0;
  double period = 0;
  std::string first;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> first >> period) {
    if (first == "max") return 0;
    quota = std::strtod(first.c_str(), nullptr);
  } else {
    std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") >> quota;
    std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> period;
  }
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<size_t>(std::ceil(quota / period));
}

}  // namespace

size_t usable_cores() {
  size_t cores = sys::allowed_cores();
  if (cores == 0) cores = std::thread::hardware_concurrency();
  if (const size_t quota = cores_by_quota(); quota > 0) cores = std::min(cores, quota);
  return std::max<size_t>(cores, 1);
}

}  // namespace jetliner
