// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Pieces: a WordPiece vocabulary, BERT's vocab.txt, and the cut of a word.

#ifndef ARCHLAB_TOKENIZER_WORDPIECE_PIECES_H_
#define ARCHLAB_TOKENIZER_WORDPIECE_PIECES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace archlab {

// The piece for words that cannot be cut; every vocabulary has it.
inline constexpr char kUnknownPiece[] = "[UNK]";
// What it reads as: U+2370, a question mark in a box. U+FFFD would not do,
// since it is dropped when such a text is encoded again.
inline constexpr char kUnknownText[] = "\xE2\x8D\xB0";
// Before a piece that continues a word.
inline constexpr char kContinued[] = "##";

class Pieces {
 public:
  // In the order of their ids, each once and as in vocab.txt, [UNK] among them.
  explicit Pieces(std::vector<std::string> pieces);
  // vocab.txt; `name` is what messages call it.
  static absl::StatusOr<Pieces> Read(absl::string_view name,
                                     absl::string_view text);
  std::string Write() const;

  int64_t size() const { return static_cast<int64_t>(pieces_.size()); }

  // Appends the ids of a word: the longest piece that begins it, then the
  // longest that continues it, and so on; [UNK] when that leads nowhere or the
  // word has more than `max_characters`.
  void EncodeWord(absl::string_view word, int64_t max_characters,
                  std::vector<int32_t>* ids) const;

  // " piece" for the first of a word, "piece" for "##piece", " \u2370" for
  // [UNK], "" for other pieces in square brackets and ids out of range.
  std::string Bytes(int32_t id) const;

  // The id of a piece in square brackets other than [UNK], or -1.
  int32_t SpecialId(absl::string_view piece) const;

 private:
  using Ids = absl::flat_hash_map<std::string, int32_t>;

  std::vector<std::string> pieces_;
  Ids first_, continued_;  // without ##
  Ids special_;            // in square brackets, without [UNK]
  size_t longest_ = 0;     // of first_ and continued_, bytes
  int32_t unknown_ = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_TOKENIZER_WORDPIECE_PIECES_H_
