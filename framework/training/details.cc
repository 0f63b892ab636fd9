// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/details.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "archlab/check.h"
#include "archlab/ops.h"
#include "archlab/parallel_for.h"
#include "archlab/status.h"

namespace archlab {
namespace {

using Json = nlohmann::ordered_json;

// Samples `first` to first + rows - 1 of a sequence of them.
using Batches =
    std::function<absl::StatusOr<Batch>(int64_t first, int64_t rows)>;

// Logits that are held at once: 256 MB.
constexpr int64_t kMostLogits = int64_t{1} << 26;

// -log p(target) for f32 logits of `classes` classes.
double TargetNats(const float* logits, int64_t classes, int32_t target) {
  const double top = *std::max_element(logits, logits + classes);
  double sum = 0;
  for (int64_t i = 0; i < classes; ++i) sum += std::exp(logits[i] - top);
  return top + std::log(sum) - logits[target];
}

// Of each target of the batch, times its weight; 0 where it does not count.
std::vector<double> TargetsNats(Model& model, const Batch& batch) {
  const Tensor logits =
      Cast(model.Logits(batch, PassOptions()), DType::kF32);  // [.., V]
  const int64_t targets = batch.targets.size(), classes = logits.dim(-1);
  ARCHLAB_CHECK_EQ(logits.size(), targets * classes);
  const float* const weights = batch.weights.data<float>();
  std::vector<double> nats(targets);
  ParallelFor(targets, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      if (weights[i] != 0)
        nats[i] =
            weights[i] * TargetNats(logits.data<float>() + i * classes, classes,
                                    batch.targets.data<int32_t>()[i]);
  });
  return nats;
}

void Add(double nats, LossSum* sum) {
  sum->nats += nats;
  ++sum->tokens;
}

// Adds what `samples` samples lose to `found`; both may be nullptr.
absl::Status AddSamples(Model& model, int64_t samples, int64_t rows,
                        const Batches& batches, std::vector<LossSum>* found,
                        std::vector<LossSum>* positions) {
  const NoGrad no_grad;
  for (int64_t first = 0; first < samples; first += rows) {
    const int64_t count = std::min(rows, samples - first);
    ARCHLAB_ASSIGN_OR_RETURN(const Batch batch, batches(first, count));
    const std::vector<double> nats = TargetsNats(model, batch);
    const int64_t width = batch.targets.size() / count;  // T, or 1
    if (positions != nullptr && positions->size() < static_cast<size_t>(width))
      positions->resize(width);
    for (int64_t b = 0; b < count; ++b) {
      LossSum sample;
      for (int64_t t = 0; t < width; ++t) {
        const int64_t i = b * width + t;
        if (batch.weights.data<float>()[i] <= 0) continue;
        Add(nats[i], &sample);
        if (positions != nullptr) Add(nats[i], &(*positions)[t]);
      }
      if (found != nullptr) found->push_back(sample);
    }
  }
  return absl::OkStatus();
}

// Rows of `tokens` tokens whose logits can be held.
int64_t FewRows(const Model& model, int64_t rows, int64_t tokens) {
  const int64_t row = std::max<int64_t>(1, tokens * model.vocabulary());
  return std::clamp<int64_t>(kMostLogits / row, 1, rows);
}

bool CanReadTwice(const Model& model, const Corpus& corpus, int64_t tokens) {
  const auto stream =
      static_cast<int64_t>(corpus.stream(Split::kValidation).ids.size());
  return corpus.PredictsNextTokens() && stream - 1 > tokens &&
         (model.MaxTokens() < 0 || model.MaxTokens() >= 2 * tokens);
}

Json Mean(const LossSum& sum) {
  if (sum.tokens == 0) return nullptr;
  return sum.nats / static_cast<double>(sum.tokens);
}

}  // namespace

absl::StatusOr<EvaluationDetails> EvaluateInDetail(Model& model,
                                                   const Corpus& corpus,
                                                   int64_t rows) {
  EvaluationDetails details;
  const int64_t tokens = corpus.input().sequence_tokens;
  LossByPosition trained;
  trained.tokens = tokens;
  const bool classes = corpus.PredictsClasses();
  ARCHLAB_RETURN_IF_ERROR(AddSamples(
      model, corpus.ValidationSamples(), FewRows(model, rows, tokens),
      [&](int64_t first, int64_t count) {
        return corpus.ValidationBatch(first, count);
      },
      &details.samples, classes ? nullptr : &trained.positions));
  for (const LossSum& sample : details.samples) {
    details.total.nats += sample.nats;
    details.total.tokens += sample.tokens;
  }
  if (classes) return details;
  details.by_position.push_back(std::move(trained));
  if (!CanReadTwice(model, corpus, tokens)) return details;
  LossByPosition twice;
  twice.tokens = 2 * tokens;
  twice.trained = false;
  ARCHLAB_RETURN_IF_ERROR(AddSamples(
      model, corpus.ValidationWindows(2 * tokens),
      FewRows(model, rows, 2 * tokens),
      [&](int64_t first, int64_t count) {
        return corpus.ValidationWindowBatch(2 * tokens, first, count);
      },
      nullptr, &twice.positions));
  details.by_position.push_back(std::move(twice));
  return details;
}

std::string PrintDetails(const EvaluationDetails& details) {
  Json samples = {{"nats", Json::array()}, {"tokens", Json::array()}};
  for (const LossSum& sample : details.samples) {
    samples["nats"].push_back(sample.nats);
    samples["tokens"].push_back(sample.tokens);
  }
  Json out = {{"loss", Mean(details.total)},
              {"nats", details.total.nats},
              {"tokens", details.total.tokens},
              {"samples", std::move(samples)}};
  for (const LossByPosition& each : details.by_position) {
    Json loss = Json::array(), count = Json::array();
    for (const LossSum& position : each.positions) {
      loss.push_back(Mean(position));
      count.push_back(position.tokens);
    }
    out["positions"].push_back({{"tokens", each.tokens},
                                {"trained", each.trained},
                                {"loss", std::move(loss)},
                                {"count", std::move(count)}});
  }
  return out.dump() + "\n";
}

}  // namespace archlab
