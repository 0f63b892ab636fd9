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
#include "absl/types/span.h"
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
  int64_t vocabulary = 0;  // V of tokenizer and special tokens
  int64_t patch_elements =
      0;  // P of the dataset's images; 0: the data are text
  // Only shapes: the model can be counted, but not run.
  bool shapes_only = false;
};

// Loss of a batch, summed over its counted targets.
struct LossResult {
  Tensor total;    // scalar, on the tape: cross-entropy plus added losses
  double sum = 0;  // cross-entropy alone, nats
  int64_t tokens = 0;
  int64_t correct = -1;  // classes: targets that were the likeliest
  std::vector<std::pair<std::string, double>> logs;
};

// Which tokens of Decode get logits.
enum class LogitsOf { kAllTokens, kLastToken };

// Keys and values of a batch of sequences that are being generated.
class DecodeState {
 public:
  virtual ~DecodeState() = default;
  virtual int64_t tokens() const = 0;  // steps consumed, padding included
  virtual int64_t bytes() const = 0;
  // Row i becomes what row rows[i] is (beam search).
  virtual void Gather(absl::Span<const int32_t> rows) = 0;
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
  // Rounds the linear maps and the tables of tokens to 8 bits: a token reads a
  // quarter of the f32 bytes. The model can then compute, but neither be
  // trained nor saved.
  void UseInt8Weights();
  // Longest sequence that the model can read, tokens; -1: unbounded.
  virtual int64_t MaxTokens() const = 0;
  // Longest prompt: what an encoder can read, where there is one.
  virtual int64_t MaxPromptTokens() const { return MaxTokens(); }

  // Counts for one sequence of `tokens`; works with shapes only.
  virtual ModelCounts Count(int64_t tokens,
                            CountPairs pairs = CountPairs::kYes) const = 0;

  virtual LossResult Loss(const Batch& batch, const PassOptions& options) = 0;
  // Logits of a whole batch: [B, T, V]; [B, T2, V] with a decoder; [B, K] of
  // classes.
  virtual Tensor Logits(const Batch& batch, const PassOptions& options) = 0;

  // Whether the model writes text token by token.
  virtual bool Generates() const = 0;
  // Whether an encoder reads the prompt (ReadSource), so that decoding begins
  // with a start token.
  virtual bool HasEncoder() const { return false; }
  // Whether it can decode with a state; else a text is read whole each time.
  virtual bool Cacheable() const = 0;

  // Cached decoding. `segments` i32 [B, T] marks left padding with -1 (or is
  // undefined); returns logits [B, T, V] of the new tokens, or [B, 1, V] of the
  // last of each row. Calls append.
  // `prefix` i32 [B] or undefined, in the first call only: see Batch.
  virtual std::unique_ptr<DecodeState> NewState(int64_t batch) = 0;
  virtual Tensor Decode(const Tensor& ids, const Tensor& segments,
                        DecodeState* state, const Tensor& prefix = Tensor(),
                        LogitsOf which = LogitsOf::kAllTokens) = 0;
  // Encodes the source of a new state; before Decode, where HasEncoder().
  virtual void ReadSource(const Tensor& /*ids*/, const Tensor& /*segments*/,
                          DecodeState* /*state*/) {}

 protected:
  std::unique_ptr<ParameterStore> store_;
  int64_t vocabulary_ = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_MODEL_H_
