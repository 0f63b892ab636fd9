// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What an arm costs: counted from its spec, or measured in a short trial.

#ifndef ARCHLAB_MEASURE_H_
#define ARCHLAB_MEASURE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "registry/catalogue.h"
#include "spec/spec.h"
#include "study/results.h"

namespace archlab {

// What a spec's data say that its model is made for.
struct DataFacts {
  std::string sha256;            // of the corpus
  std::string tokenizer_sha256;  // as it was built
  int64_t vocabulary = 0;
  int64_t patch_elements = 0;
  bool classes = false;         // one class a sample is predicted
  bool next_tokens = false;     // each next token of a text is
  double bytes_per_sample = 0;  // of text, to train on; the mean
};

// Reads each corpus once: arms mostly share it.
class DataReader {
 public:
  // Outlives this.
  explicit DataReader(const Catalogue& catalogue) : catalogue_(catalogue) {}
  absl::StatusOr<DataFacts> Read(const Spec& spec);

 private:
  const Catalogue& catalogue_;
  std::map<std::string, DataFacts> known_;  // by the spec's data part
};

// Parameters, operations and bytes of a spec, counted; `seconds` stays 0.
// Training takes about three times the operations of the forward pass: one
// product forward, one for either gradient. (Attention computes its scores
// again and whole tiles of them: FlopsPerStep has the exact number.)
absl::StatusOr<Budgets> CountBudgets(const Spec& spec, const DataFacts& data,
                                     const Catalogue& catalogue);

// Operations of a training step, counted as it ran: the mean of a few.
absl::StatusOr<double> FlopsPerStep(const Spec& spec,
                                    const Catalogue& catalogue);

// A trial of some steps in this process.
struct Trial {
  double seconds_per_step = 0;
  double seconds_around = 0;  // to begin, to evaluate, to end
};
// On `threads` threads.
absl::StatusOr<Trial> TryOut(const Spec& spec, const Catalogue& catalogue,
                             int threads);

}  // namespace archlab

#endif  // ARCHLAB_MEASURE_H_
