// All rows of a reader as one stream of Arrow's C interface.
#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "arrow/plain_form.h"
#include "jetliner/error.h"
#include "jetliner/owned.h"
#include "jetliner/reader.h"

namespace jetliner {
namespace {

struct ReaderStream {
  Reader reader;
  TextForm text;
  Batch empty;
  Owned<ArrowSchema> plain;       // for kLarge
  Owned<ArrowArrayStream> batch;  // the arrays of the present batch
  std::string error;
  int code = 0;  // of the first failure; every later call fails as well
};

ReaderStream& of(ArrowArrayStream* stream) { return *static_cast<ReaderStream*>(stream->private_data); }

// Runs `action` and turns exceptions into error codes: none may leave a C callback.
template <typename Action>
int guarded(ReaderStream& state, Action action) {
  try {
    action();
    return 0;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  } catch (const Error& error) {
    state.error = describe(error);
    return EIO;
  } catch (const std::exception& error) {
    state.error = error.what();
    return EIO;
  }
}

void export_schema_of(const ReaderStream& state, ArrowSchema* out) {
  Owned<ArrowArrayStream> stream;
  state.empty.export_stream(&stream.c);
  if (stream.c.get_schema(&stream.c, out) != 0) throw std::bad_alloc();
  if (state.text == TextForm::kLarge) make_plain(out, nullptr);
}

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  ReaderStream& state = of(stream);
  return guarded(state, [&] { export_schema_of(state, out); });
}

// The next array, or a released one at the end.
void take_array(ReaderStream& state, ArrowArray* out) {
  for (;;) {
    if (state.batch) {
      if (state.batch.c.get_next(&state.batch.c, out) != 0) throw std::bad_alloc();
      if (out->release != nullptr) return;
    }
    Batch batch;
    if (!state.reader.next(batch)) return;
    state.batch.reset();
    batch.export_stream(&state.batch.c);
  }
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
  ReaderStream& state = of(stream);
  *out = {};
  if (state.code != 0) return state.code;
  Owned<ArrowArray> array;
  state.code = guarded(state, [&] {
    take_array(state, &array.c);
    if (array && state.text == TextForm::kLarge) make_plain(state.plain.c, &array.c);
  });
  if (state.code == 0) *out = array.take();
  return state.code;
}

const char* get_last_error(ArrowArrayStream* stream) {
  const ReaderStream& state = of(stream);
  return state.error.empty() ? nullptr : state.error.c_str();
}

void release(ArrowArrayStream* stream) {
  delete static_cast<ReaderStream*>(stream->private_data);
  stream->release = nullptr;
}

}  // namespace

void export_stream(Reader reader, ArrowArrayStream* out, TextForm text) {
  Batch empty = reader.empty_batch();
  std::unique_ptr<ReaderStream> state(
      new ReaderStream{.reader = std::move(reader), .text = text, .empty = std::move(empty)});
  if (text == TextForm::kLarge) export_schema_of(*state, &state->plain.c);
  *out = {.get_schema = get_schema,
          .get_next = get_next,
          .get_last_error = get_last_error,
          .release = release,
          .private_data = state.release()};
}

}  // namespace jetliner
