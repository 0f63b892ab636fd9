// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/measure.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/status.h"
#include "spec/resolve.h"
#include "training/evaluate.h"
#include "training/initial_weights.h"
#include "training/prepare.h"
#include "training/run_folder.h"
#include "training/step.h"

namespace archlab {
namespace {

constexpr int kWarmSteps = 2, kTimedSteps = 5;

double Now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

// Tokenizer of the run that the weights begin with, or its own.
absl::StatusOr<PreparedTraining> Prepare(const Spec& spec,
                                         const Catalogue& catalogue) {
  StoredTokenizer other;
  ARCHLAB_ASSIGN_OR_RETURN(const bool has_other,
                           ReadInitialTokenizer(spec, catalogue, &other));
  return PrepareTraining(spec, catalogue, has_other ? &other : nullptr);
}

// Of a mixture of experts, the weights that a token is multiplied with; of
// other parts, all.
double ActiveParameters(const CountRow& row, int64_t tokens) {
  const auto all = static_cast<double>(row.parameters);
  if (!absl::StartsWith(row.component, "feed_forward/") || tokens == 0)
    return all;
  const double multiplied = row.flops_executed / (2.0 * tokens);
  return multiplied > 0 && multiplied < 0.9 * all ? multiplied : all;
}

StepOptions OptionsOf(const spec::Training& training) {
  StepOptions options;
  options.micro_batches = training.accumulate();
  options.clip_norm = training.clip_norm();
  return options;
}

// The first steps of a training.
class TrialSteps {
 public:
  TrialSteps(const Spec& spec, PreparedTraining* parts)
      : training_(spec.experiment().training()),
        parts_(*parts),
        step_(parts_.model.get(), parts_.optimizer.get(),
              OptionsOf(training_)) {}

  absl::StatusOr<StepResult> Next() {
    const int64_t rows = training_.batch_sequences();
    const int64_t first = done_ * training_.accumulate() * rows;
    return step_.Run(done_++, 1e-6, [&](int micro_batch) {
      return parts_.data.corpus->TrainingBatch(0, first + micro_batch * rows,
                                               rows);
    });
  }

 private:
  const spec::Training& training_;
  PreparedTraining& parts_;
  TrainingStep step_;
  int64_t done_ = 0;
};

// Seconds of all evaluations of a training, from one batch of each.
absl::StatusOr<double> EvaluationSeconds(const spec::Training& training,
                                         PreparedTraining& parts) {
  const int64_t rows = training.batch_sequences();
  const int64_t whole =
      (parts.data.corpus->ValidationSamples() + rows - 1) / rows;
  const int64_t planned = training.evaluation().batches();
  const int64_t piece = planned == 0 ? whole : std::min(planned, whole);
  const double before = Now();
  ARCHLAB_RETURN_IF_ERROR(
      Evaluate(*parts.model, *parts.data.corpus, {rows, 1}).status());
  const double batch = Now() - before;
  const int64_t times =
      training.steps() / training.evaluation().every_steps() + 1;
  return batch * static_cast<double>(times * piece + whole);
}

}  // namespace

absl::StatusOr<DataFacts> DataReader::Read(const Spec& spec) {
  spec::Experiment what;
  *what.mutable_data() = spec.experiment().data();
  spec::Training& training = *what.mutable_training();
  *training.mutable_objective() = spec.experiment().training().objective();
  *training.mutable_initial() = spec.experiment().training().initial();
  // The objective's samples depend on what kind of model reads them.
  const std::string key =
      absl::StrCat(spec.experiment().model().assembly_case(), "\n",
                   CanonicalText(what, catalogue_));
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  StoredTokenizer other;
  ARCHLAB_ASSIGN_OR_RETURN(const bool has_other,
                           ReadInitialTokenizer(spec, catalogue_, &other));
  ARCHLAB_ASSIGN_OR_RETURN(
      const PreparedData data,
      PrepareData(spec, catalogue_, has_other ? &other : nullptr));
  DataFacts facts;
  facts.sha256 = data.corpus->hash();
  facts.vocabulary = data.vocabulary.size();
  if (data.tokenizer != nullptr) {
    ARCHLAB_ASSIGN_OR_RETURN(const TokenizerFiles files,
                             data.tokenizer->Save());
    facts.tokenizer_sha256 = HashOf(files);
  }
  ARCHLAB_ASSIGN_OR_RETURN(facts.patch_elements,
                           PatchElements(spec, catalogue_));
  facts.classes = data.corpus->PredictsClasses();
  facts.next_tokens = data.corpus->PredictsNextTokens();
  const TokenStream& text = data.corpus->stream(Split::kTrain);
  const int64_t samples =
      data.corpus->documents() ? text.documents : text.ids.size();
  const int64_t tokens =
      data.corpus->documents() ? 1 : spec.experiment().data().sequence_tokens();
  facts.bytes_per_sample = static_cast<double>(text.bytes) * tokens /
                           static_cast<double>(std::max<int64_t>(1, samples));
  return known_[key] = facts;
}

absl::StatusOr<Budgets> CountBudgets(const Spec& spec, const DataFacts& data,
                                     const Catalogue& catalogue) {
  ModelOptions options;
  options.shapes_only = true;
  options.vocabulary = data.vocabulary;
  options.patch_elements = data.patch_elements;
  ARCHLAB_ASSIGN_OR_RETURN(const auto model,
                           Model::Build(spec, catalogue, options));
  const spec::Experiment& experiment = spec.experiment();
  const int64_t tokens = experiment.data().sequence_tokens();
  const ModelCounts counts = model->Count(tokens);
  Budgets budgets;
  budgets.parameters = static_cast<double>(counts.total.parameters);
  for (const CountRow& row : counts.rows)
    budgets.active_parameters += ActiveParameters(row, tokens);
  const spec::Training& training = experiment.training();
  const double samples = static_cast<double>(training.batch_sequences()) *
                         training.accumulate() *
                         static_cast<double>(training.steps());
  budgets.training_flops = 3 * counts.total.flops_executed * samples;
  budgets.training_bytes = data.bytes_per_sample * samples;
  budgets.kv_cache_bytes = static_cast<double>(counts.total.kv_cache_bytes);
  return budgets;
}

absl::StatusOr<double> FlopsPerStep(const Spec& spec,
                                    const Catalogue& catalogue) {
  constexpr int kCounted = 2;
  ARCHLAB_ASSIGN_OR_RETURN(PreparedTraining parts, Prepare(spec, catalogue));
  TrialSteps steps(spec, &parts);
  double flops = 0;
  for (int i = 0; i < kCounted; ++i) {
    ARCHLAB_ASSIGN_OR_RETURN(const StepResult result, steps.Next());
    flops += result.flops;
  }
  return flops / kCounted;
}

absl::StatusOr<Trial> TryOut(const Spec& spec, const Catalogue& catalogue,
                             int threads) {
  const int threads_before = omp_get_max_threads();
  omp_set_num_threads(threads);
  const absl::StatusOr<Trial> trial = [&]() -> absl::StatusOr<Trial> {
    const double start = Now();
    ARCHLAB_ASSIGN_OR_RETURN(PreparedTraining parts, Prepare(spec, catalogue));
    Trial found;
    found.seconds_around = Now() - start;
    TrialSteps steps(spec, &parts);
    double before = 0;
    for (int i = 0; i < kWarmSteps + kTimedSteps; ++i) {
      if (i == kWarmSteps) before = Now();
      ARCHLAB_RETURN_IF_ERROR(steps.Next().status());
    }
    found.seconds_per_step = (Now() - before) / kTimedSteps;
    ARCHLAB_ASSIGN_OR_RETURN(
        const double evaluation,
        EvaluationSeconds(spec.experiment().training(), parts));
    found.seconds_around += evaluation;
    return found;
  }();
  omp_set_num_threads(threads_before);
  return trial;
}

}  // namespace archlab
