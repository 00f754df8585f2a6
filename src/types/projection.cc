#include "types/projection.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace jetliner {
namespace {

// Paths are looked up one after the other, and what they lead to is marked. Then all marked parts are copied at once.
class Projection {
 public:
  // Marks what the path leads to among the fields of a struct. A field's name may itself hold dots: the longest name
  // that leads anywhere counts. False where none does.
  bool mark_field(const ArrowType& type, std::string_view path) {
    constexpr size_t kNone = std::string_view::npos;
    for (size_t cut = path.size(); cut != kNone; cut = cut == 0 ? kNone : path.rfind('.', cut - 1)) {
      const ArrowType* const field = type.child(path.substr(0, cut));
      if (field == nullptr) continue;
      if (cut == path.size()) {
        marks_[field] = Mark::kWhole;
        return true;
      }
      if (mark_within(*field, path.substr(cut + 1))) return true;
    }
    return false;
  }

  // Copies the marked children of `type` to `part`. A map always has keys and values, and its keys are whole: parts of
  // them would not be unique.
  void copy_marked(const ArrowType& type, ArrowType& part, bool is_map_entry = false) const {
    for (const ArrowType& child : type.children) {
      const auto mark = marks_.find(&child);
      if (mark == marks_.end() && !is_map_entry) continue;
      part.children.push_back(child);
      if (mark == marks_.end() || mark->second == Mark::kWhole || (is_map_entry && child.name == kMapKey)) continue;
      part.children.back().children.clear();
      copy_marked(child, part.children.back(), type.kind() == ArrowKind::kMap);
    }
  }

 private:
  enum class Mark : uint8_t { kPart, kWhole };

  bool mark_within(const ArrowType& type, std::string_view path) {
    if (type.layout() == Layout::kStruct) {
      if (!mark_field(type, path)) return false;
    } else if (type.layout() == Layout::kList) {
      if (!mark_within(type.children.front(), path)) return false;
    } else {
      return false;
    }
    marks_.emplace(&type, Mark::kPart);
    return true;
  }

  std::unordered_map<const ArrowType*, Mark> marks_;
};

}  // namespace

ArrowType select(const ArrowType& columns, const std::vector<std::string>& names) {
  ArrowType selected{.type = columns.type};
  const std::unordered_set<std::string_view> wanted(names.begin(), names.end());
  for (const ArrowType& column : columns.children) {
    if (wanted.contains(column.name)) selected.children.push_back(column);
  }
  return selected;
}

ArrowType project(const ArrowType& columns, const std::vector<std::string>& paths) {
  Projection projection;
  for (const std::string& path : paths) projection.mark_field(columns, path);
  ArrowType selected{.type = columns.type};
  projection.copy_marked(columns, selected);
  return selected;
}

}  // namespace jetliner
