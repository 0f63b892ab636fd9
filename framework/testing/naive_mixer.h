// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// NaiveMixerInput: a MixerInput by the definition, one mask element a pair of
// tokens. The oracle that mixers are held against.

#ifndef ARCHLAB_TESTING_NAIVE_MIXER_H_
#define ARCHLAB_TESTING_NAIVE_MIXER_H_

#include "archlab/mixer.h"

namespace archlab {

class NaiveMixerInput final : public MixerInput {
 public:
  // x [B, T, C]; segments i32 [B, Tk] of all tokens so far, the new ones last;
  // -1 is padding. `has_segments` false: the mixer is told that all tokens are
  // real and each row is one document. `state` may be null.
  NaiveMixerInput(const Tensor& x, const Tensor& segments, bool has_segments,
                  bool causal, MixerState* state);

  const Tensor& x() const override { return x_; }
  MixerState* state() const override { return state_; }
  const Tensor& segments() const override { return new_segments_; }
  const Tensor& positions() const override { return new_positions_; }
  Tensor Attend(const Tensor& q, const Tensor& k, const Tensor& v,
                double scale) const override;

 private:
  const Tensor x_;
  const Tensor segments_;                // i32 [B, Tk]
  const Tensor positions_;               // i32 [B, Tk]
  Tensor new_segments_, new_positions_;  // i32 [B, T]
  const bool causal_;
  MixerState* const state_;
};

// Positions of tokens of which segments i32 [B, T] tells the documents: they
// count from each document's first token; 0 for padding.
Tensor PositionsIn(const Tensor& segments);

}  // namespace archlab

#endif  // ARCHLAB_TESTING_NAIVE_MIXER_H_
