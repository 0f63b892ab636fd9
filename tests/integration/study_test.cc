// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Studies as a user runs them: what is repeated, what is kept, and that nothing
// that happens to one on the way changes its results.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "run_archlab.h"
#include "tiny_experiment.h"

namespace archlab {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kArms[] = R"(
arm { name: "learned" }
arm { name: "rope" set: "model.decoder_only.stack.position = [position/rope] {}" }
arm { name: "whole_window"
  set: "model.decoder_only.stack.group[0].block[0].attention.core = [attention/sliding_window] { window: 64 }" }
)";

// A study of the tiny experiment.
class TinyStudy {
 public:
  TinyStudy() { Write(kArms); }

  void Write(const std::string& arms, const std::string& more = "") {
    WriteAll(file(), R"(
name: "tiny"
question: "Does it matter?"
base: "tiny.textproto"
set: "training.steps = 12"
set: "training.accumulate = 1"
)" + arms + more + "\nseeds { count: 2 }\n");
  }
  // Runs the study in a folder.
  Ended Run(const std::string& folder,
            const std::vector<std::string>& more = {},
            const StartOptions& options = {}) const {
    return RunArchlab(experiment_.folder(), Arguments(folder, more), options);
  }
  std::vector<std::string> Arguments(
      const std::string& folder, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"study", file(), "--folder",
                                          Path(folder)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::string Path(const std::string& folder) const {
    return experiment_.run(folder);
  }
  std::string Results(const std::string& folder) const {
    return ReadAll(Path(folder) + "/results.jsonl");
  }
  int Runs(const std::string& folder) const {
    int count = 0;
    for (const auto& each : fs::directory_iterator(Path(folder) + "/runs"))
      count += each.path().filename().string()[0] != '.';
    return count;
  }
  // How many runs were trained, by what the study said.
  static int Trained(const Ended& ended) {
    int count = 0;
    for (size_t at = 0;
         (at = ended.err.find(": done (", at)) != std::string::npos; ++at)
      ++count;
    return count;
  }
  std::string file() const { return experiment_.run("study.textproto"); }
  std::string spec() const { return experiment_.spec(); }
  const TinyExperiment& experiment() const { return experiment_; }

 private:
  TinyExperiment experiment_;
};

TEST(Study, ComparesReportsAndSaysIdentical) {
  const TinyStudy study;
  const Ended ended = study.Run("a");
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(study.Trained(ended), 6) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("whole_window is identical to learned"));
  EXPECT_THAT(ended.out, HasSubstr("Does it matter?"));
  for (const char* file : {"report.html", "report.md", "results.csv",
                           "results.jsonl", "timings.jsonl"})
    EXPECT_GT(fs::file_size(study.Path("a") + "/" + file), 100u) << file;
  EXPECT_THAT(study.Results("a"), Not(HasSubstr("second")));
}

TEST(Study, KeepsWhatIsThereAndRunsWhatIsNew) {
  TinyStudy study;
  ASSERT_EQ(study.Run("a").status, 0);
  const std::string before = study.Results("a");
  // Nothing to do; another number of jobs; a comment in a spec.
  EXPECT_EQ(study.Trained(study.Run("a")), 0);
  EXPECT_EQ(study.Trained(study.Run("a", {"--jobs", "1"})), 0);
  WriteAll(study.spec(), "# a comment\n" + ReadAll(study.spec()));
  EXPECT_EQ(study.Trained(study.Run("a")), 0);
  EXPECT_EQ(study.Results("a"), before);
  // An arm and a seed.
  study.Write(kArms,
              "arm { name: \"none\" set: "
              "\"model.decoder_only.stack.position = [position/none] "
              "{}\" }");
  EXPECT_EQ(study.Trained(study.Run("a")), 2);
  const Ended more = study.Run("a", {"--set", "seeds.count = 3"});
  EXPECT_EQ(study.Trained(more), 4) << more.err;
  EXPECT_THAT(more.err, HasSubstr("Judged before with 2 seeds"));
}

TEST(Study, JobsChangeNoResult) {
  const TinyStudy study;
  ASSERT_EQ(study.Run("a", {"--jobs", "1"}).status, 0);
  const Ended ended = study.Run("b", {"--jobs", "4"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(study.Results("a"), study.Results("b"));
}

// Replaces a text in a file.
void Edit(const std::string& file, const std::string& from,
          const std::string& to) {
  std::string text = ReadAll(file);
  const size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << file << ": " << text;
  WriteAll(file, text.replace(at, from.size(), to));
}

TEST(Study, OtherCodeTrainsAgainAndSaysWhy) {
  const TinyStudy study;
  ASSERT_EQ(study.Run("a").status, 0);
  const std::string before = study.Results("a");
  // As if rope's plugin had been built from other code.
  for (const auto& each : fs::directory_iterator(study.Path("a") + "/runs"))
    if (each.path().filename().string().rfind("rope-", 0) == 0)
      Edit(each.path() / "run.textproto",
           "component: \"position/rope\"\n    version: \"",
           "component: \"position/rope\"\n    version: \"9.");
  const Ended kept = study.Run("a", {"--accept-build"});
  EXPECT_EQ(study.Trained(kept), 0) << kept.err;
  EXPECT_THAT(kept.err, HasSubstr("made by another build: plugins changed"));
  const Ended again = study.Run("a");
  EXPECT_EQ(study.Trained(again), 2) << again.err;
  EXPECT_THAT(again.err, HasSubstr("is made again: plugins changed "
                                   "(position/rope) (--accept-build keeps"));
  EXPECT_EQ(study.Results("a"), before);
}

TEST(Study, KilledAtRandomGivesTheSameResults) {
  const TinyStudy study;
  const std::vector<std::string> longer = {"--jobs", "4",
                                           "--set",  "seeds.count = 3",
                                           "--set",  "training.steps = 60"};
  ASSERT_EQ(study.Run("undisturbed", longer).status, 0);
  std::mt19937 random(1);
  int killed = 0;
  for (int i = 0; i < 10; ++i) {
    Process process(study.experiment().folder(), study.Arguments("a", longer));
    usleep(std::uniform_int_distribution<useconds_t>(50000, 350000)(random));
    process.Signal(SIGKILL);
    killed += process.Wait().signal == SIGKILL;
  }
  EXPECT_GE(killed, 8);
  const Ended ended = study.Run("a", longer);
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(study.Results("a"), study.Results("undisturbed"));
}

TEST(Study, CtrlCSavesAndGoesOn) {
  const TinyStudy study;
  ASSERT_EQ(study.Run("undisturbed").status, 0);
  Process process(study.experiment().folder(), study.Arguments("a", {}));
  process.WaitForTalk(": done (");
  process.Signal(SIGINT);
  const Ended stopped = process.Wait();
  EXPECT_EQ(stopped.status, 1) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("to go on: archlab study"));
  EXPECT_EQ(study.Run("a").status, 0);
  EXPECT_EQ(study.Results("a"), study.Results("undisturbed"));
}

TEST(Study, FailedRunsDoNotStopOthersAndAreRepeated) {
  const TinyStudy study;
  ASSERT_EQ(study.Run("undisturbed").status, 0);
  // No file may grow: as on a full disk.
  StartOptions full;
  full.file_bytes = 3000;
  const Ended failed = study.Run("a", {}, full);
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("failed: "));
  EXPECT_EQ(study.Run("a").status, 0);
  EXPECT_EQ(study.Results("a"), study.Results("undisturbed"));
}

TEST(Study, DeletedRunIsMadeAgain) {
  const TinyStudy study;
  ASSERT_EQ(study.Run("a").status, 0);
  const std::string before = study.Results("a");
  fs::remove_all(fs::directory_iterator(study.Path("a") + "/runs")->path());
  EXPECT_EQ(study.Runs("a"), 5);
  const Ended ended = study.Run("a");
  EXPECT_EQ(study.Trained(ended), 1);
  EXPECT_EQ(study.Results("a"), before);
}

TEST(Study, OneFailingArmIsReported) {
  TinyStudy study;
  study.Write(kArms,
              "arm { name: \"large\" set: "
              "\"training.batch_sequences = 1048576\" }");
  const Ended ended = study.Run("a");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("large seed 1: failed: "));
  EXPECT_THAT(ended.err, ::testing::ContainsRegex(
                             "large seed 1.*: failed, and left out: "));
  EXPECT_THAT(ended.out, HasSubstr("whole_window is identical to learned"));
}

TEST(Study, MatchesFlopsOnce) {
  TinyStudy study;
  study.Write(R"(
arm { name: "two" }
arm { name: "one" set: "model.decoder_only.stack.group[0].repeat = 1" }
)",
              "budget { match: TRAINING_FLOPS solve: \"training.steps\" "
              "tolerance: 0.1 }");
  const Ended plan = study.Run("a", {"--plan"});
  ASSERT_EQ(plan.status, 0) << plan.err;
  EXPECT_THAT(plan.out, HasSubstr("training.steps: 12 -> 23 (budget)"));
  EXPECT_THAT(plan.out, HasSubstr("4 runs to train, 0 there already"));
  const std::string solved = ReadAll(study.Path("a") + "/plan.textproto");
  EXPECT_THAT(solved, HasSubstr("override: \"training.steps = 23\""));
  ASSERT_EQ(study.Run("a").status, 0);
  EXPECT_EQ(ReadAll(study.Path("a") + "/plan.textproto"), solved);
}

// Seconds differ from trial to trial: what was solved once stays.
TEST(Study, MatchesWallClockOnce) {
  TinyStudy study;
  study.Write(kArms,
              "budget { match: WALL_CLOCK solve: \"training.steps\" "
              "tolerance: 0.5 }");
  ASSERT_EQ(study.Run("a", {"--plan"}).status, 0);
  const std::string solved = ReadAll(study.Path("a") + "/plan.textproto");
  EXPECT_THAT(solved, HasSubstr("override: \"training.steps = "));
  ASSERT_EQ(study.Run("a", {"--jobs", "2"}).status, 0);
  EXPECT_EQ(study.Trained(study.Run("a")), 0);
  EXPECT_EQ(ReadAll(study.Path("a") + "/plan.textproto"), solved);
  study.Write(kArms,
              "budget { match: WALL_CLOCK solve: "
              "\"model.decoder_only.stack.width\" }");
  const Ended refused = study.Run("a");
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("must be \"training.steps\""));
}

TEST(Study, MatchesBytesOfTextAcrossTokenizers) {
  TinyStudy study;
  study.Write(R"(
arm { name: "char" }
arm { name: "bpe" set: "data.tokenizer = [tokenizer/bpe] { vocabulary_size: 300 }" }
)",
              "metric: BITS_PER_BYTE budget { match: TRAINING_BYTES solve: "
              "\"training.steps\" tolerance: 0.2 }");
  const Ended ended = study.Run("a");
  ASSERT_EQ(ended.status, 0) << ended.err;
  // A pair of letters is read in one token: fewer steps for the same text.
  const std::string solved = ReadAll(study.Path("a") + "/plan.textproto");
  EXPECT_THAT(solved, HasSubstr("override: \"training.steps = "));
  EXPECT_THAT(solved, Not(HasSubstr("training.steps = 12")));
  EXPECT_THAT(ended.err, Not(HasSubstr("Not matched after all")));
}

// Seeds of its own for each arm.
TEST(Study, UnpairedArmsShareNoSeed) {
  TinyStudy study;
  study.Write("arm { name: \"a\" } arm { name: \"b\" } pairing: UNPAIRED");
  const Ended ended = study.Run("a");
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(study.Runs("a"), 4);
  const std::string results = ReadAll(study.Path("a") + "/results.csv");
  for (const char* line : {"a,1,", "a,2,", "b,10001,", "b,10002,"})
    EXPECT_THAT(results, HasSubstr(line));
}

TEST(Study, GridTunesEachArmAndTrainsFreshSeeds) {
  TinyStudy study;
  study.Write(kArms, "grid { value: \"1e-3\" value: \"1e-2\" }");
  const Ended ended = study.Run("a");
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(study.Runs("a"), 12) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("rope: training.schedule.learning_rate = "
                                   "1e-2 is the best of the grid"));
  EXPECT_THAT(study.Results("a"), Not(HasSubstr("1000001")));
}

TEST(Study, FactorsHaveMainEffectsAndInteractions) {
  TinyStudy study;
  study.Write(R"(
design: FULL_FACTORIAL
factor { name: "position"
  level { name: "learned" }
  level { name: "rope" set: "model.decoder_only.stack.position = [position/rope] {}" } }
factor { name: "depth"
  level { name: "two" }
  level { name: "one" set: "model.decoder_only.stack.group[0].repeat = 1" } }
)");
  const Ended ended = study.Run("a");
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(study.Runs("a"), 8);
  EXPECT_THAT(ended.out, HasSubstr("position=rope (main effect)"));
  EXPECT_THAT(ended.out, HasSubstr("position=rope x depth=one"));
}

// Seeds of its own choose how many are trained.
TEST(Study, PilotChoosesTheNumberOfSeeds) {
  TinyStudy study;
  study.Write(kArms);
  const Ended ended = study.Run(
      "a", {"--set", "seeds.count = 3", "--set", "seeds.smallest_effect = 1e-6",
            "--set", "seeds.most = 4"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(study.Runs("a"), 3 * 3 + 3 * 4) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("the pilot's deviation of a difference is"));
  EXPECT_THAT(ended.err, HasSubstr("raise seeds.most"));
  EXPECT_THAT(study.Results("a"), Not(HasSubstr("2000001")));
}

TEST(Study, LooksEarlyAndStopsArmsThatAreClear) {
  TinyStudy study;
  study.Write(R"(
arm { name: "right" set: "training.steps = 40" }
arm { name: "far_off" set: "training.steps = 40"
      set: "training.schedule.learning_rate = 1e-5" }
)");
  const Ended ended =
      study.Run("a", {"--set", "seeds.count = 8", "--set", "seeds.look = 4"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("far_off is worse after 4 seeds and gets no "
                                   "more"));
  EXPECT_THAT(ended.err, HasSubstr("Looked at early: the interval of far_off"));
  EXPECT_EQ(study.Runs("a"), 8);
}

TEST(Study, RefusesAMetricThatTheRunsWillNotHave) {
  TinyStudy study;
  study.Write(kArms, "metric: ACCURACY");
  const Ended ended = study.Run("a");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("arm 'learned' has no accuracy; that is of "
                                   "models that predict classes"));
}

TEST(Study, LeavesOtherFoldersAlone) {
  const TinyStudy study;
  fs::create_directories(study.Path("mine"));
  WriteAll(study.Path("mine") + "/report.md", "my own");
  const Ended ended = study.Run("mine");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("is there and is no study's folder"));
  EXPECT_EQ(ReadAll(study.Path("mine") + "/report.md"), "my own");
}

// A record that was damaged is passed over, not tripped over.
TEST(Study, DamagedRunIsMadeAgain) {
  const TinyStudy study;
  ASSERT_EQ(study.Run("a").status, 0);
  const std::string before = study.Results("a");
  const auto run = fs::directory_iterator(study.Path("a") + "/runs")->path();
  WriteAll(run / "run.textproto", "garbage");
  const Ended ended = study.Run("a");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(study.Results("a"), before);
}

TEST(Study, JudgesOnADatasetOfItsOwn) {
  TinyStudy study;
  WriteAll(study.experiment().run("test.txt"),
           "the king said unto them go ye and see what is there and go\n");
  study.Write(kArms,
              "evaluate: \"data.dataset.validation_path = "
              "\\\"test.txt\\\"\"");
  const Ended ended = study.Run("a");
  ASSERT_EQ(ended.status, 0) << ended.err;
  const std::string judged = study.Results("a");
  study.Write(kArms);
  ASSERT_EQ(study.Run("a").status, 0);
  EXPECT_NE(study.Results("a"), judged);
  study.Write(kArms,
              "evaluate: \"data.dataset.validation_path = "
              "\\\"gone.txt\\\"\"");
  const Ended gone = study.Run("a");
  EXPECT_EQ(gone.status, 2);
  EXPECT_THAT(gone.err, HasSubstr("data.dataset.validation_path:1:"));
  EXPECT_THAT(gone.err, HasSubstr("gone.txt'"));
}

TEST(Study, FindsADefect) {
  TinyStudy study;
  study.Write(R"(
arm { name: "right" set: "training.steps = 40" }
arm { name: "halved" set: "training.steps = 40"
      set: "training.schedule.learning_rate = 1.5e-3" }
)");
  const Ended ended = study.Run("a", {"--set", "seeds.count = 5"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("halved is worse than right"));
}

TEST(Study, BadInputIsAnErrorWithPlaceAndRemedy) {
  TinyStudy study;
  const auto refused = [&](const std::string& arms, const std::string& text,
                           const std::vector<std::string>& more = {}) {
    study.Write(arms);
    const Ended ended = study.Run("a", more);
    EXPECT_EQ(ended.status, 2) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(text));
  };
  refused("arm { name: \"a\" }", "must have at least 2 arms");
  refused("arm { name: \"a\" } arm { name: \"a\" }",
          "there is another arm 'a'");
  refused("arm { name: \"a b\" } arm { name: \"c\" }",
          "must have letters, digits and _-.=+, only");
  refused("arm { name: \"a\" } arm { name: \"b\" set: \"training.stepz = 3\" }",
          "arm 'b', training.stepz:1:10: training.stepz: there is no such "
          "field. Did you mean 'steps'?");
  refused("arm { name: \"a\" } arm { name: \"b\" set: \"seed = 3\" }",
          "arm 'b' sets `seed`");
  refused(kArms, "--set 'seeds.first = N'", {"--set", "seed = 3"});
  refused(std::string(kArms) +
              "budget { match: PARAMETERS solve: "
              "\"training.steps\" }",
          "parameters cannot be matched by training.steps");
  refused(std::string(kArms) + "generator { factor: \"x\" product: \"y\" }",
          "there is no factor 'x'");
  refused(std::string(kArms) + "factor { name: \"f\" level { name: \"one\" } }",
          "must have at least 2 levels");
  const Ended gone =
      RunArchlab(study.experiment().folder(), {"study", "gone.textproto"});
  EXPECT_EQ(gone.status, 2);
  EXPECT_THAT(gone.err, HasSubstr("gone.textproto"));
}

TEST(Compare, TakesRunsOfAnyStudy) {
  const TinyStudy study;
  ASSERT_EQ(study.Run("a").status, 0);
  std::vector<std::string> arguments = {"compare", "--folder",
                                        study.Path("compared")};
  for (const auto& each : fs::directory_iterator(study.Path("a") + "/runs"))
    arguments.push_back(each.path());
  const Ended ended = RunArchlab(study.experiment().folder(), arguments);
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(fs::exists(study.Path("compared") + "/report.html"));
  const Ended one =
      RunArchlab(study.experiment().folder(),
                 {"compare", arguments.back(), "--folder", study.Path("one")});
  ASSERT_EQ(one.status, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("tiny has a validation loss of "));
  arguments.push_back(arguments.back() + "/");
  const Ended twice = RunArchlab(study.experiment().folder(), arguments);
  EXPECT_EQ(twice.status, 2);
  EXPECT_THAT(twice.err, HasSubstr("this run was given already"));
}

}  // namespace
}  // namespace archlab
