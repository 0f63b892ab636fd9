// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Reading and writing vocab.json and merges.txt.

#include "gpt2_files.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/status.h"
#include "byte_letters.h"
#include "nlohmann/json.hpp"
#include "vocabulary_json.h"

namespace archlab {
namespace {

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
    return Damaged(
        file, number,
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
      return Damaged(file, number,
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
      return Damaged(vocabulary, 1,
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
      return Damaged(
          vocabulary, LineOfToken(vocabulary, letters[id]),
          absl::StrCat("the token ", Quoted(letters[id]), " is there twice"));
    std::string bytes;
    if (!FromLetters(letters[id], &bytes))
      return Damaged(vocabulary, LineOfToken(vocabulary, letters[id]),
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
