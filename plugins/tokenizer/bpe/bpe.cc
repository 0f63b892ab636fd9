// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Byte-level byte-pair encoding: GPT-2's, read from its files or learned.
// Source: Sennrich et al., arXiv:1508.07909, section 3.2; over bytes as in
// Radford et al. 2019 (GPT-2), section 2.2.

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/file.h"
#include "archlab/tokenizer.h"
#include "bpe.pb.h"
#include "gpt2_files.h"
#include "merge_learner.h"
#include "merge_table.h"
#include "pre_split.h"

namespace archlab {
namespace {

constexpr char kVocabularyFile[] = "vocab.json";
constexpr char kMergesFile[] = "merges.txt";

}  // namespace

class Bpe final : public Tokenizer {
 public:
  using Config = tokenizer::BpeConfig;

  static absl::StatusOr<std::unique_ptr<Bpe>> Create(
      const Config& config, const BuildContext& context) {
    if (config.vocab_file().empty() != config.merges_file().empty())
      return FieldError(
          {config.vocab_file().empty() ? Config::kMergesFileFieldNumber
                                       : Config::kVocabFileFieldNumber},
          "vocab_file and merges_file belong together; name "
          "both, or neither to learn from the corpus");
    ARCHLAB_ASSIGN_OR_RETURN(
        PreSplitter splitter,
        PreSplitter::Make(config.pre_split() == Config::GPT2
                              ? SplitRule::kGpt2
                              : SplitRule::kCl100k));
    auto bpe = std::unique_ptr<Bpe>(new Bpe(config, std::move(splitter)));
    if (!config.vocab_file().empty()) {
      bpe->vocabulary_path_ = context.ResolvePath(config.vocab_file());
      bpe->merges_path_ = context.ResolvePath(config.merges_file());
    }
    return bpe;
  }

  absl::Status Train(const DocumentSource& documents) override {
    if (!vocabulary_path_.empty()) return ReadFiles();
    WordCounts words;
    absl::Status status;
    ARCHLAB_RETURN_IF_ERROR(
        documents(Split::kTrain, [&](absl::string_view text) {
          const auto count = [&words](absl::string_view word) {
            ++words[word];
          };
          if (status.ok()) status = splitter_.ForEachWord(text, count);
        }));
    ARCHLAB_RETURN_IF_ERROR(status);
    ARCHLAB_ASSIGN_OR_RETURN(
        Merges learned, LearnMerges(words, vocabulary_size_, minimum_count_));
    Take(std::move(learned));
    return absl::OkStatus();
  }

  absl::StatusOr<TokenizerFiles> Save() const override {
    return TokenizerFiles{{kVocabularyFile, WriteVocabulary(merges_)},
                          {kMergesFile, WriteMerges(merges_)}};
  }

  absl::Status Load(const TokenizerFiles& files) override {
    const auto vocabulary = files.find(kVocabularyFile);
    const auto merges = files.find(kMergesFile);
    if (vocabulary == files.end() || merges == files.end())
      return absl::InvalidArgumentError(absl::StrCat(
          "the file ",
          vocabulary == files.end() ? kVocabularyFile : kMergesFile,
          " is missing; restore it, or train the tokenizer again"));
    return Read({kVocabularyFile, vocabulary->second},
                {kMergesFile, merges->second});
  }

  int64_t VocabularySize() const override {
    return static_cast<int64_t>(merges_.tokens.size());
  }

  absl::Status Encode(absl::string_view text,
                      std::vector<int32_t>* ids) const override {
    MergeTable::Scratch scratch;
    return splitter_.ForEachWord(text, [&](absl::string_view word) {
      table_.EncodeWord(word, &scratch, ids);
    });
  }

  std::string Bytes(int32_t id) const override {
    return id >= 0 && id < VocabularySize() ? merges_.tokens[id] : "";
  }

 private:
  Bpe(const Config& config, PreSplitter splitter)
      : vocabulary_size_(config.vocabulary_size()),
        minimum_count_(config.minimum_count()),
        splitter_(std::move(splitter)) {}

  void Take(Merges merges) {
    merges_ = std::move(merges);
    table_ = MergeTable(merges_);
  }

  absl::Status Read(const NamedText& vocabulary, const NamedText& merges) {
    ARCHLAB_ASSIGN_OR_RETURN(Merges read, ReadGpt2Files(vocabulary, merges));
    Take(std::move(read));
    return absl::OkStatus();
  }

  absl::Status ReadFiles() {
    ARCHLAB_ASSIGN_OR_RETURN(const std::string vocabulary,
                             ReadFile(vocabulary_path_));
    ARCHLAB_ASSIGN_OR_RETURN(const std::string merges, ReadFile(merges_path_));
    return Read({vocabulary_path_, vocabulary}, {merges_path_, merges});
  }

  const int64_t vocabulary_size_;  // to learn
  const int64_t minimum_count_;    // of a pair that is merged
  const PreSplitter splitter_;
  std::string vocabulary_path_, merges_path_;  // empty: learn
  Merges merges_ = Merges::Bytes();
  MergeTable table_{merges_};
};

ARCHLAB_PLUGIN(Bpe)

}  // namespace archlab
