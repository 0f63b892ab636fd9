// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Runs that are no language models: what train and generate say of them, and
// one run's weights in another.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run_archlab.h"
#include "training/test_folder.h"

namespace archlab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Families : public testing::Test {
 protected:
  // Trains a shipped experiment for a few steps.
  Ended Train(const std::string& experiment, const std::string& run,
              std::vector<std::string> overrides, int steps = 2) {
    overrides.push_back("training.steps = " + std::to_string(steps));
    overrides.push_back("training.batch_sequences = 4");
    std::vector<std::string> arguments = {"train",
                                          ARCHLAB_SOURCE_DIR "/experiments/" +
                                              experiment +
                                              "/experiment.textproto",
                                          "--run", folder_ / run};
    for (const std::string& each : overrides) {
      arguments.push_back("--set");
      arguments.push_back(each);
    }
    return RunArchlab(folder_.path(), arguments);
  }

  const TestFolder folder_;
};

TEST_F(Families, AnAnswerBeginsALine) {
  const Ended trained =
      Train("sort", "sort", {"data.dataset.training_documents = 50"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.out, HasSubstr("generate with"));
  const Ended one = RunArchlab(
      folder_.path(), {"generate", folder_ / "sort", "--prompt", "210210"});
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_THAT(one.out, StartsWith("210210\n"));
  // Another evaluation set is no other model.
  const Ended other = RunArchlab(
      folder_.path(), {"eval", folder_ / "sort", "--generate", "--set",
                       "data.dataset = [dataset/copy] { length: 6 symbols: 3 "
                       "validation_documents: 7 }"});
  EXPECT_EQ(other.status, 0) << other.err;
  EXPECT_EQ(other.err, "");
  EXPECT_THAT(other.out, HasSubstr(" of 7 targets written"));
  const Ended beams =
      RunArchlab(folder_.path(), {"generate", folder_ / "sort", "--prompt",
                                  "210210", "--beams", "2", "--samples", "2"});
  EXPECT_EQ(beams.status, 2);
  EXPECT_THAT(beams.err, HasSubstr("beam search finds one text for a prompt"));
  const Ended two =
      RunArchlab(folder_.path(), {"generate", folder_ / "sort", "--prompt",
                                  "210210", "--prompt", "000111"});
  EXPECT_THAT(two.out, HasSubstr("----\n000111\n"));
}

TEST_F(Families, AClassifierGoesOnFromAnEncoderAndWritesNoText) {
  WriteAll(folder_ / "text.txt",
           "a good film and a bad film and a very good one\n"
           "a bad film and a good film and a very bad one\n");
  WriteAll(folder_ / "labels.tsv",
           "a good film\t1\na bad film\t0\na very good one\t1\nbad\t0\n");
  const Ended encoder = Train(
      "bert_mlm", "bert",
      {"data.dataset.path = \"" + (folder_ / "text.txt") + "\"",
       "data.dataset.validation_fraction = 0.5", "data.sequence_tokens = 8"});
  ASSERT_EQ(encoder.status, 0) << encoder.err;
  EXPECT_THAT(encoder.out, Not(HasSubstr("generate with")));
  const Ended classifier = Train(
      "bert_classify", "classifier",
      {"data.dataset.path = \"" + (folder_ / "labels.tsv") + "\"",
       "data.dataset.validation_path = \"" + (folder_ / "labels.tsv") + "\"",
       "data.dataset.skip_lines = 0", "data.group_by_length = 0",
       "data.sequence_tokens = 8",
       "training.initial = { run: \"" + (folder_ / "bert") + "\" }"});
  ASSERT_EQ(classifier.status, 0) << classifier.err;
  EXPECT_THAT(classifier.out, HasSubstr("accuracy"));
  EXPECT_THAT(classifier.out, Not(HasSubstr("generate with")));
  const Ended generated = RunArchlab(
      folder_.path(), {"generate", folder_ / "classifier", "--prompt", "a"});
  EXPECT_EQ(generated.status, 2);
  EXPECT_THAT(generated.err, HasSubstr("this model writes no text"));
}

// The line of train's results that begins so.
std::string LineOf(const Ended& ended, const std::string& begin) {
  const size_t at = ended.out.find(begin);
  if (at == std::string::npos) return "";
  return ended.out.substr(at, ended.out.find('\n', at) - at);
}

TEST_F(Families, TrainingSaysWhatOfTheDataItDoesNotRead) {
  const std::string few = "data.dataset.training_documents = 30";
  const Ended cut = Train("copy", "cut", {few, "data.sequence_tokens = 6"});
  EXPECT_EQ(cut.status, 0) << cut.err;
  EXPECT_THAT(cut.err, HasSubstr("30 of 30 training documents are longer than "
                                 "data.sequence_tokens = 6 and are cut; the "
                                 "longest has 10 tokens"));
  const Ended sources =
      Train("sort", "sources",
            {few, "training.objective = [objective/causal_lm] {}"});
  EXPECT_EQ(sources.status, 0) << sources.err;
  EXPECT_THAT(sources.err,
              HasSubstr("the targets of the documents are not read"));
}

TEST_F(Families, WeightsOfAnotherRunMeanTheSameHere) {
  const std::vector<std::string> data = {
      "data.dataset.training_documents = 50",
      "data.dataset.validation_documents = 20"};
  const auto with = [&data](std::vector<std::string> more) {
    more.insert(more.end(), data.begin(), data.end());
    return more;
  };
  const std::string lora =
      "training.lora = { parameter: \"*.attention.*.weight\" }";
  const Ended adapted = Train(
      "copy", "adapted",
      with({lora,
            "training.schedule = [schedule/constant] { learning_rate: 0.1 }"}));
  ASSERT_EQ(adapted.status, 0) << adapted.err;
  EXPECT_THAT(adapted.err, HasSubstr("training.lora without training.initial"));
  const std::string initial =
      "training.initial = { run: \"" + (folder_ / "adapted") + "\"";
  // The low-rank change is merged, and not applied a second time.
  Ended again = Train("copy", "again",
                      with({lora, initial + " checkpoint: \"last\" }"}), 0);
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(LineOf(again, "validation loss"),
            LineOf(adapted, "validation loss"));
  // Rows of the embedding go by name.
  again = Train("copy", "other",
                with({initial + " }", "data.special_token = \"[END]\""}));
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("is '[START]' there, but '[END]' here; both "
                                   "specs must name the same"));
  again = Train("copy", "other",
                with({initial + " }", "data.tokenizer = [tokenizer/byte] {}"}));
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err,
              HasSubstr("data.tokenizer: is [tokenizer/byte], but that of "
                        "training.initial[0].run is [tokenizer/char], which "
                        "comes with its weights"));
}

TEST_F(Families, NamesOfWeightsThatFitNothingAreRefused) {
  const std::vector<std::string> data = {
      "data.dataset.training_documents = 50",
      "data.dataset.validation_documents = 20"};
  ASSERT_EQ(Train("copy", "first", data, 0).status, 0);
  const auto with = [&data](std::vector<std::string> more) {
    more.insert(more.end(), data.begin(), data.end());
    return more;
  };
  const std::string initial =
      "training.initial = { run: \"" + (folder_ / "first") + "\"";
  // Two parameters for one place.
  Ended again =
      Train("copy", "other",
            with({initial +
                  " rename: { from: \"encoder.0.\" to: \"encoder.1.\" } }"}));
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err,
              HasSubstr("both 'encoder.0.attention.q.weight' and "
                        "'encoder.1.attention.q.weight' there would be"));
  again =
      Train("copy", "other",
            with({initial + " rename: { from: \"encoder.\" to: \"enc.\" } }"}));
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("no parameter of this model begins with "
                                   "'enc.', which rename.to says"));
  again = Train("copy", "other",
                with({initial + " parameter: [\"encoder.*\", \"zz\"] }"}));
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("parameter 'zz' fits no parameter there"));
  again = Train("copy", "other", with({initial + " checkpoint: \"abc\" }"}));
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("training.initial[0].checkpoint: "
                                   "checkpoint 'abc': must be best, last or "
                                   "a step"));
  again = Train(
      "copy", "other",
      with({initial + " rename: { from: \"encodr.\" to: \"encoder.\" } }"}));
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("no parameter there begins with 'encodr.'"));
}

}  // namespace
}  // namespace archlab
