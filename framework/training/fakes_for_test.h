// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// For tests: an experiment without plugins. The model is a table of bigrams,
// W [V, V], whose row i holds the logits of what follows token i; its loss and
// gradient can be written down in a few lines of plain loops.

#ifndef ARCHLAB_FAKES_FOR_TEST_H_
#define ARCHLAB_FAKES_FOR_TEST_H_

#include <csignal>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "archlab/dataset.h"
#include "archlab/objective.h"
#include "archlab/ops.h"
#include "archlab/optimizer.h"
#include "archlab/tokenizer.h"
#include "model/model.h"

namespace archlab {

inline constexpr int64_t kFakeVocabulary = 4;  // the letters a to d

class FakeModel final : public Model {
 public:
  explicit FakeModel(DType compute = DType::kF32, uint64_t seed = 1) {
    vocabulary_ = kFakeVocabulary;
    store_ = std::make_unique<ParameterStore>(compute, seed);
    table_ = store_->Add("table.weight", {kFakeVocabulary, kFakeVocabulary},
                         Init::Normal(0.02), {});
    unused_ = store_->Add("unused.bias", {3}, Init::Ones(), {});
  }
  int64_t MaxTokens() const override { return -1; }
  ModelCounts Count(int64_t, CountPairs) const override { return {}; }

  LossResult Loss(const Batch& batch, const PassOptions& options) override {
    if (options.training && options.step == interrupt_at_step) {
      interrupt_at_step = -1;  // once: a second signal would kill
      std::raise(SIGINT);
    }
    const int64_t n = batch.ids.size();
    Tensor logits = Reshape(Embed(table_.value(), batch.ids),
                            {n, kFakeVocabulary});  // [B T, V]
    if (options.step == bad_activation_at_step)
      logits = logits * std::numeric_limits<double>::infinity();
    if (options.step == bad_gradient_at_step) logits = PoisonGradient(logits);
    if (options.tap) options.tap("embedding", batch.weights);
    if (options.tap) options.tap("logits", logits);
    LossResult result;
    result.total =
        CrossEntropy(logits, batch.targets.View({n}), batch.weights.View({n}));
    result.sum = result.total.At(0);
    result.tokens = batch.tokens;
    result.logs = {{"rows", static_cast<double>(batch.ids.dim(0))}};
    return result;
  }
  Tensor Logits(const Batch& batch, const PassOptions&) override {
    return Embed(table_.value(), batch.ids);
  }
  std::unique_ptr<DecodeState> NewState(int64_t) override { return nullptr; }
  bool Generates() const override { return true; }
  bool Cacheable() const override { return true; }
  Tensor Decode(const Tensor& ids, const Tensor&, DecodeState*, const Tensor&,
                LogitsOf) override {
    return Embed(table_.value(), ids);
  }

  int64_t interrupt_at_step = -1;
  int64_t bad_activation_at_step = -1;
  int64_t bad_gradient_at_step = -1;

 private:
  static Tensor PoisonGradient(const Tensor& x) {
    return CustomOp("poison", x.Detach(), {x},
                    [](const Tensor& dy, Gradients& out) {
                      Tensor bad = dy.Clone();
                      bad.Set(0, std::numeric_limits<double>::quiet_NaN());
                      out.Add(0, bad);
                    });
  }
  Parameter table_, unused_;
};

// w -= lr * g, with a momentum slot that holds the sum of all gradients.
class FakeOptimizer final : public Optimizer {
 public:
  int StateSlots() const override { return 1; }
  std::string StateName(int) const override { return "sum"; }
  void Step(int64_t, double learning_rate,
            absl::Span<OptimizerTensor> tensors) const override {
    for (OptimizerTensor& tensor : tensors)
      for (size_t i = 0; i < tensor.value.size(); ++i) {
        tensor.state[0][i] += tensor.gradient[i];
        tensor.value[i] -= static_cast<float>(learning_rate) *
                           (tensor.gradient[i] + 0.1f * tensor.state[0][i]);
      }
  }
};

class FakeSchedule final : public Schedule {
 public:
  double LearningRate(int64_t step, int64_t steps) const override {
    return 1.0 - 0.5 * static_cast<double>(step) / static_cast<double>(steps);
  }
};

// One document a part: "abcd" over and over, with something else in between.
class FakeDataset final : public Dataset {
 public:
  int64_t Size(Split) const override { return 1; }
  absl::StatusOr<Document> Get(Split split, int64_t) const override {
    Document document;
    const int count = split == Split::kTrain ? 500 : 101;
    for (int i = 0; i < count; ++i)
      document.text += static_cast<char>('a' + (i % 7 == 3 ? i / 7 : i) % 4);
    return document;
  }
};

class FakeTokenizer final : public Tokenizer {
 public:
  absl::Status Train(const DocumentSource&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<TokenizerFiles> Save() const override {
    return TokenizerFiles{{"letters", "abcd"}};
  }
  absl::Status Load(const TokenizerFiles&) override { return absl::OkStatus(); }
  int64_t VocabularySize() const override { return kFakeVocabulary; }
  absl::Status Encode(absl::string_view text,
                      std::vector<int32_t>* ids) const override {
    for (const char c : text) ids->push_back(c - 'a');
    return absl::OkStatus();
  }
  std::string Bytes(int32_t id) const override {
    return std::string(1, static_cast<char>('a' + id));
  }
};

class FakeObjective final : public Objective {
 public:
  int64_t RecordTokens(int64_t sequence_tokens) const override {
    return sequence_tokens + 1;
  }
  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput&,
                              Random) const override {
    Sample sample;
    sample.ids.assign(record.ids.begin(), record.ids.end() - 1);
    sample.targets.assign(record.ids.begin() + 1, record.ids.end());
    sample.weights.assign(sample.ids.size(), 1.0f);
    return sample;
  }
};

}  // namespace archlab

#endif  // ARCHLAB_FAKES_FOR_TEST_H_
