// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Equal runs make equal bytes; accumulation and evaluation are what they say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "run_archlab.h"
#include "tiny_experiment.h"
#include "training/checkpoint.h"

namespace archlab {
namespace {

// Trains 12 steps with these overrides.
void TrainTiny(const TinyExperiment& experiment, const std::string& run,
               const std::vector<std::string>& overrides) {
  std::vector<std::string> arguments = {
      "train", experiment.spec(), "--run", run, "--set", "training.steps = 12"};
  for (const std::string& override : overrides) {
    arguments.push_back("--set");
    arguments.push_back(override);
  }
  const Ended ended = RunArchlab(experiment.folder(), arguments);
  ASSERT_EQ(ended.status, 0) << ended.err;
}

class TwiceTheSame : public testing::TestWithParam<const char*> {};

TEST_P(TwiceTheSame, SpecGivesTheSameBytes) {
  const TinyExperiment experiment;
  const std::string precision =
      std::string("training.precision = ") + GetParam();
  const std::string a = experiment.run("a"), b = experiment.run("b"),
                    c = experiment.run("c");
  TrainTiny(experiment, a, {precision});
  TrainTiny(experiment, b, {precision});
  EXPECT_EQ(WeightsSha256(a), WeightsSha256(b));
  EXPECT_EQ(OptimizerSha256(a), OptimizerSha256(b));
  TrainTiny(experiment, c, {precision, "seed = 6"});
  EXPECT_NE(WeightsSha256(a), WeightsSha256(c));
}

INSTANTIATE_TEST_SUITE_P(Precision, TwiceTheSame,
                         testing::Values("F32", "BF16"));

TEST(Accumulation, SplittingABatchChangesOnlyRounding) {
  const TinyExperiment experiment;
  const std::string sgd =
      "training.optimizer = [optimizer/sgd] { momentum: 0.9 }";
  const std::string rate =
      "training.schedule = [schedule/constant] { learning_rate: 0.1 }";
  std::vector<TensorFile> weights;
  for (const char* rows : {"8", "4", "1"}) {
    const std::string run = experiment.run(std::string("rows") + rows);
    TrainTiny(experiment, run,
              {sgd, rate, std::string("training.batch_sequences = ") + rows,
               "training.accumulate = " + std::to_string(8 / atoi(rows))});
    auto saved = CheckpointFolder(run + "/checkpoints").ReadModel(12);
    ASSERT_TRUE(saved.ok()) << saved.status();
    weights.push_back(saved->model);
  }
  for (size_t other = 1; other < weights.size(); ++other)
    for (const NamedTensor& tensor : weights[0].tensors) {
      const Tensor& same = *weights[other].Find(tensor.name);
      for (int64_t i = 0; i < same.size(); ++i)
        ASSERT_NEAR(same.At(i), tensor.value.At(i), 2e-5) << tensor.name;
    }
}

TEST(Eval, GivesTheLossThatTrainingEndedWith) {
  const TinyExperiment experiment;
  const std::string run = experiment.run("run");
  TrainTiny(experiment, run, {});
  const Ended eval = RunArchlab(experiment.folder(), {"eval", run, "--json"});
  ASSERT_EQ(eval.status, 0) << eval.err;
  const auto found = nlohmann::json::parse(eval.out);
  std::istringstream lines(ReadAll(run + "/metrics.jsonl"));
  nlohmann::json last;
  for (std::string line; std::getline(lines, line);)
    last = nlohmann::json::parse(line);
  EXPECT_EQ(last["whole"], true);
  EXPECT_EQ(found["step"], 12);
  EXPECT_NEAR(found["validation_loss"].get<double>(),
              last["validation_loss"].get<double>(), 1e-9);
  // One character is one byte in this text.
  EXPECT_NEAR(found["bits_per_byte"].get<double>(),
              found["validation_loss"].get<double>() / std::log(2.0), 1e-9);
  EXPECT_NEAR(found["perplexity"].get<double>(),
              std::exp(found["validation_loss"].get<double>()), 1e-6);
  EXPECT_FALSE(found.contains("weights"));
  const Ended rounded =
      RunArchlab(experiment.folder(),
                 {"eval", run, "--json", "--set", "generation.weights = INT8"});
  ASSERT_EQ(rounded.status, 0) << rounded.err;
  const auto int8 = nlohmann::json::parse(rounded.out);
  EXPECT_EQ(int8["weights"], "int8");
  EXPECT_NE(int8["perplexity"], found["perplexity"]);
  EXPECT_NEAR(int8["perplexity"].get<double>(),
              found["perplexity"].get<double>(),
              0.01 * found["perplexity"].get<double>());
}

}  // namespace
}  // namespace archlab
