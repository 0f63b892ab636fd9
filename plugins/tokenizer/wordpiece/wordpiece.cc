// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// WordPiece: BERT's, read from its vocab.txt or learned.
// Source: Devlin et al., arXiv:1810.04805, section 3, with the code of
// github.com/google-research/bert, tokenization.py.

#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "archlab/file.h"
#include "archlab/tokenizer.h"
#include "archlab/utf8.h"
#include "piece_learner.h"
#include "pieces.h"
#include "word_split.h"
#include "wordpiece.pb.h"

namespace archlab {
namespace {

constexpr char kVocabularyFile[] = "vocab.txt";
// Words up to this long are worth remembering within a text.
constexpr size_t kLongestKnownWord = 64;  // bytes
constexpr size_t kMostKnownWords = 1 << 20;

}  // namespace

class Wordpiece final : public Tokenizer {
 public:
  using Config = tokenizer::WordpieceConfig;

  Wordpiece(const Config& config, const BuildContext& context)
      : limits_{config.vocabulary_size(), config.minimum_count(),
                config.alphabet_size()},
        max_word_characters_(config.max_word_characters()),
        splitter_(config.lower_case()) {
    if (!config.vocab_file().empty())
      path_ = context.ResolvePath(config.vocab_file());
  }

  absl::Status Train(const DocumentSource& documents) override {
    if (!path_.empty()) {
      ARCHLAB_ASSIGN_OR_RETURN(const std::string text, ReadFile(path_));
      return Read(path_, text);
    }
    WordCounts words;
    absl::Status status;
    const auto count = [&](absl::string_view word) {
      if (CountCodePoints(word) <= max_word_characters_) ++words[word];
    };
    ARCHLAB_RETURN_IF_ERROR(
        documents(Split::kTrain, [&](absl::string_view text) {
          if (status.ok()) status = splitter_.ForEachWord(text, count);
        }));
    ARCHLAB_RETURN_IF_ERROR(status);
    if (words.empty())
      return absl::InvalidArgumentError(
          "the training part has no words to learn pieces from; give "
          "data.dataset a text, or name a vocabulary in vocab_file");
    ARCHLAB_ASSIGN_OR_RETURN(std::vector<std::string> pieces,
                             LearnPieces(words, limits_));
    pieces_ = Pieces(std::move(pieces));
    return absl::OkStatus();
  }

  absl::StatusOr<TokenizerFiles> Save() const override {
    return TokenizerFiles{{kVocabularyFile, pieces_.Write()}};
  }

  absl::Status Load(const TokenizerFiles& files) override {
    const auto found = files.find(kVocabularyFile);
    if (found == files.end())
      return absl::InvalidArgumentError(
          "the file vocab.txt is missing; restore it, or train the tokenizer "
          "again");
    return Read(kVocabularyFile, found->second);
  }

  int64_t VocabularySize() const override { return pieces_.size(); }

  int32_t SpecialId(absl::string_view name) const override {
    return pieces_.SpecialId(name);
  }

  absl::Status Encode(absl::string_view text,
                      std::vector<int32_t>* ids) const override {
    // Where in `ids` a word has been encoded already: place and length.
    absl::flat_hash_map<std::string, std::pair<size_t, size_t>> known;
    return splitter_.ForEachWord(text, [&](absl::string_view word) {
      const auto found = known.find(word);
      if (found != known.end()) {
        const auto [begin, count] = found->second;
        for (size_t i = begin; i < begin + count; ++i)
          ids->push_back(int32_t{(*ids)[i]});
        return;
      }
      const size_t begin = ids->size();
      pieces_.EncodeWord(word, max_word_characters_, ids);
      if (word.size() <= kLongestKnownWord && known.size() < kMostKnownWords)
        known.emplace(word, std::make_pair(begin, ids->size() - begin));
    });
  }

  std::string Bytes(int32_t id) const override { return pieces_.Bytes(id); }

 private:
  absl::Status Read(absl::string_view name, absl::string_view text) {
    ARCHLAB_ASSIGN_OR_RETURN(pieces_, Pieces::Read(name, text));
    return absl::OkStatus();
  }

  const LearnLimits limits_;
  const int64_t max_word_characters_;
  const WordSplitter splitter_;
  std::string path_;  // empty: learn
  Pieces pieces_{{kUnknownPiece}};
};

ARCHLAB_PLUGIN(Wordpiece)

}  // namespace archlab
