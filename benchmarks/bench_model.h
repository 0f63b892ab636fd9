// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The models that are measured, by their dimensions alone: spec, batch and
// matrix products are made from these numbers, and the peers' scripts are given
// the same ones.

#ifndef ARCHLAB_BENCH_MODEL_H_
#define ARCHLAB_BENCH_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archlab/random.h"
#include "model/batch.h"

namespace archlab {

enum class BenchFamily { kGpt, kBert, kT5 };

// No dropout anywhere; embeddings and head are tied.
struct BenchModel {
  std::string name;
  BenchFamily family = BenchFamily::kGpt;
  int64_t layers = 0;  // T5: of the encoder, and as many of the decoder
  int64_t width = 0, heads = 0;
  int64_t hidden = 0;  // of the feed-forward part, or of an expert
  int64_t tokens = 0;  // T; T5: of source and of target
  int64_t batch = 0, vocabulary = 0;
  bool bias = false;  // of linear layers and norms
  std::string activation;
  int64_t experts = 0, top_k = 0;  // 0: dense feed-forward part
  int64_t window = 0;              // of causal attention; 0: dense

  // Rows of the linear layers, and of the head: BERT predicts 15 % of them.
  int64_t rows() const { return batch * tokens; }
  int64_t head_rows() const;
};

const std::vector<BenchModel>& BenchModels();
// The model of this name with "dimension=number" for each override; names what
// there is when it knows one of them not.
absl::StatusOr<BenchModel> FindBenchModel(
    const std::string& name, const std::vector<std::string>& overrides);

// An experiment whose data are never read, with AdamW.
std::string BenchSpec(const BenchModel& model);
// Random ids and targets.
Batch BenchBatch(const BenchModel& model);
// The dimensions as JSON, for the peers' scripts.
std::string BenchModelJson(const BenchModel& model);

}  // namespace archlab

#endif  // ARCHLAB_BENCH_MODEL_H_
