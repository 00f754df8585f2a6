#include "decode/transcode.h"

#include <bit>

#include "base/varint.h"
#include "decode/items_head.h"
#include "decode/scan.h"
#include "decode/walk.h"

namespace jetliner {
namespace {

template <typename Real>
void append_real(std::vector<uint8_t>& out, Real value) {
  if constexpr (sizeof value == 4) {
    const auto bits = std::bit_cast<uint32_t>(value);
    for (int i = 0; i < 4; ++i) out.push_back(static_cast<uint8_t>(bits >> (8 * i)));
  } else {
    const auto bits = std::bit_cast<uint64_t>(value);
    for (int i = 0; i < 8; ++i) out.push_back(static_cast<uint8_t>(bits >> (8 * i)));
  }
}

}  // namespace

const uint8_t* Transcoder::skip(NodeId writer, const uint8_t* p) {
  Walk walk(resolution_.writer(), end_, empty_items_left_, 0);
  const uint8_t* const next = walk.skip(writer, p);
  return next == nullptr ? fail(walk.status) : next;
}

const uint8_t* Transcoder::skip_key(const uint8_t* p) {
  Walk walk(resolution_.writer(), end_, empty_items_left_, 0);
  const uint8_t* const next = walk.skip_key(p);
  return next == nullptr ? fail(walk.status) : next;
}

const uint8_t* Transcoder::number(const uint8_t* p, int64_t* value) {
  return scan_long_before(p, end_, value, &status_);
}

const uint8_t* Transcoder::value(ResolvedId id, const uint8_t* p, std::vector<uint8_t>& out, int depth) {
  if (depth > kMaxDataDepth) return fail(Status::kDepth);
  if (out.size() > most_bytes_) return fail(Status::kJsonTooLong);
  const ResolvedNode& node = resolution_.node(id);
  switch (node.kind) {
    case ResolvedKind::kLeaf:
      return leaf(node, p, out);
    case ResolvedKind::kEnum:
      return enumeration(node, p, out);
    case ResolvedKind::kRecord:
      return record(node, p, out, depth);
    case ResolvedKind::kItems:
      return items(node, p, out, depth);
    case ResolvedKind::kFromUnion:
      return from_union(node, p, out, depth);
    case ResolvedKind::kIntoUnion:
      append_long(out, node.branch);
      return value(node.children.front(), p, out, depth + 1);
    case ResolvedKind::kUnresolvable:
      return fail(Status::kUnresolvable);
  }
  return nullptr;
}

const uint8_t* Transcoder::leaf(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out) {
  const uint8_t* const next = skip(node.writer, p);  // validates the value
  if (next == nullptr) return nullptr;
  const AvroType from = resolution_.writer().node(node.writer).type;
  const AvroType to = resolution_.reader().schema().node(node.reader).type;
  if (from == AvroType::kFloat && to == AvroType::kDouble) {
    append_real(out, static_cast<double>(std::bit_cast<float>(load_le32(p))));
  } else if (to == AvroType::kFloat && from != to) {
    int64_t value = 0;
    scan_long(p, &value);
    append_real(out, static_cast<float>(value));
  } else if (to == AvroType::kDouble && from != to) {
    int64_t value = 0;
    scan_long(p, &value);
    append_real(out, static_cast<double>(value));
  } else {
    out.insert(out.end(), p, next);  // the same encoding: an int is a long, a string is bytes
  }
  return next;
}

const uint8_t* Transcoder::enumeration(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out) {
  int64_t index = 0;
  const uint8_t* const next = number(p, &index);
  if (next == nullptr) return nullptr;
  if (index < 0 || static_cast<size_t>(index) >= node.symbols.size()) return fail(Status::kEnumIndex);
  const int32_t symbol = node.symbols[static_cast<size_t>(index)];
  if (symbol == kNoSymbol) return fail(Status::kUnknownSymbol);
  append_long(out, symbol);
  return next;
}

const uint8_t* Transcoder::record(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out, int depth) {
  // Fields come in the writer's order and are written in the reader's order.
  std::vector<std::vector<uint8_t>> fields(resolution_.reader().schema().node(node.reader).fields.size());
  const std::vector<SchemaField>& theirs = resolution_.writer().node(node.writer).fields;
  size_t bytes = out.size();
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (node.children[i] == kNotRead) {
      p = skip(theirs[i].type, p);
    } else {
      std::vector<uint8_t>& field = fields[node.reader_fields[i]];
      p = value(node.children[i], p, field, depth + 1);
      bytes += field.size();
    }
    if (p == nullptr) return nullptr;
    if (bytes > most_bytes_) return fail(Status::kJsonTooLong);
  }
  for (const uint32_t i : node.defaults) {
    const ByteSpan value = *resolution_.reader().default_of(node.reader, i);
    fields[i].assign(value.begin(), value.end());
    bytes += value.size();
    if (bytes > most_bytes_) return fail(Status::kJsonTooLong);
  }
  for (const std::vector<uint8_t>& field : fields) out.insert(out.end(), field.begin(), field.end());
  return p;
}

const uint8_t* Transcoder::items(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out, int depth) {
  const bool is_map = resolution_.writer().node(node.writer).type == AvroType::kMap;
  for (;;) {
    const ItemsHead head = read_items_head(p, end_);
    if (!head.is_ok()) return fail(head.status);
    p = head.items;
    if (head.count == 0) break;
    // A forged count needs no check: reading stops at the end of the data, or at the limit of items without bytes.
    std::vector<uint8_t> block;
    for (uint64_t i = 0; i < head.count; ++i) {
      const uint8_t* const start = p;
      if (is_map) {
        p = skip_key(start);
        if (p == nullptr) return nullptr;
        block.insert(block.end(), start, p);
      }
      p = value(node.children.front(), p, block, depth + 1);
      if (p == nullptr) return nullptr;
      if (p == start) {
        if (*empty_items_left_ == 0) return fail(Status::kEmptyItems);
        --*empty_items_left_;
      }
      if (out.size() + block.size() > most_bytes_) return fail(Status::kJsonTooLong);
    }
    if (head.items_end != nullptr && p != head.items_end) return fail(Status::kBlockBytes);
    append_long(out, static_cast<int64_t>(head.count));
    out.insert(out.end(), block.begin(), block.end());
  }
  append_long(out, 0);
  return p;
}

const uint8_t* Transcoder::from_union(const ResolvedNode& node, const uint8_t* p, std::vector<uint8_t>& out,
                                      int depth) {
  int64_t index = 0;
  p = number(p, &index);
  if (p == nullptr) return nullptr;
  if (index < 0 || static_cast<size_t>(index) >= node.children.size()) return fail(Status::kBranchIndex);
  return value(node.children[static_cast<size_t>(index)], p, out, depth + 1);
}

}  // namespace jetliner
