// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What can go wrong with a run: damaged checkpoints, changed inputs, a full
// disk, two at once. Each has a message with the remedy and leaves the run
// whole.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "run_archlab.h"
#include "tiny_experiment.h"
#include "training/checkpoint.h"

namespace archlab {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class RunErrors : public testing::Test {
 protected:
  Ended Archlab(const std::vector<std::string>& arguments,
                const StartOptions& options = {}) {
    return RunArchlab(experiment_.folder(), arguments, options);
  }
  // Trains 12 steps; dies at the crash point, if any.
  Ended Train(const std::string& crash_at = "") {
    StartOptions options;
    if (!crash_at.empty()) options.environment["ARCHLAB_CRASH_AT"] = crash_at;
    return Archlab({"train", experiment_.spec(), "--run", run_, "--set",
                    "training.steps = 12"},
                   options);
  }
  Ended Resume(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"train", "--resume", run_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Archlab(arguments);
  }
  std::string FileOf(int64_t step, const std::string& name) const {
    return CheckpointFolder(run_ + "/checkpoints").StepPath(step) + "/" + name;
  }

  const TinyExperiment experiment_;
  const std::string run_ = experiment_.run("run");
};

TEST_F(RunErrors, ADamagedCheckpoint) {
  ASSERT_EQ(Train("step.done:9").signal, SIGKILL);
  ASSERT_EQ(LastStep(run_), 8);
  const std::string file = FileOf(8, "model.safetensors");
  const std::string whole = ReadAll(file);
  for (const std::string& bad :
       {whole.substr(0, 100), whole.substr(0, whole.size() - 1), std::string(),
        std::string(100, '\xff')}) {
    WriteAll(file, bad);
    const Ended ended = Resume();
    EXPECT_EQ(ended.status, 2) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(file));
    EXPECT_THAT(ended.err, HasSubstr("--from-step"));
  }
  std::string flipped = whole;
  flipped[whole.size() / 2] ^= 4;
  WriteAll(file, flipped);
  EXPECT_THAT(Resume().err, HasSubstr("damaged"));
  EXPECT_EQ(Archlab({"eval", run_}).status, 2);
  // Only when the user says so an earlier one is taken.
  const Ended earlier = Resume({"--from-step", "6"});
  EXPECT_EQ(earlier.status, 0) << earlier.err;
  EXPECT_EQ(MetricSteps(run_, "loss"), StepsTo(12));
}

TEST_F(RunErrors, ADamagedStateOrRecord) {
  ASSERT_EQ(Train("step.done:9").signal, SIGKILL);
  std::string whole = ReadAll(FileOf(8, "state.textproto"));
  whole.erase(whole.find("next_sample"), sizeof("next_sample: 64"));
  WriteAll(FileOf(8, "state.textproto"), "step: eight");
  const Ended state = Resume();
  EXPECT_EQ(state.status, 2);
  EXPECT_THAT(state.err, HasSubstr("state.textproto:1:"));
  WriteAll(FileOf(8, "state.textproto"), whole + "next_sample: 63");
  const Ended sample = Resume();
  EXPECT_EQ(sample.status, 2);
  EXPECT_THAT(
      sample.err,
      HasSubstr("state.textproto: next_sample is 63 and must be 64\nThe "));
  const size_t flops = whole.find("flops: ") + sizeof("flops: ") - 1;
  WriteAll(FileOf(8, "state.textproto"),
           std::string(whole).insert(flops, "-") + "next_sample: 64");
  EXPECT_THAT(Resume().err,
              ContainsRegex("flops is -[0-9.e+]+ and must be 0 or more"));
  WriteAll(run_ + "/run.textproto", "\xff\xff");
  const Ended record = Resume();
  EXPECT_EQ(record.status, 2);
  EXPECT_THAT(record.err, HasSubstr("run.textproto"));
}

TEST_F(RunErrors, AnotherSpecOrCorpus) {
  ASSERT_EQ(Train("step.done:9").signal, SIGKILL);
  const Ended spec = Archlab({"train", experiment_.spec(), "--run", run_,
                              "--resume", "--set", "training.steps = 13"});
  EXPECT_EQ(spec.status, 2);
  EXPECT_THAT(spec.err, HasSubstr("started from another spec"));
  const Ended overrides = Resume({"--set", "training.steps = 13"});
  EXPECT_EQ(overrides.status, 2);
  EXPECT_THAT(overrides.err, HasSubstr("resumed with the spec"));
  const std::string text = ReadAll(experiment_.corpus());
  WriteAll(experiment_.corpus(), text + "the king\n");
  const Ended corpus = Resume();
  EXPECT_EQ(corpus.status, 2);
  EXPECT_THAT(corpus.err, HasSubstr("text of the corpus"));
  WriteAll(experiment_.corpus(), text);
  EXPECT_EQ(Resume().status, 0);
}

TEST_F(RunErrors, AnotherNumberOfThreadsIsAWarning) {
  ASSERT_EQ(Train("step.done:9").signal, SIGKILL);
  const Ended ended = Resume({"--threads", "2"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err,
              HasSubstr("the number of threads changed from 1 to 2"));
}

TEST_F(RunErrors, ARunThatIsThereIsNotOverwritten) {
  ASSERT_EQ(Train().status, 0);
  const std::string weights = WeightsSha256(run_);
  const Ended again = Train();
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("add --resume"));
  EXPECT_EQ(WeightsSha256(run_), weights);
  const Ended folder = Archlab({"train", run_});
  EXPECT_EQ(folder.status, 2);
  EXPECT_THAT(folder.err, HasSubstr("archlab train --resume"));
}

TEST_F(RunErrors, TwoAtOnce) {
  Process first(experiment_.folder(),
                {"train", experiment_.spec(), "--run", run_, "--set",
                 "training.steps = 1000000"});
  ASSERT_TRUE(first.WaitForTalk("loss"));
  const TinyExperiment elsewhere;  // for the talk of the second
  const Ended second =
      RunArchlab(elsewhere.folder(), {"train", "--resume", run_});
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.err, HasSubstr("another process is training"));
  first.Signal(SIGKILL);
  first.Wait();
}

TEST_F(RunErrors, OfTwoThatStartOneRunOneIsTold) {
  const TinyExperiment elsewhere;  // for the talk of the second
  const std::vector<std::string> arguments = {"train", experiment_.spec(),
                                              "--run", run_,
                                              "--set", "training.steps = 4"};
  Process first(experiment_.folder(), arguments);
  Process second(elsewhere.folder(), arguments);
  const Ended one = first.Wait(), other = second.Wait();
  EXPECT_EQ(one.status + other.status, 2) << one.err << other.err;
  EXPECT_THAT(one.err + other.err, HasSubstr("there is a run already"));
  EXPECT_EQ(LastStep(run_), 4);
}

TEST_F(RunErrors, AFullDisk) {
  ASSERT_EQ(Train("step.done:9").signal, SIGKILL);
  StartOptions full;
  full.file_bytes = 12000;  // less than the weights
  const Ended ended = Archlab({"train", "--resume", run_}, full);
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("make room"));
  EXPECT_THAT(ReadAll(run_ + "/run.textproto"), HasSubstr("FAILED"));
  EXPECT_EQ(LastStep(run_), 8);
  EXPECT_EQ(Resume().status, 0);
  EXPECT_EQ(MetricSteps(run_, "loss"), StepsTo(12));
}

TEST_F(RunErrors, DetailsGoToAFileOrAreRefusedAtOnce) {
  ASSERT_EQ(Train().status, 0);
  const std::string file = experiment_.run("details.json");
  const Ended written = Archlab({"eval", run_, "--details", file});
  EXPECT_EQ(written.status, 0) << written.err;
  EXPECT_THAT(ReadAll(file), ContainsRegex("^[{]\"loss\":.*\"trained\":true"));
  EXPECT_THAT(Archlab({"eval", run_, "--details", "/dev/null"}).err,
              HasSubstr("--details: '/dev/null' is no file; name another"));
  const Ended nowhere = Archlab({"eval", run_, "--details", file + "/x"});
  EXPECT_EQ(nowhere.status, 2);
  EXPECT_THAT(nowhere.err, HasSubstr("--details: there is no directory '" +
                                     file + "' to write to; make it"));
  EXPECT_THAT(Archlab({"eval", run_, "--details", ""}).err,
              HasSubstr("--details: must not be empty"));
}

TEST_F(RunErrors, NumbersAreWholeOrRefused) {
  for (const char* bad : {"99999999999999999999999", "-1", "1e3", "7x", ""})
    for (const char* command : {"train", "generate"}) {
      const Ended ended = Archlab({command, run_, "--seed", bad});
      EXPECT_EQ(ended.status, 2) << command << " " << bad;
      EXPECT_THAT(
          ended.err,
          HasSubstr(std::string("--seed: '") + bad +
                    "' must be a whole number from 0 to 9223372036854775807"))
          << command;
    }
}

TEST_F(RunErrors, PluginPathsThatAreNoDirectories) {
  const Ended option =
      Archlab({"plugins", "list", "--plugin-path", experiment_.run("nowhere")});
  EXPECT_EQ(option.status, 2);
  EXPECT_THAT(option.err, HasSubstr("Directory does not exist"));
  StartOptions environment;
  environment.environment["ARCHLAB_PLUGIN_PATH"] = experiment_.spec();
  const Ended variable = Archlab({"plugins", "list"}, environment);
  EXPECT_EQ(variable.status, 0);
  EXPECT_THAT(variable.err, HasSubstr("warning: ARCHLAB_PLUGIN_PATH: " +
                                      experiment_.spec() + " is no directory"));
}

TEST_F(RunErrors, FromStepNeedsARun) {
  const Ended ended = Archlab(
      {"train", experiment_.spec(), "--run", run_, "--from-step", "10"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("there is no run to go on with"));
  EXPECT_FALSE(std::filesystem::exists(run_));
}

TEST_F(RunErrors, GenerateTakesOnePromptAFlagAndShowsGoodOnes) {
  ASSERT_EQ(Train().status, 0);
  const Ended two = Archlab({"generate", "--prompt", "the", "--stop", "\n",
                             run_, "--max-tokens", "2"});
  EXPECT_EQ(two.status, 0) << two.err;
  EXPECT_EQ(two.out.substr(0, 3), "the");
  const Ended bad = Archlab({"generate", run_, "--prompt", "the %"});
  EXPECT_EQ(bad.status, 2) << bad.err;
  EXPECT_EQ(bad.out, "");
  const Ended none =
      Archlab({"generate", run_, "--prompt", "the", "--max-tokens", "0"});
  EXPECT_EQ(none.out, "the\n");
}

TEST_F(RunErrors, OverridesThatWouldMakeTheWeightsMeaningless) {
  ASSERT_EQ(Train().status, 0);
  const std::string sampler = "generation.sampler = [sampler/greedy] {}";
  for (const std::string bad : {
           "model.decoder_only.stack.group[0].block[0].attention.core = "
           "[attention/sliding_window] { window: 1 }",
           "data.tokenizer = [tokenizer/byte] {}",
           "seed = 6",
       }) {
    const Ended ended =
        Archlab({"generate", run_, "--set", sampler, "--set", bad});
    EXPECT_EQ(ended.status, 2) << bad;
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr("--set '" + bad + "' changes what"));
  }
  EXPECT_EQ(Archlab({"generate", run_, "--set", sampler}).status, 0);
}

TEST_F(RunErrors, EvalSaysThatTheCorpusChanged) {
  ASSERT_EQ(Train().status, 0);
  EXPECT_THAT(Archlab({"eval", run_, "--json"}).out,
              HasSubstr("\"corpus\": \"same\""));
  const std::string text = ReadAll(experiment_.corpus());
  WriteAll(experiment_.corpus(), text + "the king\n");
  const Ended changed = Archlab({"eval", run_, "--json"});
  EXPECT_EQ(changed.status, 0);
  EXPECT_THAT(changed.out, HasSubstr("\"corpus\": \"changed\""));
  EXPECT_THAT(changed.err, HasSubstr("warning: the text of the corpus"));
}

TEST_F(RunErrors, ABestCheckpointThatIsGone) {
  ASSERT_EQ(Train().status, 0);
  const std::string record = ReadAll(run_ + "/run.textproto");
  const size_t at = record.find("best_step: ");
  ASSERT_NE(at, std::string::npos);
  WriteAll(run_ + "/run.textproto",
           record.substr(0, at) + "best_step: 7 #" + record.substr(at));
  for (const char* command : {"eval", "generate"}) {
    const Ended ended = Archlab({command, run_});
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("of step 7, is gone"));
  }
}

TEST_F(RunErrors, ErrorsOfAStoredTokenizerNameTheRun) {
  ASSERT_EQ(Train("step.done:9").signal, SIGKILL);
  for (const auto& file :
       std::filesystem::directory_iterator(run_ + "/tokenizer"))
    WriteAll(file.path(), "{");
  for (const Ended& ended : {Archlab({"eval", run_}), Resume()}) {
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.err, HasSubstr(run_ + "/tokenizer: "));
  }
}

TEST_F(RunErrors, NobodyListens) {
  StartOptions deaf;
  deaf.deaf = true;
  const Ended ended = Archlab({"train", experiment_.spec(), "--run", run_,
                               "--set", "training.steps = 12"},
                              deaf);
  EXPECT_EQ(ended.signal, 0);
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(LastStep(run_), 12);
}

TEST_F(RunErrors, ResultsThatCannotBeWrittenAreAFailure) {
  StartOptions full;
  full.out = "/dev/full";
  ASSERT_EQ(Train().status, 0);
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"--help"},
           {"eval", run_},
           {"generate", run_, "--prompt", "the", "--max-tokens", "4"},
           {"resolve", experiment_.spec()},
           {"plugins", "list"}}) {
    const Ended ended = Archlab(arguments, full);
    EXPECT_EQ(ended.status, 1) << arguments[0];
    EXPECT_THAT(ended.err, HasSubstr("cannot write to standard output"))
        << arguments[0];
  }
  EXPECT_THAT(Archlab({"eval", run_}, full).err,
              HasSubstr("No space left on device"));
}

TEST_F(RunErrors, AnEmptyFolderAndATrailingSlashAreFine) {
  std::filesystem::create_directory(run_);
  const Ended ended = Archlab({"train", experiment_.spec(), "--run", run_ + "/",
                               "--set", "training.steps = 1"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(LastStep(run_), 1);
  EXPECT_EQ(Archlab({"eval", run_ + "/"}).status, 0);
}

TEST_F(RunErrors, NothingIsLeftOfARunThatCannotStart) {
  WriteAll(experiment_.corpus(), "");
  EXPECT_EQ(Train().status, 2);
  EXPECT_FALSE(std::filesystem::exists(run_));
  EXPECT_EQ(Archlab({"train", experiment_.run("none.textproto")}).status, 2);
  EXPECT_EQ(Archlab({"train", "--resume", experiment_.run("none")}).status, 2);
  EXPECT_EQ(Archlab({"eval", experiment_.folder()}).status, 2);
  EXPECT_EQ(Archlab({"train"}).status, 2);
}

TEST_F(RunErrors, AModelThatWouldNotFitIsRefusedWithTheSum) {
  const Ended ended =
      Archlab({"train", experiment_.spec(), "--run", run_, "--set",
               "model.decoder_only.stack.width = 65536", "--set",
               "model.decoder_only.stack.group[0].repeat = 50"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("of memory"));
  EXPECT_THAT(ended.err, HasSubstr("weights"));
  EXPECT_FALSE(std::filesystem::exists(run_));
}

}  // namespace
}  // namespace archlab
