// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every component shares, what it is built with (BuildContext) and what a
// forward pass tells it (ForwardContext).

#ifndef ARCHLAB_COMPONENT_H_
#define ARCHLAB_COMPONENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "archlab/random.h"
#include "archlab/status.h"
#include "archlab/tensor.h"

namespace archlab {

// Base of every component of every kind.
class Component {
 public:
  virtual ~Component();
};

// How a parameter begins.
struct Init {
  enum Distribution { kConstant, kNormal, kUniform };
  Distribution distribution = kConstant;
  double scale = 0;  // the constant, the standard deviation, or the half width

  static Init Zeros() { return {kConstant, 0}; }
  static Init Ones() { return {kConstant, 1}; }
  static Init Constant(double value) { return {kConstant, value}; }
  static Init Normal(double std) { return {kNormal, std}; }
  static Init Uniform(double half_width) { return {kUniform, half_width}; }
};

// What optimizers need to know of a parameter.
struct ParameterTraits {
  bool decay = true;      // weight decay applies (not to norms and biases)
  bool matrix = true;     // a linear map; no vector, table or output head
  bool keep_f32 = false;  // used in f32 even when computing in bf16 (norms)
};

struct ParameterData;  // the host's

// A handle to a trained tensor of the model. The store holds the f32 master.
class Parameter {
 public:
  Parameter() = default;
  explicit Parameter(ParameterData* data) : data_(data) {}
  bool defined() const { return data_ != nullptr; }
  // The value to compute with, in the compute dtype, on the tape in training.
  const Tensor& value() const;
  ParameterData* data() const { return data_; }

 private:
  ParameterData* data_ = nullptr;  // owned by the store, outlives the model
};

// Where a component stands in the model.
struct Surroundings {
  int64_t width = 0;       // C
  int64_t heads = 0;       // H, query heads; 0 outside attention
  int64_t kv_heads = 0;    // key and value heads
  int64_t head_dim = 0;    // D
  int64_t experts = 0;     // E; 0 outside mixtures of experts
  int64_t vocabulary = 0;  // V, without padding
  int64_t max_tokens = 0;  // longest training sequence, tokens
  int layer = -1;          // index of the block in the stack; -1 outside
  int layers = 0;          // blocks in the stack
  bool causal = true;      // a query sees only keys up to its own position
  bool prefix = false;     // though causal: a sample's leading tokens see each
                           // other (arXiv:1910.10683, section 3.2.1)
  bool cross = false;      // keys come from another sequence
  double init_std = 0.02;
  double residual_init_std = 0.02;  // for projections into the residual stream
  uint64_t seed = 0;
  DType dtype = DType::kF32;  // of activations: f32 or bf16; f64 in tests
};

// Given to a component's constructor or Create; implemented by the host.
class BuildContext {
 public:
  virtual ~BuildContext() = default;

  const Surroundings& at() const { return at_; }
  // Role path, such as "decoder.3.feed_forward". Names roles, never components,
  // so that the arms of a study pair.
  const std::string& path() const { return path_; }

  // A trained tensor `path().name`; its initial value depends on (seed, path)
  // only.
  virtual Parameter AddParameter(absl::string_view name, const Shape& shape,
                                 Init init,
                                 ParameterTraits traits = {}) const = 0;
  // A tensor that is saved with the weights but not trained. f32, zeros.
  virtual Tensor AddBuffer(absl::string_view name,
                           const Shape& shape) const = 0;
  // Where a path that the spec holds points: an absolute path is itself, a
  // relative one is looked for beside the spec, then in the working directory.
  // Without a spec (tests) it is left as it is.
  virtual std::string ResolvePath(absl::string_view path) const {
    return std::string(path);
  }

  // A part that the config holds as an Any: `ARCHLAB_ASSIGN_OR_RETURN(expert_,
  // context.Child<FeedForward>("expert", config.expert()))`. Its role path is
  // path().name; it stands in `at`, by default where this one stands.
  template <class Kind, class Any>
  absl::StatusOr<std::unique_ptr<Kind>> Child(absl::string_view name,
                                              const Any& any) const {
    return Child<Kind>(name, any, at_);
  }
  template <class Kind, class Any>
  absl::StatusOr<std::unique_ptr<Kind>> Child(absl::string_view name,
                                              const Any& any,
                                              const Surroundings& at) const {
    ARCHLAB_ASSIGN_OR_RETURN(
        std::unique_ptr<Component> part,
        MakeChild(Kind::kKind, name, any.type_url(), any.value(), at));
    return std::unique_ptr<Kind>(static_cast<Kind*>(part.release()));
  }

 protected:
  virtual absl::StatusOr<std::unique_ptr<Component>> MakeChild(
      absl::string_view kind, absl::string_view name,
      absl::string_view type_url, absl::string_view config,
      const Surroundings& at) const = 0;

  Surroundings at_;
  std::string path_;
};

// One forward pass.
class ForwardContext {
 public:
  virtual ~ForwardContext() = default;

  bool training() const { return training_; }
  int64_t step() const { return step_; }
  // Positions i32 [B, T], counted from the first real token of the document.
  const Tensor& positions() const { return positions_; }
  // Which document each token belongs to, i32 [B, T]; -1: padding. Undefined:
  // every token is real and each row is one document.
  const Tensor& segments() const { return segments_; }

  // Random numbers for one place in the model: keyed by (seed, step, path).
  virtual Random RandomAt(absl::string_view path) const = 0;
  // Adds a term to the training loss: a sum over the real tokens of the batch,
  // which the host divides by their number.
  virtual void AddLoss(absl::string_view name, const Tensor& value) = 0;
  // A number for metrics.jsonl, averaged over a step.
  virtual void Log(absl::string_view name, double value) = 0;
  // Hands out an activation to whoever inspects the model; free otherwise.
  virtual void Tap(absl::string_view name, const Tensor& value) = 0;

 protected:
  bool training_ = false;
  int64_t step_ = 0;
  Tensor positions_, segments_;
};

}  // namespace archlab

#endif  // ARCHLAB_COMPONENT_H_
