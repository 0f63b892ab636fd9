// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Corpus: where windows are, that each target comes once, and what is refused.

#include "data/corpus.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;

class Texts : public Dataset {
 public:
  Texts(std::vector<std::string> train, std::vector<std::string> validation)
      : train_(std::move(train)), validation_(std::move(validation)) {}
  int64_t Size(Split split) const override {
    return static_cast<int64_t>(Part(split).size());
  }
  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    Document document;
    document.text = Part(split)[index];
    if (document.text == "unreadable")
      return absl::DataLossError("cannot read it");
    return document;
  }

 private:
  const std::vector<std::string>& Part(Split split) const {
    return split == Split::kTrain ? train_ : validation_;
  }
  const std::vector<std::string> train_, validation_;
};

// The id is the byte; '!' is refused.
class ByteIds : public Tokenizer {
 public:
  absl::Status Train(const DocumentSource&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<TokenizerFiles> Save() const override {
    return TokenizerFiles();
  }
  absl::Status Load(const TokenizerFiles&) override { return absl::OkStatus(); }
  int64_t VocabularySize() const override { return 256; }
  absl::Status Encode(absl::string_view text,
                      std::vector<int32_t>* ids) const override {
    for (const char c : text) {
      if (c == '!') return absl::InvalidArgumentError("no '!' please");
      ids->push_back(static_cast<uint8_t>(c));
    }
    return absl::OkStatus();
  }
  std::string Bytes(int32_t id) const override {
    return std::string(1, static_cast<char>(id));
  }
};

class NextToken : public Objective {
 public:
  int64_t RecordTokens(int64_t tokens) const override { return tokens + 1; }
  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput&,
                              Random) const override {
    Sample sample;
    sample.ids.assign(record.ids.begin(), record.ids.end() - 1);
    sample.targets.assign(record.ids.begin() + 1, record.ids.end());
    return sample;
  }
};

// Predicts each token from a window of its own, with random weights.
class Same : public Objective {
 public:
  int64_t RecordTokens(int64_t tokens) const override { return tokens; }
  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput&,
                              Random random) const override {
    Sample sample;
    sample.ids = sample.targets = record.ids;
    for (size_t i = 0; i < record.ids.size(); ++i)
      sample.weights.push_back(static_cast<float>(random.Below(2)));
    return sample;
  }
};

std::string Numbered(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text.push_back(static_cast<char>('0' + i));
  return text;
}

absl::StatusOr<std::unique_ptr<Corpus>> TryMake(const Dataset& dataset,
                                                const Objective& objective,
                                                int64_t tokens) {
  const ByteIds tokenizer;
  const auto vocabulary = Vocabulary::Make(&tokenizer, {}, objective);
  return Corpus::Make({&dataset, &tokenizer, &objective, &*vocabulary, tokens});
}

// A corpus of a dataset that must be fine.
std::unique_ptr<Corpus> Make(const Dataset& dataset, const Objective& objective,
                             int64_t tokens) {
  auto corpus = TryMake(dataset, objective, tokens);
  EXPECT_TRUE(corpus.ok()) << corpus.status();
  return std::move(corpus).value();
}

std::string Error(const Dataset& dataset, int64_t tokens) {
  static const NextToken objective;
  return std::string(TryMake(dataset, objective, tokens).status().message());
}

std::vector<double> Row(const Tensor& tensor, int64_t row) {
  return tensor.Rows(row, 1).ToVector();
}

TEST(CorpusTest, CountsBothParts) {
  const NextToken objective;
  const auto corpus =
      Make(Texts({"ab", "", "c\xC3\xA9"}, {"xyz"}), objective, 2);
  const TokenStream& train = corpus->stream(Split::kTrain);
  EXPECT_EQ(train.documents, 3);
  EXPECT_EQ(train.bytes, 5);
  EXPECT_EQ(train.characters, 4);
  EXPECT_EQ(train.ids, (std::vector<int32_t>{'a', 'b', 'c', 0xC3, 0xA9}));
  EXPECT_EQ(corpus->stream(Split::kValidation).ids.size(), 3u);
}

TEST(CorpusTest, HashDependsOnTokensAndOnTheSplit) {
  const NextToken objective;
  const std::string hash = Make(Texts({"abcd"}, {"xyz"}), objective, 2)->hash();
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_EQ(Make(Texts({"ab", "cd"}, {"xyz"}), objective, 3)->hash(), hash);
  EXPECT_NE(Make(Texts({"abce"}, {"xyz"}), objective, 2)->hash(), hash);
  EXPECT_NE(Make(Texts({"abc"}, {"dxyz"}), objective, 2)->hash(), hash);
}

TEST(CorpusTest, SampleDependsOnSeedAndIndexOnly) {
  const NextToken objective;
  const auto corpus = Make(Texts({Numbered(200)}, {"xyz"}), objective, 8);
  const Batch whole = corpus->TrainingBatch(7, 100, 12).value();
  EXPECT_EQ(whole.ids.shape(), Shape({12, 8}));
  EXPECT_EQ(whole.tokens, 12 * 8);
  for (const int64_t rows : {1, 3, 4}) {
    for (int64_t first = 0; first < 12; first += rows) {
      const Batch part = corpus->TrainingBatch(7, 100 + first, rows).value();
      EXPECT_EQ(part.first_sample, 100 + first);
      for (int64_t row = 0; row < rows; ++row) {
        EXPECT_EQ(Row(part.ids, row), Row(whole.ids, first + row));
        EXPECT_EQ(Row(part.targets, row), Row(whole.targets, first + row));
      }
    }
  }
  EXPECT_NE(corpus->TrainingBatch(8, 100, 12).value().ids.ToVector(),
            whole.ids.ToVector());
}

TEST(CorpusTest, WindowsAreUniformOverAllPlaces) {
  const NextToken objective;
  const auto corpus = Make(Texts({Numbered(12)}, {"xyz"}), objective, 4);
  std::map<int, int> begins;
  constexpr int kSamples = 8000;
  const Batch batch = corpus->TrainingBatch(3, 0, kSamples).value();
  for (int64_t row = 0; row < kSamples; ++row) {
    const int begin = static_cast<int>(batch.ids.At(row * 4)) - '0';
    ++begins[begin];
    for (int t = 0; t < 4; ++t) {
      ASSERT_EQ(batch.ids.At(row * 4 + t), '0' + begin + t);
      ASSERT_EQ(batch.targets.At(row * 4 + t), '0' + begin + t + 1);
    }
  }
  // 12 - 5 + 1 places, 1000 expected in each, standard deviation 30.
  ASSERT_EQ(begins.size(), 8u);
  EXPECT_EQ(begins.begin()->first, 0);
  for (const auto& [begin, count] : begins) EXPECT_NEAR(count, 1000, 150);
}

TEST(CorpusTest, EveryValidationTargetComesOnce) {
  const NextToken objective;
  for (int length = 2; length <= 23; ++length) {
    const auto corpus =
        Make(Texts({Numbered(40)}, {Numbered(length)}), objective, 5);
    const int64_t samples = corpus->ValidationSamples();
    EXPECT_EQ(samples, (length - 1 + 4) / 5);
    std::vector<double> targets;
    for (int64_t first = 0; first < samples; first += 2) {
      const Batch batch = corpus->ValidationBatch(first, 2).value();
      EXPECT_EQ(batch.ids.dim(0), std::min<int64_t>(2, samples - first));
      for (int64_t i = 0; i < batch.targets.size(); ++i)
        if (batch.weights.At(i) > 0) targets.push_back(batch.targets.At(i));
    }
    std::vector<double> expected;
    for (int i = 1; i < length; ++i) expected.push_back('0' + i);
    EXPECT_EQ(targets, expected) << length << " tokens";
  }
}

// The length of tiny Shakespeare's validation part, and nanoGPT's sequence.
TEST(CorpusTest, ALongValidationPartIsCoveredInBatches) {
  const NextToken objective;
  const auto corpus =
      Make(Texts({Numbered(70)}, {std::string(111540, 'x')}), objective, 64);
  EXPECT_EQ(corpus->ValidationSamples(), 1743);
  int64_t targets = 0;
  for (int64_t first = 0; first < corpus->ValidationSamples(); first += 100)
    targets += corpus->ValidationBatch(first, 100).value().tokens;
  EXPECT_EQ(targets, 111539);
}

TEST(CorpusTest, TheLastWindowIsPadded) {
  const NextToken objective;
  const auto corpus = Make(Texts({"abcdef"}, {Numbered(8)}), objective, 4);
  const Batch batch = corpus->ValidationBatch(0, 9).value();
  EXPECT_EQ(Row(batch.ids, 1), (std::vector<double>{'4', '5', '6', 0}));
  EXPECT_EQ(Row(batch.segments, 0), (std::vector<double>{0, 0, 0, 0}));
  EXPECT_EQ(Row(batch.segments, 1), (std::vector<double>{0, 0, 0, -1}));
  EXPECT_EQ(Row(batch.weights, 1), (std::vector<double>{1, 1, 1, 0}));
  EXPECT_EQ(batch.tokens, 7);
}

TEST(CorpusTest, ObjectivesWithoutAShift) {
  const Same objective;
  const auto corpus = Make(Texts({Numbered(9)}, {Numbered(9)}), objective, 4);
  EXPECT_EQ(corpus->ValidationSamples(), 3);
  // The same random choices in every evaluation, and for every batch size.
  const Batch all = corpus->ValidationBatch(0, 3).value();
  const Batch last = corpus->ValidationBatch(2, 1).value();
  EXPECT_EQ(last.weights.At(0), all.weights.At(8));
  EXPECT_EQ(Row(all.ids, 2), (std::vector<double>{'8', 0, 0, 0}));
}

TEST(CorpusTest, ErrorsSayWhatIsMissingAndWhatToChange) {
  EXPECT_EQ(Error(Texts({"abc"}, {"xyz"}), 3),
            "the training part of the corpus has 3 tokens, but 4 are needed "
            "with data.sequence_tokens = 3; give data.dataset more text or "
            "make data.sequence_tokens smaller");
  EXPECT_EQ(Error(Texts({"abcdef"}, {"x"}), 3),
            "the validation part of the corpus has 1 token, but 2 are needed "
            "with data.sequence_tokens = 3; give data.dataset more text or a "
            "larger validation share");
  EXPECT_THAT(
      Error(Texts({""}, {"x"}), 3),
      HasSubstr("the training part of the corpus is empty (1 documents"));
  EXPECT_THAT(Error(Texts({"abcdef"}, {}), 3),
              HasSubstr("the validation part of the corpus is empty"));
  EXPECT_EQ(Error(Texts({"abc", "d!"}, {"x"}), 3),
            "in training document 1: no '!' please");
  EXPECT_EQ(Error(Texts({"unreadable"}, {"x"}), 3), "cannot read it");
}

TEST(CorpusTest, WindowsOfAnotherLengthHaveEveryTargetOnceToo) {
  const NextToken objective;
  const auto corpus =
      Make(Texts({Numbered(9)}, {Numbered(30)}), objective, 4);  // 29 targets
  for (const int64_t tokens : {1, 4, 7, 8, 28, 29, 30, 1000}) {
    std::vector<double> targets;
    const int64_t windows = corpus->ValidationWindows(tokens);
    for (int64_t i = 0; i < windows; ++i) {
      const auto batch = corpus->ValidationWindowBatch(tokens, i, 1);
      ASSERT_TRUE(batch.ok()) << batch.status();
      EXPECT_EQ(batch->ids.dim(1) == tokens,
                i < windows - 1 || 29 % tokens == 0);
      for (const double target : batch->targets.ToVector())
        targets.push_back(target);
    }
    ASSERT_EQ(targets.size(), 29u) << tokens;
    for (int i = 0; i < 29; ++i) EXPECT_EQ(targets[i], '1' + i);
  }
  EXPECT_EQ(corpus->ValidationWindows(4), corpus->ValidationSamples());
  const Batch own = *corpus->ValidationBatch(2, 3);
  const Batch same = *corpus->ValidationWindowBatch(4, 2, 3);
  EXPECT_EQ(own.ids.ToVector(), same.ids.ToVector());
  EXPECT_EQ(own.targets.ToVector(), same.targets.ToVector());
  EXPECT_FALSE(corpus->PredictsClasses());
}

}  // namespace
}  // namespace archlab
