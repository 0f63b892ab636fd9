// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Characters as tokens: ids number the distinct code points of the corpus in
// ascending order. The method is the one of nanoGPT's character-level data.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/tokenizer.h"
#include "archlab/utf8.h"
#include "char.pb.h"
#include "nlohmann/json.hpp"

namespace archlab {
namespace {

constexpr char kFile[] = "characters.json";
constexpr char32_t kCodePoints = 0x110000;

// "'é' (U+00E9)"; characters that a terminal may not show: only the number.
std::string NameOf(char32_t value) {
  std::string number = absl::StrFormat("U+%04X", static_cast<uint32_t>(value));
  if (value < 0x21 || (value >= 0x7F && value < 0xA1)) return number;
  std::string text;
  AppendCodePoint(value, &text);
  return absl::StrCat("'", text, "' (", number, ")");
}

absl::Status NotUtf8(absl::string_view text, size_t offset) {
  return absl::InvalidArgumentError(absl::StrFormat(
      "byte %d (%s), 0x%02X, is not UTF-8; convert the text to UTF-8 or use "
      "[tokenizer/byte] or [tokenizer/bpe]",
      offset, DescribePlace(text, offset), static_cast<uint8_t>(text[offset])));
}

// Marks the characters of `text` in `seen`.
absl::Status Collect(absl::string_view text, std::vector<bool>* seen) {
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeCodePoint(text, i);
    if (point.state != CodePoint::kValid) return NotUtf8(text, i);
    (*seen)[point.value] = true;
    i += point.bytes;
  }
  return absl::OkStatus();
}

absl::Status BadFile(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      kFile, ": ", what,
      "; it should hold {\"characters\": [...]}, one-character strings in "
      "ascending order: restore it or train the tokenizer again"));
}

}  // namespace

class CharTokenizer final : public Tokenizer {
 public:
  using Config = tokenizer::CharConfig;
  CharTokenizer(const Config& config, const BuildContext&)
      : all_(config.vocabulary_from() == Config::ALL),
        replace_(config.unknown() == Config::REPLACE) {}

  absl::Status Train(const DocumentSource& documents) override {
    std::vector<bool> seen(kCodePoints);
    absl::Status status;
    const auto visit = [&](absl::string_view text) {
      if (status.ok()) status = Collect(text, &seen);
    };
    ARCHLAB_RETURN_IF_ERROR(documents(Split::kTrain, visit));
    if (all_) ARCHLAB_RETURN_IF_ERROR(documents(Split::kValidation, visit));
    ARCHLAB_RETURN_IF_ERROR(status);
    std::vector<char32_t> characters;
    for (char32_t value = 0; value < kCodePoints; ++value)
      if (seen[value]) characters.push_back(value);
    if (characters.empty() && !replace_)
      return absl::InvalidArgumentError(
          "the text has no characters, so there is nothing to make a "
          "vocabulary of; give data.dataset a text");
    Take(std::move(characters));
    return absl::OkStatus();
  }

  absl::StatusOr<TokenizerFiles> Save() const override {
    nlohmann::json list = nlohmann::json::array();
    for (const char32_t value : characters_) {
      std::string text;
      AppendCodePoint(value, &text);
      list.push_back(text);
    }
    nlohmann::json file = nlohmann::json::object();
    file["characters"] = std::move(list);
    return TokenizerFiles{{kFile, file.dump() + "\n"}};
  }

  absl::Status Load(const TokenizerFiles& files) override {
    const auto found = files.find(kFile);
    if (found == files.end()) return BadFile("the file is missing");
    const nlohmann::json file =
        nlohmann::json::parse(found->second, nullptr, false);
    if (file.is_discarded()) return BadFile("it is not JSON, or is cut off");
    const auto list = file.find("characters");
    if (list == file.end() || !list->is_array())
      return BadFile("the list 'characters' is missing");
    std::vector<char32_t> characters;
    for (const nlohmann::json& entry : *list) {
      const std::string* text = entry.get_ptr<const std::string*>();
      const CodePoint point = text != nullptr && !text->empty()
                                  ? DecodeCodePoint(*text, 0)
                                  : CodePoint();
      if (point.state != CodePoint::kValid ||
          point.bytes != static_cast<int>(text->size()) ||
          (!characters.empty() && characters.back() >= point.value))
        return BadFile(absl::StrCat("entry ", characters.size(),
                                    " of 'characters' is wrong"));
      characters.push_back(point.value);
    }
    Take(std::move(characters));
    return absl::OkStatus();
  }

  int64_t VocabularySize() const override {
    return static_cast<int64_t>(characters_.size()) + (replace_ ? 1 : 0);
  }

  absl::Status Encode(absl::string_view text,
                      std::vector<int32_t>* ids) const override {
    for (size_t i = 0; i < text.size();) {
      const CodePoint point = DecodeCodePoint(text, i);
      if (point.state != CodePoint::kValid) return NotUtf8(text, i);
      const int32_t id = point.value < id_of_.size() ? id_of_[point.value] : -1;
      if (id < 0 && !replace_) return Unknown(text, i, point.value);
      ids->push_back(id >= 0 ? id : static_cast<int32_t>(characters_.size()));
      i += point.bytes;
    }
    return absl::OkStatus();
  }

  std::string Bytes(int32_t id) const override {
    std::string text;
    if (id < 0 || id >= VocabularySize()) return text;
    const bool known = static_cast<size_t>(id) < characters_.size();
    AppendCodePoint(known ? characters_[id] : 0xFFFD, &text);
    return text;
  }

 private:
  void Take(std::vector<char32_t> characters) {
    characters_ = std::move(characters);
    id_of_.assign(characters_.empty() ? 0 : characters_.back() + 1, -1);
    for (size_t id = 0; id < characters_.size(); ++id)
      id_of_[characters_[id]] = static_cast<int32_t>(id);
  }

  absl::Status Unknown(absl::string_view text, size_t offset,
                       char32_t value) const {
    return absl::InvalidArgumentError(absl::StrCat(
        "the character ", NameOf(value), " at byte ", offset, " (",
        DescribePlace(text, offset), ") is not among the ", characters_.size(),
        " characters of the vocabulary; leave it out, set unknown: REPLACE in "
        "[tokenizer/char], or train on text that has it"));
  }

  const bool all_;      // characters come from both parts of the corpus
  const bool replace_;  // unknown characters have an id of their own
  std::vector<char32_t> characters_;  // [V] ascending
  std::vector<int32_t> id_of_;        // by code point; -1: none
};

ARCHLAB_PLUGIN(CharTokenizer)

}  // namespace archlab
