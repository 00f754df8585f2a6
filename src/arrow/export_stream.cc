#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "arrow/export.h"

namespace jetliner {
namespace {

struct StreamPrivate {
  std::shared_ptr<const BatchSchema> schema;
  std::vector<Slice> slices;
  size_t next = 0;
  std::string error;
};

StreamPrivate* of(ArrowArrayStream* stream) { return static_cast<StreamPrivate*>(stream->private_data); }

// Runs `action`, which may throw, behind the C interface.
template <typename Action>
int guarded(ArrowArrayStream* stream, Action action) {
  try {
    action();
    return 0;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  } catch (const std::exception& error) {
    of(stream)->error = error.what();
    return EIO;
  }
}

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  return guarded(stream, [&] { export_schema(*of(stream)->schema, out); });
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
  StreamPrivate* const state = of(stream);
  *out = {};
  if (state->next == state->slices.size()) return 0;  // a released array: the end
  return guarded(stream, [&] {
    export_array(*state->schema, state->slices[state->next], out);
    // What was handed out keeps itself alive.
    state->slices[state->next].chunk.reset();
    ++state->next;
  });
}

const char* get_last_error(ArrowArrayStream* stream) {
  return of(stream)->error.empty() ? nullptr : of(stream)->error.c_str();
}

void release(ArrowArrayStream* stream) {
  delete of(stream);
  stream->release = nullptr;
}

}  // namespace

void export_stream(std::shared_ptr<const BatchSchema> schema, std::vector<Slice> slices, ArrowArrayStream* out) {
  auto state = std::make_unique<StreamPrivate>();
  state->schema = std::move(schema);
  state->slices = std::move(slices);
  *out = {.get_schema = get_schema,
          .get_next = get_next,
          .get_last_error = get_last_error,
          .release = release,
          .private_data = state.release()};
}

}  // namespace jetliner
