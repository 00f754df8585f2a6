// Opens files and reads their headers: one after the other where they answer at once, several at a time where they do
// not.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "container/header.h"
#include "files/open_sources.h"
#include "jetliner/options.h"
#include "jetliner/source.h"

namespace jetliner {

// A file whose header was read.
struct OpenedFile {
  OpenSources::Handle source;
  Header header;
};

// How many bytes to ask a source for at a time.
size_t chunk_bytes(const ReadOptions& options, const Source& source);

// Opens all files and gives them to `add` in their order, on this thread. `check` is called about every 50 ms, also
// while this thread waits; it may throw. Throws the first error in the order of the files, with the path.
void open_headers(const std::vector<std::string>& paths, const ReadOptions& options, const SourceOpener& opener,
                  OpenSources& sources, const std::function<void()>& check,
                  const std::function<void(const std::string& path, OpenedFile file)>& add);

}  // namespace jetliner
