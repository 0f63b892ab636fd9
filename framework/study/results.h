// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// StudyResults: all that a study, or a comparison of runs, found; reports are
// made from this alone.

#ifndef ARCHLAB_RESULTS_H_
#define ARCHLAB_RESULTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "study/statistics.h"

namespace archlab {

// A number that training logged, over its steps.
struct Series {
  std::string name;  // as in metrics.jsonl: "loss", "grad_norm"
  std::vector<double> step, value;
};

// Loss by position in a sequence: mean nats of the targets at position i.
struct PositionLoss {
  int64_t tokens = 0;   // length of the sequences that were read
  bool trained = true;  // at this length; else the context is extrapolated
  std::vector<double> loss;
};

// One training of an arm.
struct StudyRun {
  std::string arm;
  int64_t seed = 0;
  std::string folder;   // of the run
  std::string command;  // that repeats it
  bool done = false;
  std::string error;            // why it is not done; empty: not finished yet
  std::string warning;          // such as "made by another build of archlab"
  std::optional<double> value;  // of the study's metric
  std::optional<double> validation_loss, bits_per_byte, accuracy;
  int64_t steps = 0, tokens = 0;  // done
  double flops = 0;    // of the whole training, as executed; 0: not known
  double seconds = 0;  // in steps; 0: not known
  // What was logged: "loss", "validation_loss", "grad_norm", "lr",
  // "tokens_per_second", and what components log, such as a router's
  // "decoder.0.feed_forward.router.entropy".
  std::vector<Series> series;
  std::vector<PositionLoss> positions;
};

// A field of the resolved spec in which an arm differs from the baseline.
struct FieldDifference {
  std::string path;      // "model.decoder_only.stack.position"
  std::string from, to;  // shortened text; "" where it is absent
  std::string reason;    // override, budget, grid; "" where nothing explains it
};

// The budgets, of which at most one was matched. The mean over an arm's runs;
// 0: not known.
struct Budgets {
  double parameters = 0;
  double active_parameters = 0;  // that one token meets
  double training_flops = 0;     // as executed
  double seconds = 0;            // in steps, as measured
  double kv_cache_bytes = 0;     // of one sequence
  double training_bytes = 0;     // of text read, counted
};

// An arm.
struct StudyArm {
  std::string name;
  std::string description;             // the user's sentence; may be empty
  std::vector<std::string> overrides;  // "path = value"
  std::vector<FieldDifference> differences;  // from the baseline
  std::string resolved;                      // the spec, of its first seed
  Budgets budgets;
  double tokens_per_second = 0;
  std::optional<Estimate> estimate;  // absent: no run is done
  // From the baseline; absent for the baseline itself, and where fewer than one
  // seed is done in both.
  std::optional<Difference> difference;
  double adjusted_p = 1;  // Holm
  double detectable = 0;  // smallest true difference seen with power 80 %
  Verdict verdict = Verdict::kInconclusive;
  // Bootstrap over the evaluation's documents, other seeds left aside.
  std::optional<Interval> documents;
  // Not empty: its numbers may not be compared with the baseline's, because.
  std::string apart;
  std::string sample;  // text that its first run wrote; may be empty
  std::vector<std::string> uncertified;  // components without a certificate
};

// An effect in a factorial design: of one factor, the mean over the levels of
// the others; or of two together, beyond the sum of both.
struct Interaction {
  std::string name;  // "position=rope x norm=post"
  Difference difference;
  double adjusted_p = 1;
};

struct StudyResults {
  std::string name;
  std::string question;
  std::string verdict;  // one sentence
  std::string metric;   // "validation loss"
  std::string unit;     // "nats a token"
  bool smaller_is_better = true;
  double level = 0.95;  // of intervals
  double margin = 0;    // within which arms are equivalent; 0: none given
  std::string matched;  // which budget was: "training_flops"; or empty
  bool paired = true;   // by seed
  std::vector<StudyArm> arms;  // the first is the baseline
  std::vector<StudyRun> runs;  // by arm, then seed
  std::vector<Interaction> interactions;
  std::vector<std::string> warnings;  // the most important first
  // What was done: "archlab" -> "1.0, code 0123abcd", "machine" -> "...".
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> commands;  // that repeat the study
};

}  // namespace archlab

#endif  // ARCHLAB_RESULTS_H_
