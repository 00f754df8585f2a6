// A cache of what was made of the schemas of files, for one read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "schema/fingerprint.h"
#include "schema/schema.h"

namespace jetliner {

// The first look is by the text, which is cheap; the second by the meaning, for which the text must be parsed. So files
// whose schemas differ in documentation or attributes of other programs share what was made. When one kind of keys
// takes more memory than its limit, all of that kind are forgotten.
//
//   const T* known = cache.find_text(text);
//   if (known == nullptr) known = cache.find_meaning(schema of the text);
//   if (known == nullptr) known = &cache.add(made of the schema);
template <typename T>
class SchemaCache {
 public:
  SchemaCache(size_t max_text_bytes, size_t max_meaning_bytes)
      : texts_{.max_bytes = max_text_bytes}, meanings_{.max_bytes = max_meaning_bytes} {}

  // The result is valid until the next call.
  const T* find_text(std::string_view text) {
    if (has_last_ && text == last_text_) return &last_;
    has_last_ = false;
    last_text_ = text;
    text_key_ = text_key(text);
    const T* const known = texts_.find(text_key_);
    return known == nullptr ? nullptr : &set_last(*known);
  }
  // For the text of the last find_text().
  const T* find_meaning(const Schema& schema) {
    meaning_ = meaning_of(schema);
    const T* const known = meanings_.find(meaning_);
    if (known == nullptr) return nullptr;
    texts_.add(text_key_, *known);
    return &set_last(*known);
  }
  // For the last find_text(), and also the last find_meaning() if `has_meaning`.
  const T& add(T made, bool has_meaning = true) {
    texts_.add(text_key_, made);
    if (has_meaning) meanings_.add(meaning_, made);
    return set_last(std::move(made));
  }

  // Of the last look.
  [[nodiscard]] const std::string& last_text_key() const { return text_key_; }
  [[nodiscard]] const std::string& last_meaning() const { return meaning_; }

 private:
  struct Known {
    size_t max_bytes;
    size_t bytes = 0;
    std::unordered_map<std::string, T> made = {};

    const T* find(const std::string& key) const {
      const auto place = made.find(key);
      return place == made.end() ? nullptr : &place->second;
    }
    void add(const std::string& key, const T& value) {
      constexpr size_t kEntryBytes = 128;  // beside the key, about
      if (key.size() > max_bytes - std::min(max_bytes, bytes)) {
        made.clear();
        bytes = 0;
      }
      bytes += key.size() + kEntryBytes;
      made.emplace(key, value);
    }
  };

  const T& set_last(T made) {
    last_ = std::move(made);
    has_last_ = true;
    return last_;
  }

  Known texts_;
  Known meanings_;
  // Most files have the schema of the file before.
  std::string last_text_;
  bool has_last_ = false;
  T last_{};
  std::string text_key_;
  std::string meaning_;
};

}  // namespace jetliner
