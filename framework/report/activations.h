// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What the activations of a model look like: at the borders of its modules, and
// where its components tap them (PassOptions::tap). Padding is left out.

#ifndef ARCHLAB_ACTIVATIONS_H_
#define ARCHLAB_ACTIVATIONS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/model.h"

namespace archlab {

// The outputs at one path. The experts of a mixture share theirs, and shared
// weights that stand in several layers too.
struct ActivationRow {
  std::string path;
  int64_t tokens = 0;  // rows seen, once for each expert that has one
  int64_t units = 0;   // width
  int64_t dead = 0;    // units that were zero for every token
  double mean = 0, rms = 0;
  double zeros = 0;  // share of the elements
};

// Mean entropy of the rows of an attention's weights: 0 where each query sees
// one key, log n where it sees n alike. Magnitudes divided by their sum, where
// weights are negative or do not add up to one. Rows of zeros do not count.
struct EntropyRow {
  std::string path;
  int64_t rows = 0;  // over tokens and heads; 0: no weights of pairs
  double nats = 0;
};

class ActivationMeter {
 public:
  // Runs a batch through the model.
  void Read(Model& model, const Batch& batch);
  // In the order of the forward pass.
  std::vector<ActivationRow> Activations() const;
  std::vector<EntropyRow> Entropies() const;

 private:
  struct Sums {
    int64_t tokens = 0, zeros = 0;
    double sum = 0, squares = 0;
    std::vector<uint8_t> alive;  // a unit each
  };
  Sums& SumsOf(const std::string& path);
  void Add(const std::string& path, const Tensor& value, const Batch& batch);
  void AddEntropy(const std::string& path, const Tensor& weights);

  std::vector<std::pair<std::string, Sums>> sums_;
  std::vector<EntropyRow> entropies_;  // nats: not yet divided
};

}  // namespace archlab

#endif  // ARCHLAB_ACTIVATIONS_H_
