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
              std::vector<std::string> overrides) {
    overrides.push_back("training.steps = 2");
    overrides.push_back("training.batch_sequences = 4");
    std::vector<std::string> arguments = {"train",
                                          ARCHLAB_SOURCE_DIR "/experiments/" +
                                              experiment +
                                              "/experiment.textproto",
                                          "--run", folder_ / run, "--quiet"};
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

}  // namespace
}  // namespace archlab
