#include "schema/path.h"

#include "base/utf8.h"
#include "jetliner/error.h"

namespace jetliner {

namespace {

constexpr size_t kMaxTextBytes = 80;

std::string printable(std::string_view text) {
  const bool cut = text.size() > kMaxTextBytes;
  if (cut) text = text.substr(0, valid_utf8_prefix(as_bytes(text).data(), kMaxTextBytes));
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (cut) out += "...";
  return out;
}

}  // namespace

std::string in_quotes(std::string_view text) { return '"' + printable(text) + '"'; }

std::string SchemaPath::text() const {
  std::string out;
  for (const Segment& segment : segments_) {
    switch (segment.part) {
      case SchemaPart::kName:
        if (!out.empty()) out += '.';
        out += printable(segment.name);
        break;
      case SchemaPart::kItems:
        out += "[]";
        break;
      case SchemaPart::kValues:
        out += "{}";
        break;
    }
  }
  return out;
}

void SchemaPath::fail(const std::string& message) const {
  ErrorPlace place;
  place.context = text();
  throw Error(ErrorKind::kSchema, ErrorVariant::kInvalidSchema, message, std::move(place));
}

}  // namespace jetliner
