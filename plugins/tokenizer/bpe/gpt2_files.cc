// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reading and writing vocab.json and merges.txt.

#include "gpt2_files.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/status.h"
#include "archlab/utf8.h"
#include "byte_letters.h"
#include "nlohmann/json.hpp"

namespace archlab {
namespace {

constexpr absl::string_view kRemedy =
    "; the file is damaged or is not of a GPT-2 tokenizer: fetch or write it "
    "again";

// "vocab.json:3: WHAT; REMEDY".
absl::Status Bad(const NamedText& file, int64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(file.name, ":", line, ": ", what, kRemedy));
}

// Part of a file for a message: short, and UTF-8 whatever it holds.
std::string Quoted(absl::string_view text) {
  std::string shown = "'";
  for (size_t i = 0; i < text.size() && shown.size() < 60;) {
    const CodePoint point = DecodeCodePoint(text, i);
    const bool valid = point.state == CodePoint::kValid && point.value >= 0x20;
    AppendCodePoint(valid ? point.value : 0xFFFD, &shown);
    i += valid ? point.bytes : 1;
    if (shown.size() >= 60 && i < text.size()) shown += "...";
  }
  return shown + "'";
}

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

// The line of a token of vocab.json, as far as it stands there unescaped.
int64_t LineOfToken(const NamedText& file, absl::string_view token) {
  const size_t at = file.text.find(absl::StrCat("\"", token, "\""));
  return at == absl::string_view::npos ? 1 : LineOf(file.text, at);
}

// Puts the entries of vocab.json in the order of their ids.
absl::StatusOr<std::vector<std::string>> TokensInOrder(
    const NamedText& file, VocabularyReader* reader) {
  const int64_t count = static_cast<int64_t>(reader->entries.size());
  std::vector<std::string> tokens(count);
  std::vector<bool> seen(count);
  for (auto& [token, id] : reader->entries) {
    if (id < 0 || id >= count || seen[id])
      return Bad(
          file, LineOfToken(file, token),
          absl::StrCat("the ids of ", count, " tokens must be 0 to ", count - 1,
                       ", each once, but ", Quoted(token), " has ", id));
    seen[id] = true;
    tokens[id] = std::move(token);
  }
  return tokens;
}

absl::StatusOr<std::vector<std::string>> ReadVocabulary(const NamedText& file) {
  VocabularyReader reader;
  if (!nlohmann::json::sax_parse(file.text.begin(), file.text.end(), &reader)) {
    const int64_t line = reader.error_at > 0
                             ? LineOf(file.text, reader.error_at - 1)
                         : reader.entries.empty()
                             ? 1
                             : LineOfToken(file, reader.entries.back().first);
    return Bad(file, line, reader.error);
  }
  if (reader.entries.empty()) return Bad(file, 1, "there are no tokens");
  return TokensInOrder(file, &reader);
}

// Ids by the letters of the token.
using Index = absl::flat_hash_map<absl::string_view, int32_t>;

// Adds the merge of one line.
absl::Status ReadMerge(const NamedText& file, int64_t number,
                       absl::string_view line, const Index& index,
                       Merges* merges) {
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos || space == 0 ||
      space + 1 == line.size() ||
      line.find(' ', space + 1) != absl::string_view::npos)
    return Bad(file, number,
               absl::StrCat("two tokens with a space between are expected, but "
                            "there is ",
                            Quoted(line)));
  const absl::string_view left = line.substr(0, space);
  const absl::string_view right = line.substr(space + 1);
  const std::string result = absl::StrCat(left, right);
  int32_t ids[3];
  int i = 0;
  for (const absl::string_view token :
       {left, right, absl::string_view(result)}) {
    const auto found = index.find(token);
    if (found == index.end())
      return Bad(file, number,
                 absl::StrCat("the token ", Quoted(token),
                              " is not in the vocabulary"));
    ids[i++] = found->second;
  }
  merges->merges.push_back({ids[0], ids[1], ids[2]});
  return absl::OkStatus();
}

absl::Status ReadMerges(const NamedText& file, const Index& index,
                        Merges* merges) {
  absl::string_view rest = file.text;
  for (int64_t number = 1; !rest.empty(); ++number) {
    const size_t newline = rest.find('\n');
    absl::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == absl::string_view::npos ? rest.size()
                                                          : newline + 1);
    if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
    if (line.empty() || (number == 1 && absl::StartsWith(line, "#version")))
      continue;
    ARCHLAB_RETURN_IF_ERROR(ReadMerge(file, number, line, index, merges));
  }
  return absl::OkStatus();
}

bool LooksSpecial(absl::string_view token) {
  return (absl::StartsWith(token, "<") && absl::EndsWith(token, ">")) ||
         (absl::StartsWith(token, "[") && absl::EndsWith(token, "]"));
}

// Every byte has an id, and every longer token is made by a merge: a file that
// was cut off between two lines is noticed here.
absl::Status CheckComplete(const NamedText& vocabulary, const NamedText& file,
                           const std::vector<std::string>& letters,
                           const Index& index, Merges* merges) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto found =
        index.find(ToLetters(std::string(1, static_cast<char>(byte))));
    if (found == index.end())
      return Bad(vocabulary, 1,
                 absl::StrFormat("the byte 0x%02X has no token", byte));
    merges->byte_id[byte] = found->second;
  }
  std::vector<bool> made(letters.size());
  for (const int32_t id : merges->byte_id) made[id] = true;
  for (const Merge& merge : merges->merges) made[merge.result] = true;
  for (size_t id = 0; id < letters.size(); ++id)
    if (!made[id] && !LooksSpecial(letters[id]))
      return absl::InvalidArgumentError(absl::StrCat(
          file.name, ": none of the ", merges->merges.size(),
          " merges makes the token ", Quoted(letters[id]), " (id ", id, " of ",
          vocabulary.name,
          "); the file is cut off, or the two do not belong together: fetch or "
          "write both again"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Merges> ReadGpt2Files(const NamedText& vocabulary,
                                     const NamedText& merges_file) {
  ARCHLAB_ASSIGN_OR_RETURN(const std::vector<std::string> letters,
                           ReadVocabulary(vocabulary));
  Merges merges;
  Index index;
  index.reserve(letters.size());
  for (size_t id = 0; id < letters.size(); ++id) {
    if (!index.try_emplace(letters[id], static_cast<int32_t>(id)).second)
      return Bad(
          vocabulary, LineOfToken(vocabulary, letters[id]),
          absl::StrCat("the token ", Quoted(letters[id]), " is there twice"));
    std::string bytes;
    if (!FromLetters(letters[id], &bytes))
      return Bad(vocabulary, LineOfToken(vocabulary, letters[id]),
                 absl::StrCat("the token ", Quoted(letters[id]),
                              " has a character that stands for no byte"));
    merges.tokens.push_back(std::move(bytes));
  }
  ARCHLAB_RETURN_IF_ERROR(ReadMerges(merges_file, index, &merges));
  ARCHLAB_RETURN_IF_ERROR(
      CheckComplete(vocabulary, merges_file, letters, index, &merges));
  return merges;
}

std::string WriteVocabulary(const Merges& merges) {
  std::string text = "{";
  for (size_t id = 0; id < merges.tokens.size(); ++id)
    absl::StrAppend(
        &text, id > 0 ? ", " : "",
        nlohmann::json(ToLetters(merges.tokens[id])).dump(-1, ' ', true), ": ",
        id);
  return text + "}";
}

std::string WriteMerges(const Merges& merges) {
  std::string text = "#version: 0.2\n";
  for (const Merge& merge : merges.merges)
    absl::StrAppend(&text, ToLetters(merges.tokens[merge.left]), " ",
                    ToLetters(merges.tokens[merge.right]), "\n");
  return text;
}

}  // namespace archlab
