#include "read/known_plans.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace jetliner {
namespace {

// So many are kept, of schemas of so many bytes at most: a few megabytes at the worst.
constexpr size_t kMaxKeptPlans = 16;
constexpr size_t kMaxKeptSchemaBytes = 16 << 10;

// Never waited for: in a forked process it may be held for ever, by a thread that is not there.
std::mutex mutex;

using Entry = std::pair<PlanKey, KnownPlans>;

// Guarded by the mutex; the one used last comes last. Never destroyed: daemon threads may read until the process ends.
std::vector<Entry>& entries() {
  static auto& entries = *new std::vector<Entry>();
  return entries;
}

}  // namespace

std::optional<KnownPlans> find_plans(const PlanKey& key) {
  const std::unique_lock lock(mutex, std::try_to_lock);
  if (!lock.owns_lock()) return std::nullopt;
  const auto is_key = [&key](const Entry& entry) { return entry.first == key; };
  const auto found = std::find_if(entries().rbegin(), entries().rend(), is_key);
  if (found == entries().rend()) return std::nullopt;
  std::rotate(std::prev(found.base()), found.base(), entries().end());
  return entries().back().second;
}

void keep_plans(PlanKey key, KnownPlans plans) {
  if (key.schema_json.size() > kMaxKeptSchemaBytes) return;
  Entry evicted;  // freed without the lock
  const std::unique_lock lock(mutex, std::try_to_lock);
  if (!lock.owns_lock()) return;
  if (entries().size() == kMaxKeptPlans) {
    evicted = std::move(entries().front());
    entries().erase(entries().begin());
  }
  entries().emplace_back(std::move(key), std::move(plans));
}

}  // namespace jetliner
