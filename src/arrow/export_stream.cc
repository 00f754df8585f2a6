#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "arrow/export.h"

namespace jetliner {
namespace {

struct StreamPrivate {
  std::shared_ptr<const BatchSchema> schema;
  std::vector<Slice> slices;
  std::optional<size_t> column;  // without: all columns
  size_t next = 0;
  std::string error;
};

StreamPrivate* of(ArrowArrayStream* stream) { return static_cast<StreamPrivate*>(stream->private_data); }

// Runs `action` and turns exceptions into error codes: none may leave a C callback.
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
  return guarded(stream, [&] {
    const StreamPrivate& state = *of(stream);
    if (state.column.has_value()) {
      export_column_schema(*state.schema, *state.column, out);
    } else {
      export_schema(*state.schema, out);
    }
  });
}

// Those of the next array.
std::span<Slice> next_slices(StreamPrivate& state) {
  size_t end = state.next + 1;
  while (end < state.slices.size() && follows(state.slices[end - 1], state.slices[end])) ++end;
  return std::span(state.slices).subspan(state.next, end - state.next);
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
  StreamPrivate* const state = of(stream);
  *out = {};
  if (state->next == state->slices.size()) return 0;  // a released array means the end
  return guarded(stream, [&] {
    const std::span<Slice> slices = next_slices(*state);
    if (state->column.has_value()) {
      export_column_array(*state->schema, slices, *state->column, out);
    } else {
      export_array(*state->schema, slices, out);
    }
    // The exported array has its own share of the chunk.
    for (Slice& slice : slices) slice.chunk.reset();
    state->next += slices.size();
  });
}

const char* get_last_error(ArrowArrayStream* stream) {
  return of(stream)->error.empty() ? nullptr : of(stream)->error.c_str();
}

void release(ArrowArrayStream* stream) {
  delete of(stream);
  stream->release = nullptr;
}

void start(std::shared_ptr<const BatchSchema> schema, std::vector<Slice> slices, std::optional<size_t> column,
           ArrowArrayStream* out) {
  auto state = std::make_unique<StreamPrivate>();
  state->schema = std::move(schema);
  state->slices = std::move(slices);
  state->column = column;
  *out = {.get_schema = get_schema,
          .get_next = get_next,
          .get_last_error = get_last_error,
          .release = release,
          .private_data = state.release()};
}

}  // namespace

void export_stream(std::shared_ptr<const BatchSchema> schema, std::vector<Slice> slices, ArrowArrayStream* out) {
  start(std::move(schema), std::move(slices), std::nullopt, out);
}

void export_column_stream(std::shared_ptr<const BatchSchema> schema, std::vector<Slice> slices, size_t index,
                          ArrowArrayStream* out) {
  start(std::move(schema), std::move(slices), index, out);
}

}  // namespace jetliner
