// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Mixer: a whole sequence mixer, for methods where q, k, v is not the right
// shape: it owns its projections and its state.

#ifndef ARCHLAB_MIXER_H_
#define ARCHLAB_MIXER_H_

#include <cstdint>
#include <memory>

#include "absl/types/span.h"
#include "archlab/component.h"
#include "archlab/ops.h"
#include "archlab/plugin.h"

namespace archlab {

// What a mixer has seen of the sequences that are being generated; belongs to
// the mixer, kept by the host.
class MixerState {
 public:
  virtual ~MixerState() = default;
  virtual int64_t bytes() const = 0;
  // A state whose row i is row rows[i] of this one (beam search).
  virtual std::unique_ptr<MixerState> Gather(
      absl::Span<const int32_t> rows) const = 0;
};

// One call of a mixer in one layer; made by the host.
class MixerInput {
 public:
  virtual ~MixerInput() = default;

  virtual const Tensor& x() const = 0;  // [B, T, C]: the new tokens
  // The layer's state, to be brought up to date; null in a full pass.
  virtual MixerState* state() const = 0;
  // i32 [B, T]: which document each new token belongs to, -1: padding.
  // Undefined: every token is real and each row is one document.
  virtual const Tensor& segments() const = 0;
  // Positions i32 [B, T] of the new tokens, from the document's first.
  virtual const Tensor& positions() const = 0;
  // softmax(scale q k^T) v over the keys that a query may see: direction,
  // padding and document borders. q [B, T, H, D], k and v [B, Tk, Hkv, D] of
  // all tokens so far, the new ones last -> [B, T, H, D].
  virtual Tensor Attend(const Tensor& q, const Tensor& k, const Tensor& v,
                        double scale) const = 0;
};

class Mixer : public Component {
 public:
  static constexpr char kKind[] = "mixer";
  static constexpr int kInterfaceRevision = 1;

  // -> [B, T, C]. With a state, equal to what a full pass over all tokens so
  // far gives for the new ones.
  virtual Tensor Forward(const MixerInput& input,
                         ForwardContext& context) const = 0;
  // The state before the first token. Null (the default): the mixer cannot
  // decode step by step, and does not claim the trait `cacheable`.
  virtual std::unique_ptr<MixerState> NewState(int64_t /*batch*/) const {
    return nullptr;
  }

  // Floating-point operations of one sequence, forward, 2 a multiply-add.
  virtual double Flops(int64_t tokens) const = 0;
  // Bytes of one sequence's state after so many tokens.
  virtual int64_t StateBytes(int64_t tokens) const = 0;
};

}  // namespace archlab

#endif  // ARCHLAB_MIXER_H_
