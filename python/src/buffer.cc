#include "buffer.h"

#include <atomic>
#include <utility>

#include "gil.h"

namespace jetliner::python {
namespace {

struct DroppedBuffer {
  DroppedBuffer(nanobind::handle object, bool is_constant) : buffer(object, is_constant) {}
  const Buffer buffer;
  DroppedBuffer* next = nullptr;
};

// A stack without a lock: a child of fork() would never get a lock that another thread had.
std::atomic<DroppedBuffer*> dropped_buffers = nullptr;

void drop(DroppedBuffer* buffer) noexcept {
  buffer->next = dropped_buffers.load();
  while (!dropped_buffers.compare_exchange_weak(buffer->next, buffer)) {
  }
}

}  // namespace

std::shared_ptr<const Buffer> shared_buffer(nanobind::handle object, bool is_constant) {
  auto* const held = new DroppedBuffer(object, is_constant);
  return {&held->buffer, [held](const Buffer* /*buffer*/) { drop(held); }};
}

void free_dropped_buffers() noexcept {
  // Buffers run code of Python when they are freed. It may come back to here, so the stack is taken as a whole.
  DroppedBuffer* next = dropped_buffers.exchange(nullptr);
  while (next != nullptr) delete std::exchange(next, next->next);
}

}  // namespace jetliner::python
