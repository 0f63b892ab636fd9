// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Attention weights of whatever component: the fast path keeps none, so they
// are computed again for whoever watches a pass.
//
// Attention is linear in its values: with one-hot rows as values, its output
// is its weights. D keys fit in one call, so Tk / D calls give all of them,
// of any component, and they are what multiplies v: with the gates of a mixture
// of heads, without the keys that a sparse rule leaves out.
//
// A core that norms its output is not linear. It hands its weights out itself:
// ForwardContext::Tap("weights", w), w [B, G, Tq, Tk], where head h uses map
// h modulo G. They are then those before its norm, and before the gates of a
// component around it.

#ifndef ARCHLAB_ATTENTION_WEIGHTS_H_
#define ARCHLAB_ATTENTION_WEIGHTS_H_

#include <functional>

#include "archlab/component.h"
#include "archlab/tensor.h"

namespace archlab {

// Attention with other values: v [B, Tk, Hkv, D] -> [B, Tq, H, D].
using AttendWith =
    std::function<Tensor(const Tensor& v, ForwardContext& context)>;

// The weights by which the values v [B, Tk, Hkv, D] became y [B, Tq, H, D]: f32
// [B, H, Tq, Tk]. Undefined where they do not give y and the core taps none.
// Nothing that the calls add or log reaches `pass`.
Tensor AttentionWeights(const ForwardContext& pass, const Tensor& v,
                        const Tensor& y, const AttendWith& attend);

}  // namespace archlab

#endif  // ARCHLAB_ATTENTION_WEIGHTS_H_
