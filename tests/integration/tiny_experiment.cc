// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "tiny_experiment.h"

#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "base/sha256.h"
#include "training/checkpoint.h"

namespace archlab {
namespace {

constexpr char kSpec[] = R"(
name: "tiny"
seed: 5
data {
  dataset { [dataset/text] { path: "corpus.txt" } }
  tokenizer { [tokenizer/char] {} }
  sequence_tokens: 16
}
model { decoder_only {
  embedding { dropout: 0.1 }
  stack {
    width: 16
    position { [position/learned] {} }
    group { repeat: 2 block {
      attention { heads: 2 core { [attention/dense] {} } dropout: 0.1 }
      feed_forward { [feed_forward/mlp] {} }
      norm { [norm/layer_norm] {} }
      dropout: 0.1
    } }
    final_norm { [norm/layer_norm] {} }
  }
} }
training {
  objective { [objective/causal_lm] {} }
  optimizer { [optimizer/adamw] {} }
  schedule { [schedule/cosine] { learning_rate: 3e-3 warmup_steps: 5 } }
  steps: 60
  batch_sequences: 4
  accumulate: 2
  log_every_steps: 1
  evaluation { every_steps: 10 batches: 3 }
  checkpoints { every_steps: 2 keep: 2 }
}
)";

// A few thousand characters of words in an order that never changes.
std::string MakeText() {
  const char* const words[] = {"the", "king", "said", "unto", "them", "go",
                               "ye",  "and",  "see",  "what", "is",   "there"};
  std::string text;
  uint32_t state = 12345;
  for (int i = 0; i < 1200; ++i) {
    state = state * 1664525u + 1013904223u;
    text += words[(state >> 16) % 12];
    text += i % 9 == 8 ? '\n' : ' ';
  }
  return text;
}

std::string FileSha256(const std::string& run, const std::string& name) {
  const CheckpointFolder checkpoints(run + "/checkpoints");
  return Sha256Hex(ReadAll(checkpoints.StepPath(LastStep(run)) + "/" + name));
}

}  // namespace

TinyExperiment::TinyExperiment() {
  WriteAll(spec(), kSpec);
  WriteAll(corpus(), MakeText());
}

int64_t LastStep(const std::string& run) {
  const std::vector<int64_t> steps =
      CheckpointFolder(run + "/checkpoints").Steps();
  return steps.empty() ? -1 : steps.back();
}

std::string WeightsSha256(const std::string& run) {
  return FileSha256(run, "model.safetensors");
}

std::string OptimizerSha256(const std::string& run) {
  return FileSha256(run, "optimizer.safetensors");
}

std::vector<int64_t> MetricSteps(const std::string& run, const char* field) {
  std::istringstream lines(ReadAll(run + "/metrics.jsonl"));
  std::vector<int64_t> steps;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json.contains(field)) steps.push_back(json["step"].get<int64_t>());
  }
  return steps;
}

std::vector<int64_t> StepsTo(int64_t last) {
  std::vector<int64_t> steps(static_cast<size_t>(last));
  std::iota(steps.begin(), steps.end(), 1);
  return steps;
}

}  // namespace archlab
