// Reads Arrow arrays through the C interfaces, written against Arrow's specification and sharing nothing with the code
// that exports them: checks what an importer takes for granted, and shows values as text.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jetliner/arrow_abi.h"
#include "jetliner/owned.h"

namespace jetliner {

// Thrown if an array violates the specification.
struct BadArrow : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string value_text(const ArrowSchema& schema, const ArrowArray& array, int64_t row);

namespace arrow_detail {

// Called several times per value: the text becomes a string only for the exception.
inline void require(bool holds, std::string_view what) {
  if (!holds) throw BadArrow(std::string(what));
}

[[noreturn]] inline void unknown_format(std::string_view format) {
  throw BadArrow("unknown format " + std::string(format));
}

template <typename T>
T load(const void* buffer, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const uint8_t*>(buffer) + index * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return value;
}

inline bool bit(const void* bits, int64_t i) { return (static_cast<const uint8_t*>(bits)[i / 8] >> (i % 8) & 1) != 0; }

// `row` counts from the start of the buffers, offset included.
inline bool is_null(const ArrowSchema& schema, const ArrowArray& array, int64_t row) {
  if (std::string_view(schema.format) == "n") return true;
  return array.buffers[0] != nullptr && !bit(array.buffers[0], row);
}

// By the definition, code point by code point.
inline bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t n = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (n == 0 || i + n > text.size()) return false;
    uint32_t point = n == 1 ? lead : lead & (0x7fU >> n);
    for (size_t k = 1; k < n; ++k) {
      const auto byte = static_cast<uint8_t>(text[i + k]);
      if (byte >> 6 != 2) return false;
      point = point << 6 | (byte & 0x3fU);
    }
    static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    i += n;
  }
  return true;
}

// The bytes of a view, after all checks.
inline std::string_view view(const ArrowArray& array, int64_t row) {
  const uint8_t* const at = static_cast<const uint8_t*>(array.buffers[1]) + row * 16;
  const auto length = load<int32_t>(at, 0);
  require(length >= 0, "view of negative length");
  if (length <= 12) {
    for (int i = length; i < 12; ++i) require(at[4 + i] == 0, "bytes after an inline view are not zero");
    return {reinterpret_cast<const char*>(at + 4), static_cast<size_t>(length)};
  }
  const int64_t n_heaps = array.n_buffers - 3;
  const auto index = load<int32_t>(at, 2);
  const auto offset = load<int32_t>(at, 3);
  require(index >= 0 && index < n_heaps, "view into a heap that does not exist");
  const auto heap_bytes = load<int64_t>(array.buffers[array.n_buffers - 1], index);
  require(offset >= 0 && static_cast<int64_t>(offset) + length <= heap_bytes, "view beyond the end of its heap");
  const char* const text = static_cast<const char*>(array.buffers[2 + index]) + offset;
  require(std::memcmp(text, at + 4, 4) == 0, "prefix of a view differs from its text");
  return {text, static_cast<size_t>(length)};
}

// The bytes of a value of a large string or binary.
inline std::string_view large_text(const ArrowArray& array, int64_t row) {
  const auto from = load<int64_t>(array.buffers[1], row);
  const auto to = load<int64_t>(array.buffers[1], row + 1);
  require(from >= 0 && from <= to, "offsets of text decrease");
  return {static_cast<const char*>(array.buffers[2]) + from, static_cast<size_t>(to - from)};
}

inline bool is_string(std::string_view format) { return format == "vu" || format == "U"; }
inline bool is_binary(std::string_view format) { return format == "vz" || format == "Z"; }

// The bytes of a value of text or bytes.
inline std::string_view bytes_of(const ArrowSchema& schema, const ArrowArray& array, int64_t row) {
  return schema.format[0] == 'v' ? view(array, row) : large_text(array, row);
}

inline int64_t fixed_width(std::string_view format) {
  if (format == "i" || format == "I" || format == "f" || format == "tdD") return 4;
  if (format == "l" || format == "L" || format == "g" || format == "ttn") return 8;
  if (format.substr(0, 2) == "ts" || format.substr(0, 2) == "tD") return 8;
  if (format == "c" || format == "C") return 1;
  if (format == "s" || format == "S" || format == "e") return 2;
  if (format.substr(0, 2) == "d:") return 16;
  return 0;
}

inline int64_t list_offset(std::string_view format, const ArrowArray& array, int64_t row) {
  return format == "+m" ? load<int32_t>(array.buffers[1], row) : load<int64_t>(array.buffers[1], row);
}

// Appends a text that only equal keys share. Zeros of either sign are equal, and so are all NaN.
inline void append_key(std::string& out, const ArrowSchema& schema, const ArrowArray& array, int64_t row) {
  const std::string_view format = schema.format;
  const int64_t at = array.offset + row;
  if (is_null(schema, array, at)) {
    out += "null;";
  } else if (is_string(format) || is_binary(format)) {
    const std::string_view text = bytes_of(schema, array, at);
    out += std::to_string(text.size()) + ':';
    out += text;
  } else if (format == "+L" || format == "+m") {
    const int64_t from = list_offset(format, array, at);
    const int64_t to = list_offset(format, array, at + 1);
    out += std::to_string(to - from) + ':';
    for (int64_t item = from; item < to; ++item) append_key(out, *schema.children[0], *array.children[0], item);
  } else if (format == "+s") {
    for (int64_t i = 0; i < array.n_children; ++i) append_key(out, *schema.children[i], *array.children[i], at);
  } else {
    const std::string text = value_text(schema, array, row);
    out += text == "-0" ? "0" : text == "-nan" ? "nan" : text;
    out += ';';
  }
}

// Checks the entries of one map: structs of a key and a value, without null keys and without equal keys.
inline void check_entries(const ArrowSchema& map, const ArrowArray& entries, int64_t from, int64_t to) {
  const ArrowSchema& schema = *map.children[0];
  require(std::string_view(schema.format) == "+s" && schema.n_children == 2, "a map has entries of two fields");
  std::set<std::string> keys;
  for (int64_t entry = from; entry < to; ++entry) {
    const ArrowArray& key = *entries.children[0];
    require(!is_null(schema, entries, entry) && !is_null(*schema.children[0], key, entry), "entry or key is null");
    std::string text;
    append_key(text, *schema.children[0], key, entry);
    require(keys.insert(text).second, "key is in a map twice");
  }
}

}  // namespace arrow_detail

// Throws BadArrow if `array` is not a valid array of `schema`. Reads every value.
inline void check_array(const ArrowSchema& schema, const ArrowArray& array) {
  using namespace arrow_detail;
  const std::string_view format = schema.format;
  const int64_t end = array.offset + array.length;
  require(array.release != nullptr, "array is released");
  require(array.length >= 0 && array.offset >= 0, "negative length or offset");
  require(array.n_children == schema.n_children, "children of schema and array differ in number");
  require((array.dictionary != nullptr) == (schema.dictionary != nullptr), "dictionary in one of schema and array");

  const bool is_view = format == "vu" || format == "vz";
  const bool is_large = format == "U" || format == "Z";
  const int64_t n_buffers = format == "n" ? 0 : format == "+s" ? 1 : is_large ? 3 : 2;
  require(is_view ? array.n_buffers >= 3 : array.n_buffers == n_buffers, "number of buffers");
  // Arrow lets empty buffers be null, but not every importer does.
  for (int64_t i = 1; i < array.n_buffers; ++i) require(array.buffers[i] != nullptr, "buffer is missing");

  int64_t nulls = 0;
  for (int64_t row = array.offset; row < end; ++row) nulls += is_null(schema, array, row) ? 1 : 0;
  require(array.null_count == -1 || array.null_count == nulls, "null count");
  require(nulls == 0 || (schema.flags & ARROW_FLAG_NULLABLE) != 0, "nulls in a column that is not nullable");

  if (is_view || is_large) {
    for (int64_t row = array.offset; row < end; ++row) {
      const std::string_view text = bytes_of(schema, array, row);
      require(is_binary(format) || is_utf8(text), "text is not UTF-8");
    }
  } else if (format == "+L" || format == "+m") {
    require(array.n_children == 1, "a list has one child");
    require(list_offset(format, array, array.offset) >= 0, "negative list offset");
    for (int64_t row = array.offset; row < end; ++row) {
      const int64_t from = list_offset(format, array, row);
      const int64_t to = list_offset(format, array, row + 1);
      require(from <= to, "list offsets decrease");
      require(!is_null(schema, array, row) || from == to, "null list with items");
      if (format == "+m") check_entries(schema, *array.children[0], from, to);
    }
    require(list_offset(format, array, end) <= array.children[0]->length, "list offset beyond the items");
  } else if (format == "+s") {
    for (int64_t i = 0; i < array.n_children; ++i) {
      const ArrowArray& child = *array.children[i];
      require(child.length >= end, "child of a struct is shorter than the struct");
      for (int64_t row = array.offset; row < end; ++row) {
        const bool null_row = is_null(schema, array, row);
        require(!null_row || is_null(*schema.children[i], child, child.offset + row),
                "field of a null struct has a value");
      }
    }
  } else if (schema.dictionary != nullptr) {
    require(format == "I" || format == "i", "dictionary index");
    for (int64_t row = array.offset; row < end; ++row) {
      const bool in_range = load<uint32_t>(array.buffers[1], row) < array.dictionary->length;
      require(in_range || is_null(schema, array, row), "dictionary index out of range");
    }
    check_array(*schema.dictionary, *array.dictionary);
  } else if (format == "b") {
    for (int64_t row = array.offset; row < end; ++row) (void)bit(array.buffers[1], row);
  } else if (format != "n") {
    const int64_t width = fixed_width(format);
    if (width == 0) unknown_format(format);
    volatile uint8_t sum = 0;  // so that a sanitizer sees all of the values
    for (int64_t at = array.offset * width; at < end * width; ++at) sum = sum ^ load<uint8_t>(array.buffers[1], at);
  }
  for (int64_t i = 0; i < array.n_children; ++i) check_array(*schema.children[i], *array.children[i]);
}

namespace arrow_detail {

template <typename T>
void append_number(std::string& out, T number) {
  char text[64];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

// A half-precision float by its definition.
inline float half_value(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const auto fraction = static_cast<float>(bits & 1023);
  float size = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  if (exponent == 31) size = fraction == 0 ? HUGE_VALF : std::nanf("");
  return bits >> 15 != 0 ? -size : size;
}

inline std::string decimal_text(__int128 value, std::string_view format) {
  const int scale = std::stoi(std::string(format.substr(format.find(',') + 1)));
  const bool negative = value < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  std::string digits;
  for (int i = 0; rest != 0 || i <= scale; ++i) {
    if (i == scale && scale > 0) digits += '.';
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (negative) digits += '-';
  return {digits.rbegin(), digits.rend()};
}

inline void append_hex(std::string& out, std::string_view bytes) {
  out += "x'";
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
    out += "0123456789abcdef"[static_cast<uint8_t>(c) & 15];
  }
  out += '\'';
}

inline void append_value(std::string& out, const ArrowSchema& schema, const ArrowArray& array, int64_t row) {
  const std::string_view format = schema.format;
  const int64_t at = array.offset + row;
  if (is_null(schema, array, at)) {
    out += "null";
  } else if (schema.dictionary != nullptr) {
    out += bytes_of(*schema.dictionary, *array.dictionary, load<uint32_t>(array.buffers[1], at));
  } else if (format == "b") {
    out += bit(array.buffers[1], at) ? "true" : "false";
  } else if (is_string(format)) {
    out += '"';
    out += bytes_of(schema, array, at);
    out += '"';
  } else if (is_binary(format)) {
    append_hex(out, bytes_of(schema, array, at));
  } else if (format == "f") {
    append_number(out, load<float>(array.buffers[1], at));
  } else if (format == "g") {
    append_number(out, load<double>(array.buffers[1], at));
  } else if (format == "c") {
    append_number<int>(out, load<int8_t>(array.buffers[1], at));
  } else if (format == "C") {
    append_number<int>(out, load<uint8_t>(array.buffers[1], at));
  } else if (format == "s") {
    append_number(out, load<int16_t>(array.buffers[1], at));
  } else if (format == "S") {
    append_number(out, load<uint16_t>(array.buffers[1], at));
  } else if (format == "e") {
    append_number(out, half_value(load<uint16_t>(array.buffers[1], at)));
  } else if (format == "L") {
    append_number(out, load<uint64_t>(array.buffers[1], at));
  } else if (format == "I") {
    append_number(out, load<uint32_t>(array.buffers[1], at));
  } else if (format == "+L" || format == "+m") {
    const int64_t from = list_offset(format, array, at);
    const int64_t to = list_offset(format, array, at + 1);
    out += '[';
    for (int64_t item = from; item < to; ++item) {
      if (item > from) out += ',';
      append_value(out, *schema.children[0], *array.children[0], item);
    }
    out += ']';
  } else if (format == "+s") {
    out += '{';
    for (int64_t i = 0; i < array.n_children; ++i) {
      if (i > 0) out += ',';
      out += schema.children[i]->name;
      out += ':';
      // The offset of a struct applies to its fields.
      append_value(out, *schema.children[i], *array.children[i], at);
    }
    out += '}';
  } else {
    switch (fixed_width(format)) {
      case 16:
        out += decimal_text(load<__int128>(array.buffers[1], at), format);
        break;
      case 8:
        append_number(out, load<int64_t>(array.buffers[1], at));
        break;
      case 4:
        append_number(out, load<int32_t>(array.buffers[1], at));
        break;
      default:
        unknown_format(format);
    }
  }
}

}  // namespace arrow_detail

// Row `row` (from the array's own offset) as text: {a:1,b:"text",c:[null,true],d:x'00ff',e:SYMBOL}. Temporal values are
// the number that is stored.
inline std::string value_text(const ArrowSchema& schema, const ArrowArray& array, int64_t row) {
  std::string out;
  arrow_detail::append_value(out, schema, array, row);
  return out;
}

// "id:l,tags:+L?[item:vu],e:I<vu>": name, format, ? for nullable, children in brackets.
inline std::string arrow_schema_text(const ArrowSchema& schema) {
  std::string out = std::string(schema.name) + ':' + schema.format;
  if (schema.dictionary != nullptr) out += '<' + std::string(schema.dictionary->format) + '>';
  if ((schema.flags & ARROW_FLAG_NULLABLE) != 0) out += '?';
  if (schema.n_children == 0) return out;
  out += '[';
  for (int64_t i = 0; i < schema.n_children; ++i) {
    if (i > 0) out += ',';
    out += arrow_schema_text(*schema.children[i]);
  }
  return out + ']';
}

// All rows of a stream as text, each array checked; releases the stream.
inline std::vector<std::string> stream_rows(ArrowArrayStream* c_stream) {
  using namespace arrow_detail;
  Owned<ArrowArrayStream> stream;
  stream.c = std::exchange(*c_stream, {});
  Owned<ArrowSchema> schema;
  require(stream.c.get_schema(&stream.c, &schema.c) == 0, "get_schema fails");
  std::vector<std::string> rows;
  for (;;) {
    Owned<ArrowArray> array;
    require(stream.c.get_next(&stream.c, &array.c) == 0, "get_next fails");
    if (array.c.release == nullptr) return rows;
    check_array(schema.c, array.c);
    for (int64_t row = 0; row < array.c.length; ++row) rows.push_back(value_text(schema.c, array.c, row));
  }
}

}  // namespace jetliner
