// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/details.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "model/test_spec.h"
#include "training/evaluate.h"
#include "training/fakes_for_test.h"
#include "training/prepare.h"

namespace archlab {
namespace {

constexpr int64_t kTokens = 8;

// Texts of different lengths, each with a target and a label.
class Pairs final : public Dataset {
 public:
  int64_t Size(Split) const override { return 7; }
  absl::StatusOr<Document> Get(Split, int64_t index) const override {
    Document document;
    document.text = std::string("abcdabcd").substr(0, 1 + index);
    document.target = std::string("dacbdacb").substr(index % 3, 2 + index / 2);
    document.label = index % 3;
    return document;
  }
};

// A model of the spec, and data for its objective.
class Subject {
 public:
  Subject(TestSpec spec, const Dataset& dataset, DType compute = DType::kF32) {
    spec.sequence_tokens = kTokens;
    objective_ = *PrepareObjective(spec.Parse(), BuiltCatalogue());
    vocabulary_ = *Vocabulary::Make(&tokenizer_, {}, *objective_);
    CorpusParts parts = {&dataset, &tokenizer_, objective_.get(), &vocabulary_,
                         kTokens};
    parts.decoder_only = spec.assembly.rfind("decoder_only", 0) == 0;
    auto made = Corpus::Make(parts);
    EXPECT_TRUE(made.ok()) << made.status();
    corpus = std::move(*made);
    model = spec.Build(compute, vocabulary_.size());
  }
  std::unique_ptr<Corpus> corpus;
  std::unique_ptr<Model> model;

 private:
  FakeTokenizer tokenizer_;
  std::unique_ptr<Objective> objective_;
  Vocabulary vocabulary_;
};

// Sums that must agree with each other and with Evaluate's; the numbers are
// the same on two threads, and to rounding in other batches.
EvaluationDetails Checked(const Subject& subject) {
  const auto whole = Evaluate(*subject.model, *subject.corpus, {3, 0});
  const auto found = EvaluateInDetail(*subject.model, *subject.corpus, 3);
  EXPECT_TRUE(whole.ok()) << whole.status();
  EXPECT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->samples.size(), subject.corpus->ValidationSamples());
  EXPECT_EQ(found->total.tokens, whole->tokens);
  EXPECT_NEAR(found->total.nats / whole->nats, 1, 1e-5);
  for (const LossByPosition& each : found->by_position) {
    LossSum sum;
    for (const LossSum& position : each.positions) {
      sum.nats += position.nats;
      sum.tokens += position.tokens;
    }
    EXPECT_EQ(sum.tokens, whole->tokens);
    if (each.trained) {
      EXPECT_NEAR(sum.nats / whole->nats, 1, 1e-5);
    }
  }
  omp_set_num_threads(2);
  const auto threads = EvaluateInDetail(*subject.model, *subject.corpus, 3);
  omp_set_num_threads(1);
  EXPECT_EQ(PrintDetails(*threads), PrintDetails(*found));
  const auto alone = EvaluateInDetail(*subject.model, *subject.corpus, 1);
  for (size_t i = 0; i < found->samples.size(); ++i) {
    EXPECT_EQ(alone->samples[i].tokens, found->samples[i].tokens);
    EXPECT_NEAR(alone->samples[i].nats, found->samples[i].nats, 1e-4);
  }
  return *found;
}

// 101 letters: 100 targets in 13 windows, the last one of 4.
TEST(Details, OfATextByWindowAndByPosition) {
  TestSpec spec;
  spec.position = "[position/rope] {}";
  const EvaluationDetails details = Checked(Subject(spec, FakeDataset()));
  EXPECT_EQ(details.samples.size(), 13u);
  EXPECT_EQ(details.samples.back().tokens, 4);
  ASSERT_EQ(details.by_position.size(), 2u);
  EXPECT_TRUE(details.by_position[0].trained);
  ASSERT_EQ(details.by_position[0].positions.size(), kTokens);
  EXPECT_EQ(details.by_position[0].positions[3].tokens, 13);
  EXPECT_EQ(details.by_position[0].positions[4].tokens, 12);
  // 6 windows of 16, and one of 4.
  EXPECT_FALSE(details.by_position[1].trained);
  EXPECT_EQ(details.by_position[1].tokens, 2 * kTokens);
  ASSERT_EQ(details.by_position[1].positions.size(), 2 * kTokens);
  EXPECT_EQ(details.by_position[1].positions[0].tokens, 7);
  EXPECT_EQ(details.by_position[1].positions[15].tokens, 6);
}

// In f64 by hand: the first window's loss from its logits.
TEST(Details, AreTheLogitsLogProbabilities) {
  TestSpec spec;
  spec.position = "[position/rope] {}";
  const Subject subject(spec, FakeDataset());
  const auto found = EvaluateInDetail(*subject.model, *subject.corpus, 4);
  ASSERT_TRUE(found.ok()) << found.status();
  const Batch batch = *subject.corpus->ValidationBatch(0, 1);
  const Tensor logits = subject.model->Logits(batch, {});  // [1, T, V]
  double nats = 0;
  for (int64_t t = 0; t < kTokens; ++t) {
    double sum = 0;
    for (int64_t v = 0; v < kFakeVocabulary; ++v)
      sum += std::exp(logits.At(t * kFakeVocabulary + v));
    nats += std::log(sum) -
            logits.At(t * kFakeVocabulary + batch.targets.data<int32_t>()[t]);
  }
  EXPECT_NEAR(found->samples[0].nats, nats, 1e-5);
}

// A table of learned positions ends at the length that was trained.
TEST(Details, NoModelReadsMoreThanItCan) {
  TestSpec spec;
  spec.position = "[position/learned] {}";
  EXPECT_EQ(Checked(Subject(spec, FakeDataset())).by_position.size(), 1u);
}

TEST(Details, OfMaskedTokens) {
  TestSpec spec;
  spec.assembly = "encoder_only {}";
  spec.objective = "[objective/masked_lm] {}";
  const EvaluationDetails details = Checked(Subject(spec, FakeDataset()));
  EXPECT_EQ(details.by_position.size(), 1u);  // no next token: not at 2 T
}

TEST(Details, OfPairsInAnEncoderDecoder) {
  TestSpec spec;
  spec.assembly = "encoder_decoder {}";
  spec.objective = "[objective/seq2seq] {}";
  const Pairs pairs;
  const EvaluationDetails details = Checked(Subject(spec, pairs));
  ASSERT_EQ(details.samples.size(), 7u);
  // Targets of 2 to 5 letters and the end.
  EXPECT_EQ(details.samples[0].tokens, 3);
  EXPECT_EQ(details.samples[6].tokens, 6);
  ASSERT_EQ(details.by_position.size(), 1u);
  EXPECT_EQ(details.by_position[0].positions.size(), 6u);
}

TEST(Details, OfClassesATargetASample) {
  TestSpec spec;
  spec.assembly = "encoder_only { classification_head { classes: 3 } }";
  spec.objective = "[objective/classification] {}";
  const Pairs pairs;
  const EvaluationDetails details = Checked(Subject(spec, pairs));
  for (const LossSum& sample : details.samples) EXPECT_EQ(sample.tokens, 1);
  EXPECT_TRUE(details.by_position.empty());
  EXPECT_FALSE(
      nlohmann::json::parse(PrintDetails(details)).contains("positions"));
}

TEST(Details, TheFileIsTheOneOfTheDocumentation) {
  EvaluationDetails details;
  details.total = {3, 2};
  details.samples = {{1, 1}, {2, 1}};
  details.by_position.push_back({256, true, {{3, 2}, {0, 0}}});
  EXPECT_EQ(PrintDetails(details),
            R"({"loss":1.5,"nats":3.0,"tokens":2,)"
            R"("samples":{"nats":[1.0,2.0],"tokens":[1,1]},)"
            R"("positions":[{"tokens":256,"trained":true,)"
            R"("loss":[1.5,null],"count":[2,0]}]})"
            "\n");
}

}  // namespace
}  // namespace archlab
