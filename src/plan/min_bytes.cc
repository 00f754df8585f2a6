#include <algorithm>
#include <utility>

#include "plan/plan.h"

namespace jetliner {
namespace {

// Sums stop at this value, so that they cannot overflow. Nothing in memory is larger.
constexpr uint64_t kHugeBytes = uint64_t{1} << 48;

class MinBytes {
 public:
  explicit MinBytes(const Schema& schema) : schema_(schema), bytes_(schema.size()), state_(schema.size(), kNew) {}

  std::vector<uint64_t> all() {
    visit(schema_.root());
    return std::move(bytes_);
  }

 private:
  enum State : uint8_t { kNew, kOpen, kDone };

  uint64_t visit(NodeId id) {
    if (state_[id] == kDone) return bytes_[id];
    if (state_[id] == kOpen) return 0;  // recursive: 0 is a lower bound
    state_[id] = kOpen;
    bytes_[id] = std::min(kHugeBytes, least(schema_.node(id)));
    state_[id] = kDone;
    return bytes_[id];
  }

  uint64_t least(const SchemaNode& node) {
    switch (node.type) {
      case AvroType::kNull:
        return 0;
      case AvroType::kFloat:
        return 4;
      case AvroType::kDouble:
        return 8;
      case AvroType::kFixed:
        return node.size;
      case AvroType::kArray:
      case AvroType::kMap:
        visit(node.items);
        return 1;
      case AvroType::kRecord: {
        uint64_t sum = 0;
        for (const SchemaField& field : node.fields) sum = std::min(kHugeBytes, sum + visit(field.type));
        return sum;
      }
      case AvroType::kUnion: {
        uint64_t smallest = node.branches.empty() ? 0 : kHugeBytes;
        for (const NodeId branch : node.branches) smallest = std::min(smallest, visit(branch));
        return 1 + smallest;
      }
      default:
        return 1;
    }
  }

  const Schema& schema_;
  std::vector<uint64_t> bytes_;
  std::vector<State> state_;
};

}  // namespace

std::vector<uint64_t> min_encoded_bytes(const Schema& schema) { return MinBytes(schema).all(); }

}  // namespace jetliner
