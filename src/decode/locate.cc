#include "decode/locate.h"

#include <algorithm>
#include <string_view>

#include "base/bytes.h"
#include "base/utf8.h"
#include "base/varint.h"
#include "decode/items_head.h"
#include "decode/walk.h"

namespace jetliner {
namespace {

// Longer paths are cut. Names may be long, and recursive records deep.
constexpr size_t kMostPathBytes = 256;

class Locator {
 public:
  Locator(const Schema& schema, const uint8_t* end) : schema_(schema), end_(end) {}

  // Returns the byte after a value. nullptr where the value is not valid: path_ is its path then, and is_cut_ tells
  // whether the data ends within it.
  const uint8_t* skip(NodeId id, const uint8_t* p, int depth = 0) {
    if (depth > kMaxDataDepth) return nullptr;
    const SchemaNode& node = schema_.node(id);
    switch (node.type) {
      case AvroType::kNull:
        return p;
      case AvroType::kBoolean:
        return bytes(p, 1);
      case AvroType::kInt:
      case AvroType::kLong:
      case AvroType::kEnum: {
        int64_t ignored = 0;
        return number(p, &ignored);
      }
      case AvroType::kFloat:
        return bytes(p, 4);
      case AvroType::kDouble:
        return bytes(p, 8);
      case AvroType::kFixed:
        return bytes(p, node.size);
      case AvroType::kBytes:
      case AvroType::kString:
        return sized(p);
      case AvroType::kUnion:
        return branch(node, p, depth);
      case AvroType::kArray:
      case AvroType::kMap:
        return items(node, p, depth);
      case AvroType::kRecord:
        for (const SchemaField& field : node.fields) {
          const size_t length = enter(path_.empty() ? "" : ".", field.name);
          p = skip(field.type, p, depth + 1);
          if (p == nullptr) return nullptr;
          path_.resize(length);
        }
        return p;
    }
    return nullptr;
  }

  [[nodiscard]] bool is_cut() const { return is_cut_; }
  // True if the items of a block take more or fewer bytes than its size says. Then the end of the items is not known.
  [[nodiscard]] bool has_wrong_size() const { return has_wrong_size_; }
  [[nodiscard]] std::string path() const {
    if (path_.size() <= kMostPathBytes) return path_;
    return path_.substr(0, valid_utf8_prefix(as_bytes(path_).data(), kMostPathBytes)) + "...";
  }

 private:
  // Appends a step to path_. Returns the length before. Takes the start of a long name only: a name may have millions
  // of bytes, and is entered for each value.
  size_t enter(std::string_view separator, std::string_view name, std::string_view after = "") {
    const size_t length = path_.size();
    if (length <= kMostPathBytes) path_.append(separator).append(name.substr(0, kMostPathBytes + 1)).append(after);
    return length;
  }

  // True if the union has two branches beside null. Only a union of nulls alone has null twice, so three branches tell.
  [[nodiscard]] bool has_variants(const SchemaNode& node) const {
    size_t variants = 0;
    for (size_t i = 0; i < std::min<size_t>(node.branches.size(), 3); ++i) {
      variants += schema_.node(node.branches[i]).type == AvroType::kNull ? 0 : 1;
    }
    return variants > 1;
  }

  const uint8_t* cut() {
    is_cut_ = true;
    return nullptr;
  }

  const uint8_t* bytes(const uint8_t* p, uint64_t count) {
    return static_cast<uint64_t>(end_ - p) < count ? cut() : p + count;
  }

  const uint8_t* number(const uint8_t* p, int64_t* out) {
    switch (read_long_checked(&p, end_, out)) {
      case VarintStatus::kOk:
        return p;
      case VarintStatus::kEnd:
        return cut();
      case VarintStatus::kTooLong:
        break;
    }
    return nullptr;
  }

  const uint8_t* sized(const uint8_t* p) {
    int64_t count = 0;
    p = number(p, &count);
    return p == nullptr || count < 0 ? nullptr : bytes(p, static_cast<uint64_t>(count));
  }

  const uint8_t* branch(const SchemaNode& node, const uint8_t* p, int depth) {
    int64_t index = 0;
    p = number(p, &index);
    if (p == nullptr || index < 0 || static_cast<size_t>(index) >= node.branches.size()) return nullptr;
    const NodeId taken = node.branches[static_cast<size_t>(index)];
    const size_t length = has_variants(node) ? enter("(", branch_name(schema_.node(taken)), ")") : path_.size();
    p = skip(taken, p, depth + 1);
    if (p != nullptr) path_.resize(length);
    return p;
  }

  const uint8_t* items(const SchemaNode& node, const uint8_t* p, int depth) {
    const bool is_map = node.type == AvroType::kMap;
    const size_t length = enter("", is_map ? "{}" : "[]");
    for (;;) {
      // The size of the items is not used, so it may be wrong (kLength too).
      const ItemsHead head = read_items_head(p, end_);
      if (head.status == Status::kEnd) return cut();
      if (head.status == Status::kVarintTooLong || head.status == Status::kVarintTooLarge) return nullptr;
      p = head.items;
      if (!head.is_ok()) has_wrong_size_ = true;
      if (head.count == 0) break;
      for (uint64_t count = head.count; count > 0; --count) {
        const uint8_t* const start = p;
        if (is_map) p = sized(p);
        if (p != nullptr) p = skip(node.items, p, depth + 1);
        if (p == nullptr) return nullptr;
        if (p == start) break;  // items without bytes: their number does not matter
      }
      if (head.items_end != nullptr && p != head.items_end) has_wrong_size_ = true;
    }
    path_.resize(length);
    return p;
  }

  const Schema& schema_;
  const uint8_t* end_;
  std::string path_;
  bool is_cut_ = false;
  bool has_wrong_size_ = false;
};

}  // namespace

Located locate(const Schema& schema, const uint8_t* p, const uint8_t* end, size_t rows) {
  Locator locator(schema, end);
  for (; rows > 0; --rows) {
    p = locator.skip(schema.root(), p);
    if (p == nullptr) return {};
  }
  Located located{.row = p};
  const uint8_t* const next = locator.skip(schema.root(), p);
  if (next != nullptr && !locator.has_wrong_size()) located.next = next;
  if (next == nullptr && locator.is_cut()) {
    located.path = schema.node(schema.root()).type == AvroType::kRecord ? locator.path() : "value" + locator.path();
  }
  return located;
}

bool are_whole_rows(const Schema& schema, const uint8_t* p, const uint8_t* end, uint64_t rows) {
  Locator locator(schema, end);
  for (; rows > 0; --rows) {
    const uint8_t* const start = p;
    p = locator.skip(schema.root(), p);
    if (p == nullptr || locator.has_wrong_size()) return false;
    if (p == start) break;  // rows without bytes: their number does not matter
  }
  return p == end;
}

}  // namespace jetliner
