// Text between Python and the core: the core has UTF-8 and the bytes of paths, Python has code points.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>

namespace jetliner::python {

// Bytes of a path as the system knows it; undecodable bytes travel as lone surrogates (PEP 383). ValueError for an
// embedded null, which would end the path early.
std::string path_from_python(nanobind::handle path);
nanobind::object path_to_python(std::string_view path);

// UTF-8. A name that has lone surrogates becomes bytes that equal no name in a file.
std::string name_from_python(nanobind::handle name);
// Messages may quote damaged input: what is not UTF-8 is replaced.
nanobind::object text_to_python(std::string_view text);

// str() of an object, for messages. Lone surrogates become escapes. Empty where str() fails. The GIL is held.
std::string shown_text(const nanobind::handle& object);

}  // namespace jetliner::python
