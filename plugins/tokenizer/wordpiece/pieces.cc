// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The vocabulary and the greedy cut. Source: github.com/google-research/bert,
// tokenization.py, load_vocab and WordpieceTokenizer.

#include "pieces.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "archlab/utf8.h"

namespace archlab {
namespace {

bool IsSpecial(absl::string_view piece) {
  return piece.size() > 2 && piece.front() == '[' && piece.back() == ']';
}

bool IsContinued(absl::string_view piece) {
  return piece.size() > 2 && absl::StartsWith(piece, kContinued);
}

bool IsWithinCharacter(absl::string_view text, size_t at) {
  return at < text.size() && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80;
}

absl::Status Damaged(absl::string_view name, size_t line,
                     absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(name, ":", line, ": ", what,
                   "; the file should hold one piece a line, as BERT's "
                   "vocab.txt: fetch or write it again"));
}

}  // namespace

Pieces::Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {
  for (int32_t id = 0; id < static_cast<int32_t>(pieces_.size()); ++id) {
    const absl::string_view piece = pieces_[id];
    if (piece == kUnknownPiece) {
      unknown_ = id;
      continue;
    }
    if (IsSpecial(piece)) {
      special_.emplace(piece, id);
      continue;
    }
    const absl::string_view text = IsContinued(piece) ? piece.substr(2) : piece;
    (IsContinued(piece) ? continued_ : first_).emplace(text, id);
    longest_ = std::max(longest_, text.size());
  }
}

absl::StatusOr<Pieces> Pieces::Read(absl::string_view name,
                                    absl::string_view text) {
  if (text.empty()) return Damaged(name, 1, "the file is empty");
  std::vector<std::string> pieces;
  absl::flat_hash_map<absl::string_view, size_t> line_of;
  while (!text.empty()) {
    const size_t line = pieces.size() + 1;
    const size_t end = text.find('\n');
    if (end == absl::string_view::npos)
      return Damaged(name, line, "the last line has no end: it is cut off");
    const absl::string_view piece =
        absl::StripSuffix(text.substr(0, end), "\r");
    text.remove_prefix(end + 1);
    if (piece.empty()) return Damaged(name, line, "there is no piece");
    if (FindInvalidUtf8(piece) >= 0)
      return Damaged(name, line, "the piece is not UTF-8");
    const auto [found, is_new] = line_of.emplace(piece, line);
    if (!is_new)
      return Damaged(
          name, line,
          absl::StrCat("the piece is the one of line ", found->second));
    pieces.emplace_back(piece);
  }
  if (!line_of.contains(kUnknownPiece))
    return Damaged(name, pieces.size(),
                   absl::StrCat("none of the pieces is ", kUnknownPiece));
  return Pieces(std::move(pieces));
}

std::string Pieces::Write() const {
  std::string text;
  for (const std::string& piece : pieces_) absl::StrAppend(&text, piece, "\n");
  return text;
}

void Pieces::EncodeWord(absl::string_view word, int64_t max_characters,
                        std::vector<int32_t>* ids) const {
  const size_t before = ids->size();
  bool known = static_cast<int64_t>(word.size()) <= max_characters ||
               CountCodePoints(word) <= max_characters;
  for (size_t begin = 0; known && begin < word.size();) {
    const Ids& pieces = begin == 0 ? first_ : continued_;
    size_t end = std::min(word.size(), begin + longest_);
    auto found = pieces.end();
    for (; end > begin && found == pieces.end(); --end)
      if (!IsWithinCharacter(word, end))
        found = pieces.find(word.substr(begin, end - begin));
    known = found != pieces.end();
    if (known) {
      ids->push_back(found->second);
      begin += found->first.size();
    }
  }
  if (known) return;
  ids->resize(before);
  ids->push_back(unknown_);
}

std::string Pieces::Bytes(int32_t id) const {
  if (id < 0 || id >= size()) return "";
  const std::string& piece = pieces_[id];
  if (id == unknown_) return absl::StrCat(" ", kUnknownText);
  if (IsSpecial(piece)) return "";
  return IsContinued(piece) ? piece.substr(2) : absl::StrCat(" ", piece);
}

int32_t Pieces::SpecialId(absl::string_view piece) const {
  const auto found = special_.find(piece);
  return found == special_.end() ? -1 : found->second;
}

}  // namespace archlab
