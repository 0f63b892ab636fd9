// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Corpus: samples that are documents.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "data/corpus.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Documents : public Dataset {
 public:
  Documents(std::vector<Document> train, std::vector<Document> validation,
            int64_t patch_elements = 0)
      : train_(std::move(train)),
        validation_(std::move(validation)),
        patch_elements_(patch_elements) {}
  int64_t Size(Split split) const override {
    return static_cast<int64_t>(Part(split).size());
  }
  absl::StatusOr<Document> Get(Split split, int64_t index) const override {
    return Part(split)[index];
  }
  int64_t PatchElements() const override { return patch_elements_; }

 private:
  const std::vector<Document>& Part(Split split) const {
    return split == Split::kTrain ? train_ : validation_;
  }
  const std::vector<Document> train_, validation_;
  const int64_t patch_elements_;
};

// The id is the byte.
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
    ids->insert(ids->end(), text.begin(), text.end());
    return absl::OkStatus();
  }
  std::string Bytes(int32_t) const override { return ""; }
};

// Class of a text or an image; the inputs end with a special token and the
// target, so that a test sees them.
class Class : public Objective {
 public:
  int64_t RecordTokens(int64_t) const override { return 0; }
  std::vector<std::string> SpecialTokens() const override { return {"[END]"}; }
  LossKind Loss() const override { return {LossKind::kClass}; }
  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput& input,
                              Random) const override {
    if (record.label < 0) return absl::InvalidArgumentError("no label");
    Sample sample;
    sample.ids = record.ids;
    sample.patches = record.patches;
    if (record.patches.empty()) sample.ids.push_back(input.special[0]);
    sample.ids.insert(sample.ids.end(), record.target_ids.begin(),
                      record.target_ids.end());
    sample.targets = {static_cast<int32_t>(record.label)};
    return sample;
  }
};

Document Of(std::string text, int64_t label, std::string target = "") {
  return {std::move(text), std::move(target), label, {}};
}

absl::StatusOr<std::unique_ptr<Corpus>> Make(const Dataset& dataset,
                                             bool tokenizer = true) {
  static const Class objective;
  static const ByteIds bytes;
  const Tokenizer* const used = tokenizer ? &bytes : nullptr;
  const auto vocabulary = Vocabulary::Make(used, {}, objective);
  return Corpus::Make({&dataset, used, &objective, &*vocabulary, 4});
}

TEST(DocumentCorpus, ADocumentIsASample) {
  const Documents dataset({Of("ab", 0), Of("c", 1), Of("", 2, "xy")},
                          {Of("de", 1), Of("f", 0, "g")});
  const auto corpus = Make(dataset);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_TRUE((*corpus)->documents());
  EXPECT_EQ((*corpus)->ValidationSamples(), 2);
  const Batch batch = (*corpus)->ValidationBatch(0, 5).value();
  EXPECT_THAT(batch.ids.ToVector(), ElementsAre('d', 'e', 256, 'f', 256, 'g'));
  EXPECT_THAT(batch.targets.ToVector(), ElementsAre(1, 0));
  EXPECT_EQ(batch.tokens, 2);
  std::multiset<double> targets;
  const Batch train = (*corpus)->TrainingBatch(5, 0, 6).value();  // two epochs
  for (int64_t i = 0; i < 6; ++i) targets.insert(train.targets.At(i));
  EXPECT_THAT(targets, ElementsAre(0, 0, 1, 1, 2, 2));
  EXPECT_EQ(train.ids.dim(1), 3);
}

TEST(DocumentCorpus, TheHashCoversAllThatSamplesAreMadeOf) {
  const auto hash = [](std::vector<Document> train) {
    return (*Make(Documents(std::move(train), {Of("x", 0)})))->hash();
  };
  const std::string same = hash({Of("ab", 0), Of("c", 1)});
  EXPECT_EQ(hash({Of("ab", 0), Of("c", 1)}), same);
  EXPECT_NE(hash({Of("a", 0), Of("bc", 1)}), same);
  EXPECT_NE(hash({Of("ab", 1), Of("c", 1)}), same);
  EXPECT_NE(hash({Of("ab", 0, "z"), Of("c", 1)}), same);
}

TEST(DocumentCorpus, ImagesNeedNoTokenizer) {
  Document image = Of("", 1);
  image.patches = {1, 2, 3, 4};
  Document other = image;
  other.patches[3] = 5;
  const Documents dataset({image, image}, {image}, 2);
  const auto corpus = Make(dataset, false);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  const Batch batch = (*corpus)->TrainingBatch(1, 0, 2).value();
  EXPECT_EQ(batch.patches.shape(), Shape({2, 2, 2}));
  EXPECT_THAT(batch.targets.ToVector(), ElementsAre(1, 1));
  const Documents changed({image, other}, {image}, 2);
  EXPECT_NE((*Make(changed, false))->hash(), (*corpus)->hash());
}

TEST(DocumentCorpus, ErrorsNameTheDocument) {
  const auto error = [](const Dataset& dataset, bool tokenizer = true) {
    return std::string(Make(dataset, tokenizer).status().message());
  };
  EXPECT_EQ(error(Documents({Of("a", 0), Of("b", -1)}, {Of("c", 0)})),
            "in training document 1: no label");
  EXPECT_EQ(error(Documents({Of("a", 0)}, {Of("b", -1)})),
            "in validation document 0: no label");
  EXPECT_EQ(error(Documents({Of("a", 0)}, {Of("b", 0)}), false),
            "in training document 0: the document has a text, but there is no "
            "data.tokenizer");
  EXPECT_THAT(error(Documents({Of("a", 0)}, {})),
              HasSubstr("the validation part of the corpus is empty"));
}

TEST(DocumentCorpus, LabelsMustFitTheClasses) {
  const Documents dataset({Of("a", 0), Of("b", 1)}, {Of("c", 2)});
  const auto corpus = Make(dataset);
  EXPECT_TRUE((*corpus)->CheckLabels(3).ok());
  EXPECT_EQ((*corpus)->CheckLabels(2).message(),
            "must be more than the largest label, but is 2, and validation "
            "document 0 has label 2");
}

}  // namespace
}  // namespace archlab
