// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Model: what a spec assembles.

#ifndef ARCHLAB_MODEL_H_
#define ARCHLAB_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "archlab/tensor.h"
#include "model/batch.h"
#include "model/counts.h"
#include "nn/parameter_store.h"
#include "nn/pass.h"
#include "registry/catalogue.h"
#include "spec/spec.h"

namespace archlab {

struct ModelOptions {
  DType compute = DType::kF32;
  int64_t vocabulary = 0;  // V of the tokenizer
  // Only shapes: the model can be counted, but not run.
  bool shapes_only = false;
};

// Loss of a batch, summed over its counted targets.
struct LossResult {
  Tensor total;    // scalar, on the tape: cross-entropy plus added losses
  double sum = 0;  // cross-entropy alone, nats
  int64_t tokens = 0;
  std::vector<std::pair<std::string, double>> logs;
};

// Keys and values of a batch of sequences that are being generated.
class DecodeState {
 public:
  virtual ~DecodeState() = default;
  virtual int64_t tokens() const = 0;  // steps consumed, padding included
  virtual int64_t bytes() const = 0;
};

class Model {
 public:
  static absl::StatusOr<std::unique_ptr<Model>> Build(
      const Spec& spec, const Catalogue& catalogue,
      const ModelOptions& options);
  virtual ~Model() = default;

  ParameterStore& parameters() { return *store_; }
  const ParameterStore& parameters() const { return *store_; }
  int64_t vocabulary() const { return vocabulary_; }
  // Longest sequence that the model can read, tokens; -1: unbounded.
  virtual int64_t MaxTokens() const = 0;

  // Counts for one sequence of `tokens`; works with shapes only.
  virtual ModelCounts Count(int64_t tokens) const = 0;

  virtual LossResult Loss(const Batch& batch, const PassOptions& options) = 0;
  // Logits [B, T, V] of a whole batch.
  virtual Tensor Logits(const Batch& batch, const PassOptions& options) = 0;

  // Cached decoding. `segments` i32 [B, T] marks left padding with -1 (or is
  // undefined); returns logits [B, T, V] of the new tokens. Calls append.
  virtual std::unique_ptr<DecodeState> NewState(int64_t batch) = 0;
  virtual Tensor Decode(const Tensor& ids, const Tensor& segments,
                        DecodeState* state) = 0;

 protected:
  std::unique_ptr<ParameterStore> store_;
  int64_t vocabulary_ = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_MODEL_H_
