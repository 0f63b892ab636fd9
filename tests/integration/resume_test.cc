// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Stopping a run anywhere and resuming it makes the bytes that not stopping it
// makes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <random>

#include "run_archlab.h"
#include "tiny_experiment.h"
#include "training/run_folder.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kSteps = 60;

double Now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

// What is counted over all kills.
struct Tally {
  int kills = 0;
  int in_checkpoint = 0;        // kills inside the writing of a checkpoint
  int resumed_above_start = 0;  // resumes that began above step 0
};

// One run that is killed again and again.
class Victim {
 public:
  Victim(const TinyExperiment& experiment, const std::string& name)
      : experiment_(experiment), run_(experiment.run(name)) {}

  // Starts or resumes the run; kills it `seconds` after training began
  // (negative: leaves that to the crash point). False when it was done first.
  bool KillOnce(double seconds, const std::string& crash_at, Tally* tally) {
    StartOptions options;
    if (!crash_at.empty()) options.environment["ARCHLAB_CRASH_AT"] = crash_at;
    const int64_t from = LastStep(run_);
    Process process(experiment_.folder(), Arguments(), options);
    process.WaitForTalk("training in");
    if (seconds >= 0) {
      usleep(static_cast<useconds_t>(seconds * 1e6));
      process.Signal(SIGKILL);
    }
    const Ended ended = process.Wait();
    if (ended.signal == 0) {
      EXPECT_EQ(ended.status, 0) << ended.err;
      return false;
    }
    EXPECT_EQ(ended.signal, SIGKILL) << ended.err;
    ++tally->kills;
    tally->in_checkpoint += crash_at.rfind("checkpoint.", 0) == 0;
    tally->resumed_above_start += from > 0;
    if (from > 0) {
      EXPECT_THAT(ended.err, HasSubstr("from step " + std::to_string(from)));
    }
    return true;
  }

  void Finish() {
    const Ended ended = RunArchlab(experiment_.folder(), Arguments());
    EXPECT_EQ(ended.status, 0) << ended.err;
  }
  const std::string& run() const { return run_; }

 private:
  std::vector<std::string> Arguments() const {
    return {"train", experiment_.spec(), "--run", run_, "--resume"};
  }
  const TinyExperiment& experiment_;
  const std::string run_;
};

double FlopsOf(const std::string& run) {
  const auto folder = RunFolder::OpenToRead(run);
  EXPECT_TRUE(folder.ok()) << folder.status();
  return folder.ok() ? folder->run().flops() : 0;
}

void ExpectSameAs(const std::string& run, const std::string& whole) {
  EXPECT_EQ(LastStep(run), kSteps);
  EXPECT_EQ(WeightsSha256(run), WeightsSha256(whole));
  EXPECT_EQ(OptimizerSha256(run), OptimizerSha256(whole));
  EXPECT_GT(FlopsOf(whole), 0);
  EXPECT_EQ(FlopsOf(run), FlopsOf(whole));
  EXPECT_EQ(MetricSteps(run, "loss"), StepsTo(kSteps));
  EXPECT_EQ(MetricSteps(run, "validation_loss"),
            MetricSteps(whole, "validation_loss"));
}

TEST(Resume, KilledTwentyTimesItMakesTheSameBytes) {
  const TinyExperiment experiment;
  const std::string whole = experiment.run("whole");
  Process uninterrupted(experiment.folder(),
                        {"train", experiment.spec(), "--run", whole});
  ASSERT_TRUE(uninterrupted.WaitForTalk("training in"));
  const double begin = Now();
  const Ended ended = uninterrupted.Wait();
  const double seconds = Now() - begin;
  ASSERT_EQ(ended.status, 0) << ended.err;
  ASSERT_THAT(MetricSteps(whole, "validation_loss"),
              ElementsAre(10, 20, 30, 40, 50, 60));

  const std::vector<std::string> crash_points = {"checkpoint.begin:2",
                                                 "checkpoint.after_model:1",
                                                 "checkpoint.after_optimizer",
                                                 "checkpoint.before_rename:2",
                                                 "checkpoint.after_rename:2",
                                                 "checkpoint.before_rename:1",
                                                 "remove.after_rename:1",
                                                 "metrics.written:4",
                                                 "step.done:3"};
  std::mt19937 random(2026);
  std::uniform_real_distribution<double> fraction(0, 0.1);
  Tally tally;
  int rounds = 0;
  while (tally.kills < 20) {
    Victim victim(experiment, "killed" + std::to_string(rounds++));
    bool alive = true;
    while (alive && tally.kills < 20) {
      // Every other kill strikes at a named point, the others at any moment.
      const size_t point = static_cast<size_t>(tally.kills / 2);
      const bool named = tally.kills % 2 == 1 && point < crash_points.size();
      alive = victim.KillOnce(named ? -1 : fraction(random) * seconds,
                              named ? crash_points[point] : "", &tally);
    }
    victim.Finish();
    ExpectSameAs(victim.run(), whole);
    ASSERT_LT(rounds, 20) << "the run ends before it can be killed";
  }
  EXPECT_GE(tally.in_checkpoint, 5);
  EXPECT_GE(tally.resumed_above_start, 15);
  std::printf(
      "%d kills, %d inside the writing of a checkpoint, %d resumes "
      "above step 0, %d runs\n",
      tally.kills, tally.in_checkpoint, tally.resumed_above_start, rounds);
}

TEST(Resume, CtrlCFinishesTheStepSavesAndSaysHowToGoOn) {
  const TinyExperiment experiment;
  const std::string run = experiment.run("run");
  int64_t before = 0;
  for (const int signal : {SIGINT, SIGTERM}) {
    std::vector<std::string> arguments = {"train", "--resume", run};
    if (before == 0)
      arguments = {"train", experiment.spec(), "--run",
                   run,     "--set",           "training.steps = 1000000"};
    Process process(experiment.folder(), arguments);
    ASSERT_TRUE(process.WaitForTalk("loss")) << process.Wait().err;
    process.Signal(signal);
    const Ended ended = process.Wait();
    EXPECT_EQ(ended.status, 1) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("archlab train --resume " + run));
    EXPECT_GT(LastStep(run), before);
    EXPECT_EQ(MetricSteps(run, "loss"), StepsTo(LastStep(run)));
    before = LastStep(run);
  }
}

TEST(Resume, ARunThatIsDoneIsLeftAlone) {
  const TinyExperiment experiment;
  const std::string run = experiment.run("run");
  const Ended first =
      RunArchlab(experiment.folder(), {"train", experiment.spec(), "--run", run,
                                       "--set", "training.steps = 4"});
  ASSERT_EQ(first.status, 0) << first.err;
  const std::string metrics = ReadAll(run + "/metrics.jsonl");
  const Ended again =
      RunArchlab(experiment.folder(), {"train", "--resume", run});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("is done already"));
  const std::string plugins = ARCHLAB_BUILD_DIR "/lib/archlab/plugins";
  EXPECT_THAT(RunArchlab(experiment.folder(),
                         {"train", "--resume", run, "--plugin-path", plugins})
                  .out,
              HasSubstr("archlab generate " + run + " --plugin-path " +
                        plugins + "\n"));
  EXPECT_EQ(ReadAll(run + "/metrics.jsonl"), metrics);
  for (const char* line : {"validation loss", "bits per byte", "generate with"})
    EXPECT_THAT(again.out, HasSubstr(line));
  // Done, but not to be used.
  for (const auto& each :
       std::filesystem::recursive_directory_iterator(run + "/checkpoints"))
    if (each.path().filename() == "model.safetensors")
      std::filesystem::resize_file(each.path(), 100);
  const Ended damaged =
      RunArchlab(experiment.folder(), {"train", "--resume", run});
  EXPECT_NE(damaged.status, 0);
  EXPECT_THAT(damaged.err, HasSubstr("cannot be used"));
}

TEST(Resume, ARunThatLostItsCheckpointsIsTrainedAgain) {
  const TinyExperiment experiment;
  const std::string run = experiment.run("run");
  ASSERT_EQ(
      RunArchlab(experiment.folder(), {"train", experiment.spec(), "--run", run,
                                       "--set", "training.steps = 4"})
          .status,
      0);
  const std::string weights = WeightsSha256(run);
  std::filesystem::remove_all(run + "/checkpoints");
  const Ended again =
      RunArchlab(experiment.folder(), {"train", "--resume", run});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("its last checkpoint (step 4) is gone"));
  EXPECT_EQ(WeightsSha256(run), weights);
  EXPECT_EQ(MetricSteps(run, "loss"), StepsTo(4));
}

}  // namespace
}  // namespace archlab
