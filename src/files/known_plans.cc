#include "files/known_plans.h"

#include <algorithm>
#include <new>
#include <utility>
#include <variant>
#include <vector>

#include "base/mutex.h"

namespace jetliner {
namespace {

// Bounds of the cache, some megabytes at the worst: entries, bytes of the key of one, and its operations and columns.
// The text alone bounds nothing: a type that is named twice by a type that is named twice unfolds each time.
constexpr size_t kMaxKeptPlans = 32;  // two for each schema: by text and by meaning
constexpr size_t kMaxKeptTextBytes = 32 << 10;
constexpr size_t kMaxKeptParts = 4096;
constexpr size_t kPartTextBytes = 64;  // a long name counts for several parts: it unfolds with its type

// Never waited for: in a forked process a thread that is not there may hold it for ever.
Mutex guard;

using Entry = std::pair<PlanKey, KnownPlans>;

// The entry used last comes last. Never destroyed: daemon threads may read until the process ends.
std::vector<Entry>& entries() JETLINER_REQUIRES(guard) {
  static auto& kept = *new std::vector<Entry>();
  return kept;
}

auto find(const PlanKey& key) JETLINER_REQUIRES(guard) {
  return std::find_if(entries().begin(), entries().end(), [&key](const Entry& entry) { return entry.first == key; });
}

size_t text_bytes(const std::vector<std::string>& names) {
  size_t bytes = 0;
  for (const std::string& name : names) bytes += sizeof(std::string) + name.size();
  return bytes;
}

size_t text_bytes(const PlanKey& key) {
  size_t bytes = key.schema.size();
  if (const auto* const by_name = std::get_if<ColumnNames>(&key.columns)) bytes += text_bytes(by_name->names);
  if (const auto* const by_path = std::get_if<ColumnPaths>(&key.columns)) bytes += text_bytes(by_path->paths);
  if (key.filter_columns.has_value()) bytes += text_bytes(*key.filter_columns);
  return bytes;
}

size_t num_parts(const ArrowType* type) {
  if (type == nullptr) return 0;
  size_t parts = 1 + type->name.size() / kPartTextBytes;
  for (const ArrowType& child : type->children) {
    if (parts > kMaxKeptParts) break;
    parts += num_parts(&child);
  }
  return parts;
}

bool is_small(const PlanKey& key, const KnownPlans& plans) {
  if (text_bytes(key) > kMaxKeptTextBytes) return false;
  size_t parts = plans.plan->ops.size();
  if (plans.candidate_plan != nullptr) parts += plans.candidate_plan->ops.size();
  for (const auto& columns : {plans.file_columns, plans.columns, plans.candidate_columns}) {
    if (parts > kMaxKeptParts) return false;
    parts += num_parts(columns.get());
  }
  return parts <= kMaxKeptParts;
}

}  // namespace

std::optional<KnownPlans> find_plans(const PlanKey& key) {
  if (!guard.try_lock()) return std::nullopt;
  std::optional<KnownPlans> known;
  try {
    if (const auto found = find(key); found != entries().end()) {
      std::rotate(found, std::next(found), entries().end());
      known = entries().back().second;
    }
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
    // Then nothing is known.
  }
  guard.unlock();
  return known;
}

void keep_plans(PlanKey key, KnownPlans plans) {
  if (!is_small(key, plans)) return;
  Entry evicted;  // freed without the lock
  if (!guard.try_lock()) return;
  try {
    if (find(key) == entries().end()) {  // or else another thread was as quick
      if (entries().size() == kMaxKeptPlans) {
        evicted = std::move(entries().front());
        entries().erase(entries().begin());
      }
      entries().emplace_back(std::move(key), std::move(plans));
    }
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
    // Then it is not kept.
  }
  guard.unlock();
}

}  // namespace jetliner
