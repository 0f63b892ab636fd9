// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "archlab/status.h"
#include "training/crash_point.h"
#include "training/interrupt.h"
#include "training/weights.h"

namespace archlab {
namespace {

double Now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

StepOptions MakeStepOptions(const TrainerParts& parts,
                            const spec::Training& config, int64_t seed) {
  StepOptions options;
  options.micro_batches = config.accumulate();
  options.clip_norm = config.clip_norm();
  options.seed = static_cast<uint64_t>(seed);
  if (parts.objective != nullptr)
    options.label_smoothing = parts.objective->Loss().label_smoothing;
  return options;
}

// Whether the state is one that this training writes at its step.
absl::Status CheckState(const CheckpointState& state,
                        const spec::Training& config, int64_t seed) {
  const auto differs = [](absl::string_view field, const absl::AlphaNum& found,
                          absl::string_view wanted) {
    return absl::DataLossError(
        absl::StrCat(field, " is ", found, " and must be ", wanted));
  };
  const int64_t step = state.step();
  const int64_t samples = step * config.accumulate() * config.batch_sequences();
  if (step > config.steps())
    return differs("step", step, absl::StrCat("at most ", config.steps()));
  if (state.next_sample() != samples)
    return differs("next_sample", state.next_sample(), absl::StrCat(samples));
  if (state.seed() != seed)
    return differs("seed", state.seed(), absl::StrCat(seed));
  if (state.tokens() < 0) return differs("tokens", state.tokens(), "0 or more");
  if (!(state.flops() >= 0) || std::isinf(state.flops()))
    return differs("flops", state.flops(), "0 or more");
  if (state.metrics_bytes() < 0)
    return differs("metrics_bytes", state.metrics_bytes(), "0 or more");
  if (state.best_step() < 0 || state.best_step() > step)
    return differs("best_step", state.best_step(),
                   absl::StrCat("from 0 to ", step));
  return absl::OkStatus();
}

std::string Describe(const Evaluation& found) {
  std::string text = absl::StrFormat("validation loss %.4f", found.loss);
  if (found.accuracy)
    absl::StrAppendFormat(&text, ", accuracy %.2f %%", 100 * *found.accuracy);
  if (found.bits_per_byte)
    absl::StrAppendFormat(&text, ", %.4f bits per byte", *found.bits_per_byte);
  return text;
}

}  // namespace

Trainer::Trainer(const TrainerParts& parts, const spec::Training& config,
                 int64_t seed)
    : parts_(parts),
      config_(config),
      step_(parts.model, parts.optimizer,
            MakeStepOptions(parts, config, seed)) {
  state_.set_step(0);
  state_.set_next_sample(0);
  state_.set_tokens(0);
  state_.set_flops(0);
  state_.set_seed(seed);
  state_.set_metrics_bytes(0);
}

absl::Status Trainer::Resume(int64_t step) {
  const CheckpointFolder checkpoints = parts_.folder->checkpoints();
  ARCHLAB_ASSIGN_OR_RETURN(const Checkpoint saved, checkpoints.Read(step));
  const absl::Status state = CheckState(saved.state, config_, state_.seed());
  if (!state.ok())
    return checkpoints.Unusable(
        step,
        absl::Status(state.code(), absl::StrCat(checkpoints.StateFile(step),
                                                ": ", state.message())));
  const std::string source = checkpoints.StepPath(step);
  ARCHLAB_RETURN_IF_ERROR(CopyTensors(saved.optimizer,
                                      source + "/optimizer.safetensors",
                                      step_.OptimizerTensors()));
  ARCHLAB_RETURN_IF_ERROR(LoadModelTensors(
      saved.model, source + "/model.safetensors", &parts_.model->parameters()));
  state_ = saved.state;
  saved_step_ = step;
  return absl::OkStatus();
}

absl::StatusOr<TrainingSummary> Trainer::Run() {
  const InterruptGuard guard;
  start_seconds_ = Now();
  ARCHLAB_RETURN_IF_ERROR(Begin());
  absl::Status status = Loop();
  if (status.ok()) status = SetState(summary_.interrupted ? INTERRUPTED : DONE);
  if (!status.ok()) {
    SetState(FAILED, status.message()).IgnoreError();
    return status;
  }
  summary_.step = state_.step();
  summary_.session_seconds = Now() - start_seconds_;
  if (step_seconds_ > 0)
    summary_.tokens_per_second =
        static_cast<double>(session_tokens_) / step_seconds_;
  summary_.run_path = parts_.folder->path();
  return summary_;
}

// What may fail comes first. Killed between two of these lines, the run still
// goes on: from its last checkpoint, whose metrics are all there.
absl::Status Trainer::Begin() {
  ARCHLAB_ASSIGN_OR_RETURN(MetricsFile metrics,
                           MetricsFile::Open(parts_.folder->metrics_file()));
  metrics_.emplace(std::move(metrics));
  ARCHLAB_ASSIGN_OR_RETURN(
      EventFile events, EventFile::Create(parts_.folder->tensorboard_folder()));
  events_.emplace(std::move(events));
  ARCHLAB_RETURN_IF_ERROR(SetState(RUNNING));
  ARCHLAB_RETURN_IF_ERROR(
      parts_.folder->checkpoints().RemoveAfter(saved_step_));
  std::string warning;
  ARCHLAB_RETURN_IF_ERROR(metrics_->Shorten(state_.metrics_bytes(), &warning));
  if (!warning.empty()) parts_.progress->Warn(warning);
  return events_->Begin(state_.step());
}

absl::Status Trainer::WriteEvaluation(const Evaluation& found) {
  ARCHLAB_RETURN_IF_ERROR(metrics_->WriteEvaluation(state_.step(), found));
  return events_->WriteEvaluation(state_.step(), found);
}

absl::Status Trainer::SyncMetrics() {
  ARCHLAB_RETURN_IF_ERROR(metrics_->Sync());
  return events_->Sync();
}

absl::Status Trainer::Loop() {
  const int64_t save_every = config_.checkpoints().every_steps();
  while (state_.step() < config_.steps() && !summary_.interrupted) {
    ARCHLAB_RETURN_IF_ERROR(OneStep());
    const int64_t step = state_.step();
    const bool last = step == config_.steps();
    bool best = false;
    if (last || step % config_.evaluation().every_steps() == 0)
      ARCHLAB_RETURN_IF_ERROR(EvaluateBatches(&best));
    const bool due = save_every > 0 && (best || step % save_every == 0);
    summary_.interrupted = InterruptGuard::Requested() && !last;
    if (due || last || summary_.interrupted) ARCHLAB_RETURN_IF_ERROR(Save());
  }
  if (summary_.interrupted) return absl::OkStatus();
  if (saved_step_ != state_.step()) ARCHLAB_RETURN_IF_ERROR(Save());
  return EvaluateWhole();
}

absl::Status Trainer::OneStep() {
  const int64_t rows = config_.batch_sequences();
  const auto batches = [&](int micro_batch) {
    return parts_.corpus->TrainingBatch(
        static_cast<uint64_t>(state_.seed()),
        state_.next_sample() + micro_batch * rows, rows);
  };
  const double before = Now();
  const int64_t step = state_.step();
  ARCHLAB_ASSIGN_OR_RETURN(
      const StepResult result,
      step_.Run(step, parts_.schedule->LearningRate(step, config_.steps()),
                batches));
  const double seconds = Now() - before;
  step_seconds_ += seconds;
  window_seconds_ += seconds;
  session_tokens_ += result.tokens;
  window_tokens_ += result.tokens;
  state_.set_step(step + 1);
  state_.set_next_sample(state_.next_sample() + config_.accumulate() * rows);
  state_.set_tokens(state_.tokens() + result.tokens);
  // A checkpoint of before they were counted says nothing, and so does the run.
  if (state_.has_flops()) state_.set_flops(state_.flops() + result.flops);
  ++summary_.session_steps;
  CrashPoint("step.done");
  ShowStep(result);
  const bool last = state_.step() == config_.steps();
  if (last || state_.step() % config_.log_every_steps() == 0)
    return LogStep(result);
  return absl::OkStatus();
}

absl::Status Trainer::LogStep(const StepResult& result) {
  StepMetrics metrics;
  metrics.step = state_.step();
  metrics.loss = result.loss;
  metrics.learning_rate =
      parts_.schedule->LearningRate(state_.step() - 1, config_.steps());
  metrics.tokens = state_.tokens();
  if (state_.has_flops()) metrics.flops = state_.flops();
  metrics.tokens_per_second =
      static_cast<double>(window_tokens_) / std::max(window_seconds_, 1e-9);
  metrics.grad_norm = result.grad_norm;
  metrics.logs = result.logs;
  window_seconds_ = 0;
  window_tokens_ = 0;
  ARCHLAB_RETURN_IF_ERROR(metrics_->WriteStep(metrics));
  return events_->WriteStep(metrics);
}

void Trainer::ShowStep(const StepResult& result) {
  ProgressState show;
  show.step = state_.step();
  show.steps = config_.steps();
  show.loss = result.loss;
  show.tokens_per_second =
      static_cast<double>(session_tokens_) / std::max(step_seconds_, 1e-9);
  show.seconds_left = (Now() - start_seconds_) /
                      static_cast<double>(summary_.session_steps) *
                      static_cast<double>(config_.steps() - state_.step());
  parts_.progress->Step(show);
}

absl::Status Trainer::EvaluateBatches(bool* best) {
  const EvaluationPlan plan = {config_.batch_sequences(),
                               config_.evaluation().batches()};
  ARCHLAB_ASSIGN_OR_RETURN(const Evaluation found,
                           Evaluate(*parts_.model, *parts_.corpus, plan));
  const bool last = state_.step() == config_.steps();
  // Where nothing is saved on the way, only the end can be the best.
  *best =
      (last || config_.checkpoints().every_steps() > 0) &&
      std::isfinite(found.loss) &&
      (!state_.has_best_step() || found.loss < state_.best_validation_loss());
  if (*best) {
    state_.set_best_step(state_.step());
    state_.set_best_validation_loss(found.loss);
  }
  parts_.progress->Say(absl::StrFormat(
      "step %d: %s%s%s", state_.step(), Describe(found),
      found.whole ? "" : absl::StrFormat(" (%d batches)", plan.batches),
      *best ? ", the best so far" : ""));
  if (!last) return WriteEvaluation(found);
  // EvaluateWhole writes the line of the last step.
  if (found.whole) whole_ = found;
  return absl::OkStatus();
}

absl::Status Trainer::EvaluateWhole() {
  if (!whole_.has_value()) {
    const EvaluationPlan plan = {config_.batch_sequences(), 0};
    const absl::StatusOr<Evaluation> found = Evaluate(
        *parts_.model, *parts_.corpus, plan, &InterruptGuard::Requested);
    summary_.interrupted = absl::IsCancelled(found.status());
    if (summary_.interrupted) return absl::OkStatus();
    if (!found.ok()) return found.status();
    whole_ = *found;
  }
  summary_.validation_loss = whole_->loss;
  summary_.bits_per_byte = whole_->bits_per_byte;
  summary_.accuracy = whole_->accuracy;
  ARCHLAB_RETURN_IF_ERROR(WriteEvaluation(*whole_));
  return SyncMetrics();
}

absl::Status Trainer::Save() {
  ARCHLAB_RETURN_IF_ERROR(SyncMetrics());
  state_.set_metrics_bytes(metrics_->bytes());
  const CheckpointFolder checkpoints = parts_.folder->checkpoints();
  ARCHLAB_RETURN_IF_ERROR(
      checkpoints.Write(state_, ModelTensors(parts_.model->parameters()),
                        step_.OptimizerTensors()));
  saved_step_ = state_.step();
  // The record first: what it names as the best is then always there.
  ARCHLAB_RETURN_IF_ERROR(SetState(RUNNING));
  return checkpoints.Prune(config_.checkpoints().keep(),
                           state_.has_best_step() ? state_.best_step() : -1);
}

absl::Status Trainer::SetState(RunState state, absl::string_view error) {
  archlab::Run run = parts_.folder->run();
  run.set_state(state);
  run.set_step(std::max<int64_t>(saved_step_, 0));
  if (state_.step() == run.step()) {  // else those of the checkpoint stay
    run.set_tokens(state_.tokens());
    run.clear_flops();
    if (state_.has_flops()) run.set_flops(state_.flops());
  }
  run.clear_best_step();
  run.clear_best_validation_loss();
  if (state_.has_best_step() && state_.best_step() <= saved_step_) {
    run.set_best_step(state_.best_step());
    run.set_best_validation_loss(state_.best_validation_loss());
  }
  run.clear_validation_loss();
  run.clear_bits_per_byte();
  run.clear_accuracy();
  if (state == DONE) {
    run.set_validation_loss(whole_->loss);
    if (whole_->bits_per_byte) run.set_bits_per_byte(*whole_->bits_per_byte);
    if (whole_->accuracy) run.set_accuracy(*whole_->accuracy);
  }
  run.clear_error();
  if (!error.empty()) run.set_error(std::string(error));
  return parts_.folder->SaveRun(run);
}

}  // namespace archlab
