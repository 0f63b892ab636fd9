// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "training/events_for_test.h"
#include "training/fakes_for_test.h"
#include "training/test_folder.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kSteps = 20;

spec::Training Config() {
  spec::Training config;
  config.set_steps(kSteps);
  config.set_batch_sequences(3);
  config.set_accumulate(2);
  config.set_log_every_steps(1);
  config.mutable_evaluation()->set_every_steps(5);
  config.mutable_evaluation()->set_batches(2);
  config.mutable_checkpoints()->set_every_steps(4);
  return config;
}

// One process's attempt at a run; `resume`: -1, or the checkpoint to take.
class Attempt {
 public:
  Attempt() {
    const auto vocabulary = Vocabulary::Make(&tokenizer_, {}, objective_);
    corpus_ =
        *Corpus::Make({&dataset_, &tokenizer_, &objective_, &*vocabulary, 8});
  }
  absl::StatusOr<TrainingSummary> Train(RunFolder* folder,
                                        const spec::Training& config,
                                        int64_t resume = -1) {
    TrainerParts parts;
    parts.model = &model;
    parts.corpus = corpus_.get();
    parts.optimizer = &optimizer_;
    parts.schedule = &schedule_;
    parts.folder = folder;
    parts.progress = &progress_;
    Trainer trainer(parts, config, 7);
    if (resume >= 0) {
      const absl::Status resumed = trainer.Resume(resume);
      EXPECT_TRUE(resumed.ok()) << resumed;
    }
    return trainer.Run();
  }
  const Corpus& corpus() const { return *corpus_; }
  FakeModel model;

 private:
  FakeDataset dataset_;
  FakeTokenizer tokenizer_;
  FakeObjective objective_;
  FakeOptimizer optimizer_;
  FakeSchedule schedule_;
  Progress progress_{nullptr};
  std::unique_ptr<Corpus> corpus_;
};

RunFolder MakeRun(const std::string& path) {
  return *RunFolder::Create(path, "", {}, archlab::Run());
}

std::string Weights(const RunFolder& folder, int64_t step) {
  return ReadAll(folder.checkpoints().StepPath(step) + "/model.safetensors");
}

// Steps of the lines that have `field`.
std::vector<int64_t> StepsWith(const RunFolder& folder, const char* field) {
  std::istringstream lines(ReadAll(folder.metrics_file()));
  std::vector<int64_t> steps;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json.contains(field)) steps.push_back(json["step"].get<int64_t>());
  }
  return steps;
}

std::vector<int64_t> Count(int64_t last) {
  std::vector<int64_t> steps;
  for (int64_t step = 1; step <= last; ++step) steps.push_back(step);
  return steps;
}

TEST(Trainer, ARunFromBeginningToEnd) {
  TestFolder root;
  RunFolder folder = MakeRun(root / "run");
  Attempt attempt;
  const double before = Evaluate(attempt.model, attempt.corpus(), {3, 0})->loss;
  const auto summary = attempt.Train(&folder, Config());
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->step, kSteps);
  EXPECT_FALSE(summary->interrupted);
  EXPECT_LT(summary->validation_loss, before - 0.5);
  EXPECT_EQ(folder.run().state(), DONE);
  EXPECT_EQ(folder.run().validation_loss(), summary->validation_loss);
  EXPECT_EQ(StepsWith(folder, "loss"), Count(kSteps));
  EXPECT_THAT(StepsWith(folder, "validation_loss"),
              ElementsAre(5, 10, 15, 20));  // the last one: the whole
  ASSERT_TRUE(folder.run().has_best_step());
  const std::vector<int64_t> saved = folder.checkpoints().Steps();
  EXPECT_EQ(saved.back(), kSteps);
  EXPECT_THAT(saved, testing::Contains(folder.run().best_step()));
  EXPECT_LE(saved.size(), 2u);  // the best and one more
  const auto last = folder.checkpoints().Read(kSteps);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->state.next_sample(), kSteps * 6);
  EXPECT_EQ(last->state.tokens(), kSteps * 6 * 8);
  EXPECT_EQ(folder.run().tokens(), kSteps * 6 * 8);
  EXPECT_EQ(folder.run().flops(), last->state.flops());
}

TEST(Trainer, StoppedAndResumedIsTheSameToTheByte) {
  TestFolder root;
  RunFolder whole = MakeRun(root / "whole");
  ASSERT_TRUE(Attempt().Train(&whole, Config()).ok());
  for (const int64_t stop : {0, 6, 7, 18}) {
    RunFolder folder = MakeRun(root / std::to_string(stop));
    Attempt first;
    first.model.interrupt_at_step = stop;
    const auto stopped = first.Train(&folder, Config());
    ASSERT_TRUE(stopped.ok()) << stopped.status();
    EXPECT_TRUE(stopped->interrupted);
    EXPECT_EQ(stopped->step, stop + 1);  // the step was finished
    EXPECT_EQ(folder.run().state(), INTERRUPTED);
    EXPECT_EQ(StepsWith(folder, "loss"), Count(stop + 1));
    const auto resumed = Attempt().Train(&folder, Config(), stop + 1);
    ASSERT_TRUE(resumed.ok()) << resumed.status();
    EXPECT_EQ(Weights(folder, kSteps), Weights(whole, kSteps));
    EXPECT_EQ(StepsWith(folder, "loss"), Count(kSteps));
    EXPECT_THAT(StepsWith(folder, "validation_loss"),
                ElementsAre(5, 10, 15, 20));
    EXPECT_EQ(folder.run().best_validation_loss(),
              whole.run().best_validation_loss());
  }
}

TEST(Trainer, FromAnEarlierCheckpointLaterOnesAreDropped) {
  TestFolder root;
  spec::Training config = Config();
  config.mutable_checkpoints()->set_keep(100);
  RunFolder folder = MakeRun(root / "run");
  ASSERT_TRUE(Attempt().Train(&folder, config).ok());
  const std::string weights = Weights(folder, kSteps);
  ASSERT_TRUE(Attempt().Train(&folder, config, 8).ok());
  EXPECT_EQ(Weights(folder, kSteps), weights);
  EXPECT_EQ(StepsWith(folder, "loss"), Count(kSteps));
}

// The numbers of metrics.jsonl, by the names that they have in TensorBoard.
Charts MetricsAsCharts(const RunFolder& folder) {
  Charts charts;
  std::istringstream lines(ReadAll(folder.metrics_file()));
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    const bool step = json.contains("loss");
    for (const auto& [name, value] : json.items()) {
      if (name == "step" || !value.is_number()) continue;
      const std::string tag =
          step ? "train/" + name
               : "validation/" + (name == "validation_loss" ? "loss" : name);
      charts[tag][json["step"].get<int64_t>()] = value.get<float>();
    }
  }
  return charts;
}

TEST(Trainer, TensorBoardShowsTheMetricsAfterStopsAndStepsBack) {
  TestFolder root;
  spec::Training config = Config();
  config.mutable_checkpoints()->set_keep(100);
  RunFolder folder = MakeRun(root / "run");
  Attempt first;
  first.model.interrupt_at_step = 9;
  ASSERT_TRUE(first.Train(&folder, config).ok());
  ASSERT_TRUE(Attempt().Train(&folder, config, 10).ok());
  ASSERT_TRUE(Attempt().Train(&folder, config, 8).ok());  // again from there
  EXPECT_EQ(EventFiles(folder.tensorboard_folder()).size(), 3u);
  const Charts charts = ReadCharts(folder.tensorboard_folder());
  EXPECT_EQ(charts, MetricsAsCharts(folder));
  EXPECT_EQ(charts.at("train/loss").size(), kSteps);
  EXPECT_EQ(charts.at("validation/loss").size(), 4u);
}

TEST(Trainer, WhatCannotBeginLeavesLaterCheckpoints) {
  TestFolder root;
  spec::Training config = Config();
  config.mutable_checkpoints()->set_keep(100);
  RunFolder folder = MakeRun(root / "run");
  ASSERT_TRUE(Attempt().Train(&folder, config).ok());
  const std::vector<int64_t> before = folder.checkpoints().Steps();
  std::filesystem::remove(folder.metrics_file());
  std::filesystem::create_directory(folder.metrics_file());
  EXPECT_FALSE(Attempt().Train(&folder, config, 8).ok());
  std::filesystem::remove(folder.metrics_file());
  std::filesystem::remove_all(folder.tensorboard_folder());
  WriteAll(folder.tensorboard_folder(), "");
  EXPECT_FALSE(Attempt().Train(&folder, config, 8).ok());
  EXPECT_EQ(folder.checkpoints().Steps(), before);
  EXPECT_EQ(folder.run().state(), DONE);
}

// A checkpoint that does not say how many operations its steps took was written
// before they were counted: a sum from there on would be wrong.
TEST(Trainer, WhatWasNotCountedFromTheFirstStepOnIsNotToldInPart) {
  TestFolder root;
  RunFolder folder = MakeRun(root / "run");
  ASSERT_TRUE(Attempt().Train(&folder, Config()).ok());
  EXPECT_EQ(StepsWith(folder, "flops"), Count(kSteps));
  EXPECT_TRUE(folder.run().has_flops());
  auto saved = folder.checkpoints().Read(kSteps);
  ASSERT_TRUE(saved.ok()) << saved.status();
  saved->state.clear_flops();
  saved->state.set_step(4);
  saved->state.set_next_sample(4 * 6);
  saved->state.set_tokens(4 * 6 * 8);
  saved->state.set_best_step(0);
  saved->state.set_metrics_bytes(0);
  ASSERT_TRUE(folder.checkpoints()
                  .Write(saved->state, saved->model, saved->optimizer)
                  .ok());
  ASSERT_TRUE(Attempt().Train(&folder, Config(), 4).ok());
  EXPECT_EQ(folder.run().step(), kSteps);
  EXPECT_EQ(folder.run().tokens(), kSteps * 6 * 8);
  EXPECT_FALSE(folder.run().has_flops());
  EXPECT_EQ(StepsWith(folder, "loss").size(), kSteps - 4);
  EXPECT_THAT(StepsWith(folder, "flops"), ElementsAre());
}

TEST(Trainer, NoStepsIsAnEvaluationOfTheFreshModel) {
  TestFolder root;
  RunFolder folder = MakeRun(root / "run");
  spec::Training config = Config();
  config.set_steps(0);
  const auto summary = Attempt().Train(&folder, config);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_NEAR(summary->validation_loss, std::log(4.0), 0.05);
  EXPECT_THAT(folder.checkpoints().Steps(), ElementsAre(0));
}

TEST(Trainer, OnlyTheEndIsSavedWhenAskedSo) {
  TestFolder root;
  RunFolder folder = MakeRun(root / "run");
  spec::Training config = Config();
  config.mutable_checkpoints()->set_every_steps(0);
  config.mutable_evaluation()->set_batches(0);
  ASSERT_TRUE(Attempt().Train(&folder, config).ok());
  EXPECT_THAT(folder.checkpoints().Steps(), ElementsAre(kSteps));
  EXPECT_EQ(folder.run().best_step(), kSteps);
  EXPECT_THAT(StepsWith(folder, "validation_loss"), ElementsAre(5, 10, 15, 20));
}

TEST(Trainer, AFailureIsRecordedAndCanBeResumed) {
  TestFolder root;
  RunFolder folder = MakeRun(root / "run");
  Attempt attempt;
  attempt.model.bad_activation_at_step = 9;
  const auto failed = attempt.Train(&folder, Config());
  EXPECT_EQ(failed.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(folder.run().state(), FAILED);
  EXPECT_THAT(folder.run().error(), HasSubstr("step 10: the loss is"));
  EXPECT_EQ(folder.run().step(), folder.checkpoints().Steps().back());
  const auto resumed = Attempt().Train(&folder, Config(), folder.run().step());
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ(folder.run().state(), DONE);
  EXPECT_FALSE(folder.run().has_error());
  EXPECT_EQ(StepsWith(folder, "loss"), Count(kSteps));
}

TEST(Evaluate, TheWholeIsEveryTargetOnce) {
  Attempt attempt;
  const auto whole = Evaluate(attempt.model, attempt.corpus(), {3, 0});
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->tokens, 100);
  EXPECT_TRUE(whole->whole);
  // One byte a token: bits per byte are bits a token.
  EXPECT_NEAR(whole->bits_per_byte.value(), whole->loss / std::log(2.0), 1e-12);
  EXPECT_NEAR(whole->perplexity, std::exp(whole->loss), 1e-9);
  const auto other_rows = Evaluate(attempt.model, attempt.corpus(), {5, 0});
  EXPECT_NEAR(other_rows->loss, whole->loss, 1e-6);
  const auto piece = Evaluate(attempt.model, attempt.corpus(), {3, 2});
  EXPECT_FALSE(piece->whole);
  EXPECT_EQ(piece->tokens, 2 * 3 * 8);
  EXPECT_TRUE(Evaluate(attempt.model, attempt.corpus(), {3, 1000})->whole);
  EXPECT_EQ(
      Evaluate(attempt.model, attempt.corpus(), {3, 0}, [] { return true; })
          .status()
          .code(),
      absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace archlab
