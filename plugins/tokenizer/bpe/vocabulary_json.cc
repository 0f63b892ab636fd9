// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reading vocab.json, without a tree of it in memory.

#include "vocabulary_json.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace archlab {
namespace {

// Receives the JSON of vocab.json: one flat object, strings to ids.
class VocabularyReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<std::pair<std::string, int64_t>> entries;
  std::string error;
  size_t error_at = 0;  // byte; 0: unknown

  bool start_object(std::size_t) override {
    return ++depth_ == 1 || Refuse("an object as the id");
  }
  bool key(string_t& text) override {
    entries.emplace_back(std::move(text), -1);
    return true;
  }
  bool number_unsigned(number_unsigned_t id) override {
    if (depth_ != 1) return Refuse("a number instead of an object");
    if (id > 0x7FFFFFFF) return Refuse("too large an id");
    entries.back().second = static_cast<int64_t>(id);
    return true;
  }
  bool end_object() override { return true; }
  bool null() override { return Refuse("null as the id"); }
  bool boolean(bool) override { return Refuse("a truth value as the id"); }
  bool number_integer(number_integer_t) override {
    return Refuse("a negative id");
  }
  bool number_float(number_float_t, const string_t&) override {
    return Refuse("a fraction as the id");
  }
  bool string(string_t&) override { return Refuse("a string as the id"); }
  bool binary(binary_t&) override { return Refuse("bytes as the id"); }
  bool start_array(std::size_t) override { return Refuse("a list as the id"); }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    error = "not JSON from here on, or cut off here";
    error_at = position;
    return false;
  }

 private:
  bool Refuse(absl::string_view what) {
    error =
        entries.empty() || depth_ == 0
            ? std::string("not a JSON object of tokens and ids")
            : absl::StrCat(what, " of token ", Quoted(entries.back().first));
    return false;
  }
  int depth_ = 0;
};

int64_t LineOf(absl::string_view text, size_t at) {
  return 1 + std::count(text.begin(), text.begin() + std::min(at, text.size()),
                        '\n');
}

// Puts the entries of vocab.json in the order of their ids.
absl::StatusOr<std::vector<std::string>> TokensInOrder(
    const NamedText& file, VocabularyReader* reader) {
  const int64_t count = static_cast<int64_t>(reader->entries.size());
  std::vector<std::string> tokens(count);
  std::vector<bool> seen(count);
  for (auto& [token, id] : reader->entries) {
    if (id < 0 || id >= count || seen[id])
      return Damaged(
          file, LineOfToken(file, token),
          absl::StrCat("the ids of ", count, " tokens must be 0 to ", count - 1,
                       ", each once, but ", Quoted(token), " has ", id));
    seen[id] = true;
    tokens[id] = std::move(token);
  }
  return tokens;
}

}  // namespace

int64_t LineOfToken(const NamedText& file, absl::string_view token) {
  const size_t at = file.text.find(absl::StrCat("\"", token, "\""));
  return at == absl::string_view::npos ? 1 : LineOf(file.text, at);
}

absl::StatusOr<std::vector<std::string>> ReadVocabulary(const NamedText& file) {
  VocabularyReader reader;
  if (!nlohmann::json::sax_parse(file.text.begin(), file.text.end(), &reader)) {
    const int64_t line = reader.error_at > 0
                             ? LineOf(file.text, reader.error_at - 1)
                         : reader.entries.empty()
                             ? 1
                             : LineOfToken(file, reader.entries.back().first);
    return Damaged(file, line, reader.error);
  }
  if (reader.entries.empty()) return Damaged(file, 1, "there are no tokens");
  return TokensInOrder(file, &reader);
}

}  // namespace archlab
