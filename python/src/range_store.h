// RangeStore for Python: ranges that are fetched by threads of Python.
#pragma once

#include <memory>
#include <new>
#include <utility>

#include "base/system.h"
#include "jetliner/range_store.h"

namespace jetliner::python {

// Owns a store for its readers: when the last owner goes, the store is closed, and the fetchers end. Fetchers have the
// store alone.
struct StoreOwner {
  std::shared_ptr<RangeStore> store;

  explicit StoreOwner(const RangeStoreOptions& options) : store(std::make_shared<RangeStore>(options)) {}
  StoreOwner(const StoreOwner&) = delete;
  StoreOwner& operator=(const StoreOwner&) = delete;
  ~StoreOwner() {
    // In a forked process the fetchers are missing, and one of them may have held the store's lock.
    if (sys::process_id() == process_) {
      store->close();
    } else {
      (void)new (std::nothrow) std::shared_ptr<RangeStore>(std::move(store));
    }
  }

 private:
  const int64_t process_ = sys::process_id();
};

}  // namespace jetliner::python
