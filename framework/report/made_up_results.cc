// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/made_up_results.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace archlab::report {
namespace {

constexpr int kSeeds = 5;

// A number within -1 .. 1 that depends on all of its arguments.
double Noise(int a, int b, int c = 0) {
  const double wild = std::sin(12.9898 * a + 78.233 * b + 37.719 * c) * 43758.5;
  return 2 * (wild - std::floor(wild)) - 1;
}

Series Made(std::string name, int steps, int every, auto value) {
  Series series{std::move(name), {}, {}};
  for (int step = every; step <= steps; step += every) {
    series.step.push_back(step);
    series.value.push_back(value(step));
  }
  return series;
}

PositionLoss Positions(int tokens, bool trained, double gain) {
  PositionLoss positions{tokens, trained, {}};
  for (int i = 0; i < tokens; ++i)
    positions.loss.push_back(1.5 - gain + 2 * std::exp(-0.05 * i) +
                             (trained || i < 256 ? 0 : 0.002 * (i - 256)));
  return positions;
}

StudyRun Run(const std::string& arm, int index, int seed, int steps) {
  const double gain = index == 1 ? 0.06 : index == 2 ? 0.004 : 0;
  const auto loss = [=](int step, double noise) {
    return 1.6 - gain + 2.6 * std::exp(-step * 5.0 / steps) +
           noise * Noise(step, seed, index);
  };
  StudyRun run;
  run.arm = arm;
  run.seed = seed;
  run.folder = absl::StrCat("runs/", index, "-", seed);
  run.command = absl::StrCat("archlab train position.textproto --run ",
                             run.folder, " --set 'training.seed = ", seed, "'");
  run.done = true;
  run.value = 1.6 - gain + 0.02 * Noise(seed, 1) +
              (index == 2 ? 0.02 : 0.004) * Noise(seed, index, 7);
  run.validation_loss = run.value;
  run.bits_per_byte = *run.value / std::log(2.0);
  run.steps = steps;
  run.tokens = int64_t{4096} * steps;
  run.flops = 2.5e9 * steps;
  run.seconds = 0.1 * steps * (1 + 0.1 * index) + seed;
  run.series = {Made("loss", steps, 1, [&](int s) { return loss(s, 0.1); }),
                Made("validation_loss", steps, std::max(steps / 12, 1),
                     [&](int s) { return loss(s, 0.02); }),
                Made("grad_norm", steps, 1,
                     [&](int s) { return 0.8 + 0.3 * Noise(s, seed, 3); }),
                Made("tokens_per_second", steps, 1,
                     [&](int s) { return 41000 + 900 * Noise(s, seed, 5); }),
                Made("lr", steps, 1,
                     [&](int s) { return 1e-3 * (1 - 0.9 * s / steps); })};
  if (index == 2)
    for (const char* layer : {"decoder.0", "decoder.1"})
      for (const char* number : {"load_entropy", "drop_rate", "dead_experts"})
        run.series.push_back(
            Made(absl::StrCat(layer, ".feed_forward.router.", number), steps, 1,
                 [&](int s) { return 0.9 + 0.05 * Noise(s, seed, 9); }));
  run.positions = {Positions(256, true, gain), Positions(512, false, gain)};
  return run;
}

StudyArm Arm(const StudyResults& results, const std::string& name, int index) {
  StudyArm arm;
  arm.name = name;
  std::vector<double> base, mine, all;
  for (const StudyRun& run : results.runs) {
    if (run.arm == name && run.done) all.push_back(*run.value);
    for (const StudyRun& other : results.runs)
      if (run.arm == "baseline" && other.arm == name && other.done &&
          other.seed == run.seed) {
        base.push_back(*run.value);
        mine.push_back(*other.value);
      }
  }
  arm.estimate = EstimateMean(all);
  arm.budgets = {1.24e6 + 1e4 * index, 1.24e6, 2.5e9 * 600, 61.0 + 6 * index,
                 262144.0 / (1 + index)};
  arm.tokens_per_second = 41000 - 3000.0 * index;
  arm.resolved = "model {\n  decoder_only { width: 128 }\n}\n";
  if (index == 0) return arm;
  arm.overrides = {"model.decoder_only.stack.position = [position/rope] {}"};
  arm.differences = {{"model.decoder_only.stack.position", "[position/learned]",
                      "[position/rope] { base: 10000 }", "override"},
                     {"training.steps", "600", "590", "budget"}};
  if (index == 3) return arm;
  arm.difference = ComparePaired(base, mine);
  arm.adjusted_p = AdjustHolm({arm.difference->p, 0.5})[0];
  arm.detectable =
      DetectableEffect(arm.difference->deviation, arm.difference->pairs, 0.05);
  arm.verdict = Judge(*arm.difference, arm.adjusted_p, {});
  arm.documents =
      Interval{arm.difference->mean - 0.01, arm.difference->mean + 0.01};
  return arm;
}

void Describe(StudyResults& results) {
  results.name = "position";
  results.question = "Do rotary positions learn faster than learned ones?";
  results.verdict =
      "Yes: rope is better than the baseline by 0.06 nats a token.";
  results.metric = "validation loss";
  results.unit = "nats a token";
  results.margin = 0.01;
  results.matched = "training_flops";
  results.warnings = {"All runs used two threads of a shared machine."};
  results.facts = {{"archlab", "1.0, code 0123abcd"},
                   {"machine", "x86-64, 2 cores"},
                   {kHostile, kHostile}};
  results.commands = {"archlab study position.textproto", kHostile};
}

}  // namespace

StudyResults MadeUpResults(int steps) {
  StudyResults results;
  Describe(results);
  const std::vector<std::string> names = {"baseline", "rope", kHostile,
                                          "masked"};
  for (int arm = 0; arm < names.size(); ++arm)
    for (int seed = 1; seed <= kSeeds; ++seed)
      results.runs.push_back(Run(names[arm], arm, seed, steps));
  StudyRun& failed = results.runs[3 * kSeeds - 1];
  failed.done = false;
  failed.error = absl::StrCat("the loss is not finite at step 41", kHostile);
  failed.value = std::nullopt;
  failed.validation_loss = std::nullopt;
  failed.bits_per_byte = std::nullopt;
  for (int arm = 0; arm < names.size(); ++arm)
    results.arms.push_back(Arm(results, names[arm], arm));
  StudyArm& hostile = results.arms[2];
  hostile.description = kHostile;
  hostile.sample = absl::StrCat("In the beginning", kHostile, "\n<!-- --><b>");
  hostile.uncertified = {"attention/my_window"};
  results.arms[3].apart =
      "its loss is of masked words, the baseline's of next words";
  results.interactions = {{"position=rope x norm=post",
                           ComparePaired({1.0, 1.0, 1.0}, {1.01, 0.99, 1.02}),
                           0.7}};
  return results;
}

}  // namespace archlab::report
