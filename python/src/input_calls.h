// Calls that read inputs, for objects of one thread.
#pragma once

#include <functional>
#include <memory>

#include "call_thread.h"
#include "gil.h"
#include "opener.h"

namespace jetliner::python {

class InputCalls {
 public:
  explicit InputCalls(const Inputs& inputs) : store_(inputs.store) {
    if (inputs.may_wait()) caller_ = std::make_unique<CallThread>();
  }

  // Without the GIL. A call that may wait for long is done on another thread, so that Ctrl-C is heard.
  void run(const std::function<void()>& call) {
    if (caller_ != nullptr) {
      run_interruptibly(*caller_, call, [this] { store_->store->close(); });
      return;
    }
    const GilReleased released;
    call();
  }

 private:
  const FreesDroppedBuffers frees_buffers_;
  std::shared_ptr<StoreOwner> store_;
  std::unique_ptr<CallThread> caller_;
};

}  // namespace jetliner::python
