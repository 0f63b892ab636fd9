// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Trainer: the loop of one run. A step, and when its number says so a line of
// metrics, an evaluation, a checkpoint.
//
// Everything a step reads is in the checkpoint or is a function of seed and
// step, so a run that is stopped anywhere and resumed makes the bytes that it
// would have made unstopped, on the same threads. In the order of a step:
//   1. train on samples next_sample .. next_sample + accumulate * batch - 1;
//   2. metrics every log_every_steps;
//   3. evaluation.batches batches every evaluation.every_steps and at the end;
//   4. a checkpoint every checkpoints.every_steps, at each new best (unless
//      that is 0), and at the end.
// After the last step the whole validation part is evaluated.

#ifndef ARCHLAB_TRAINER_H_
#define ARCHLAB_TRAINER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archlab/objective.h"
#include "archlab/optimizer.h"
#include "archlab/run.pb.h"
#include "archlab/training.pb.h"
#include "data/corpus.h"
#include "model/model.h"
#include "training/evaluate.h"
#include "training/metrics.h"
#include "training/progress.h"
#include "training/run_folder.h"
#include "training/step.h"
#include "training/tensorboard.h"

namespace archlab {

// What is trained, and on what; nothing here is owned.
struct TrainerParts {
  Model* model = nullptr;
  const Corpus* corpus = nullptr;
  const Objective* objective = nullptr;  // null: no label smoothing
  const Optimizer* optimizer = nullptr;
  const Schedule* schedule = nullptr;
  RunFolder* folder = nullptr;
  Progress* progress = nullptr;
};

struct TrainingSummary {
  int64_t step = 0;          // done
  bool interrupted = false;  // by SIGINT or SIGTERM; saved, can be resumed
  int64_t session_steps = 0;
  double session_seconds = 0;
  double tokens_per_second = 0;  // in steps of this session
  double validation_loss = 0;    // whole validation part, unless interrupted
  std::optional<double> bits_per_byte;  // where they mean something
  std::optional<double> accuracy;       // of classes
  bool generates = false;               // the model writes text
  std::string run_path;
};

class Trainer {
 public:
  Trainer(const TrainerParts& parts, const spec::Training& config,
          int64_t seed);

  // Continues from the checkpoint of `step`; later ones go when Run begins.
  // Before Run.
  absl::Status Resume(int64_t step);
  // Trains to the end, or until a signal asks it to stop. An error is recorded
  // in run.textproto too.
  absl::StatusOr<TrainingSummary> Run();

 private:
  // Makes the folder the one of a run that is where `state_` says.
  absl::Status Begin();
  absl::Status WriteEvaluation(const Evaluation& found);
  // Makes the lines of metrics and events durable.
  absl::Status SyncMetrics();
  absl::Status Loop();
  absl::Status OneStep();
  absl::Status LogStep(const StepResult& result);
  void ShowStep(const StepResult& result);
  // The fixed batches; *best says whether the loss is the smallest so far.
  absl::Status EvaluateBatches(bool* best);
  absl::Status EvaluateWhole();
  absl::Status Save();
  absl::Status SetState(RunState state, absl::string_view error = "");

  const TrainerParts parts_;
  const spec::Training config_;
  TrainingStep step_;
  CheckpointState state_;
  int64_t saved_step_ = -1;  // of the last checkpoint
  std::optional<MetricsFile> metrics_;
  std::optional<EventFile> events_;
  std::optional<Evaluation> whole_;  // after the last step
  TrainingSummary summary_;
  // Of this session: in steps alone, and since the last line of metrics.
  double step_seconds_ = 0, window_seconds_ = 0;
  int64_t session_tokens_ = 0, window_tokens_ = 0;
  double start_seconds_ = 0;  // on the steady clock
};

}  // namespace archlab

#endif  // ARCHLAB_TRAINER_H_
