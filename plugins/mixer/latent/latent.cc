// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Multi-head latent attention: keys and values are expanded from one narrow
// latent a token; order is in a rotary key that all heads share.
// Source: DeepSeek-V2, arXiv:2405.04434, section 2.1 and appendix C.
//
// A full pass expands the latents. With a state, the expansions are moved to
// the query and the output, as the paper does: all heads then attend to the
// latents themselves, and nothing is expanded again at every step.
//
// The host's attention wants values as wide as keys: they are padded with zeros
// and the result is cut.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/mixer.h"
#include "latent.pb.h"

namespace archlab {
namespace {

using Config = mixer::LatentConfig;

// Sizes in channels.
struct Sizes {
  int64_t width, heads, head_dim, rope, kv_latent, q_latent;

  Sizes(const Config& config, int64_t model_width)
      : width(model_width),
        heads(config.heads()),
        head_dim(config.head_dim() > 0 ? config.head_dim()
                                       : model_width / config.heads()),
        rope(config.rope_dim() > 0 ? config.rope_dim()
                                   : (head_dim / 2 + 1) / 2 * 2),
        kv_latent(config.kv_latent() > 0 ? config.kv_latent() : 4 * head_dim),
        q_latent(config.q_latent()) {
    if (config.rope_dim() == 0) rope = std::max<int64_t>(2, rope);
  }
};

// Rows of x [B, T, ...] as [B, T + more, ...]: x, then y.
Tensor Append(const Tensor& x, const Tensor& y) {
  return x.defined() ? Concat({x, y}, 1) : y;
}

class LatentState final : public MixerState {
 public:
  int64_t bytes() const override {
    return latents.defined() ? latents.bytes() + rope_keys.bytes() : 0;
  }
  std::unique_ptr<MixerState> Gather(
      absl::Span<const int32_t> rows) const override {
    auto state = std::make_unique<LatentState>();
    if (!latents.defined()) return state;
    std::vector<Tensor> a, b;
    for (const int32_t row : rows) {
      a.push_back(Slice(latents, 0, row, 1));
      b.push_back(Slice(rope_keys, 0, row, 1));
    }
    state->latents = Concat(a, 0);
    state->rope_keys = Concat(b, 0);
    return state;
  }

  Tensor latents;    // [B, T, 1, L]
  Tensor rope_keys;  // [B, T, 1, R], rotated
};

}  // namespace

class Latent final : public Mixer {
 public:
  using Config = mixer::LatentConfig;

  static absl::StatusOr<std::unique_ptr<Latent>> Create(
      const Config& config, const BuildContext& context) {
    const int64_t width = context.at().width;
    if (config.head_dim() == 0 && width % config.heads() != 0)
      return FieldError(
          {Config::kHeadsFieldNumber},
          absl::StrCat("must divide the model width, ", width, ", but is ",
                       config.heads(), "; or set head_dim"));
    if (config.rope_dim() % 2 != 0)
      return FieldError(
          {Config::kRopeDimFieldNumber},
          absl::StrCat("must be even, but is ", config.rope_dim()));
    return std::make_unique<Latent>(config, context);
  }

  Latent(const Config& config, const BuildContext& context)
      : size_(config, context.at().width),
        theta_(config.theta()),
        epsilon_(config.epsilon()),
        dtype_(context.at().dtype),
        max_tokens_(context.at().max_tokens) {
    const auto add = [&](const char* name, int64_t out, int64_t in,
                         double std) {
      return context.AddParameter(name, {out, in}, Init::Normal(std));
    };
    const auto gain = [&](const char* name, int64_t size) {
      return context.AddParameter(
          name, {size}, Init::Ones(),
          {.decay = false, .matrix = false, .keep_f32 = true});
    };
    const double std = context.at().init_std;
    const int64_t q_in = size_.q_latent > 0 ? size_.q_latent : size_.width;
    if (size_.q_latent > 0) {
      q_down_ = add("q_down.weight", size_.q_latent, size_.width, std);
      q_gain_ = gain("q_norm.gain", size_.q_latent);
    }
    const int64_t inner = size_.heads * size_.head_dim;
    q_ = add("q.weight", inner, q_in, std);
    q_rope_ = add("q_rope.weight", size_.heads * size_.rope, q_in, std);
    kv_down_ = add("kv_down.weight", size_.kv_latent, size_.width, std);
    kv_gain_ = gain("kv_norm.gain", size_.kv_latent);
    k_rope_ = add("k_rope.weight", size_.rope, size_.width, std);
    k_ = add("k.weight", inner, size_.kv_latent, std);
    v_ = add("v.weight", inner, size_.kv_latent, std);
    out_ =
        add("out.weight", size_.width, inner, context.at().residual_init_std);
  }

  Tensor Forward(const MixerInput& input, ForwardContext&) const override {
    const Tensor& x = input.x();
    Grow(input.positions(), x.dtype());
    const auto rotate = [&](const Tensor& y) {
      return Rotary(y, cosine_, sine_, input.positions(), false);
    };
    const Tensor from =
        size_.q_latent > 0
            ? RmsNorm(Linear(x, q_down_.value(), Tensor()), q_gain_.value(),
                      epsilon_)
            : x;  // [B, T, Lq]
    const Tensor q = Split(Linear(from, q_.value(), Tensor()), size_.heads);
    const Tensor q_rope =
        rotate(Split(Linear(from, q_rope_.value(), Tensor()), size_.heads));
    const Tensor latents = Split(RmsNorm(Linear(x, kv_down_.value(), Tensor()),
                                         kv_gain_.value(), epsilon_),
                                 1);  // [B, T, 1, L]
    const Tensor k_rope =
        rotate(Split(Linear(x, k_rope_.value(), Tensor()), 1));  // [B, T, 1, R]
    auto* const state = static_cast<LatentState*>(input.state());
    Tensor y;  // [B, T, H, D]
    if (state == nullptr) {
      y = Expanded(input, q, q_rope, latents, k_rope);
    } else {
      state->latents = Append(state->latents, latents.Detach());
      state->rope_keys = Append(state->rope_keys, k_rope.Detach());
      y = Absorbed(input, q, q_rope, *state);
    }
    return Linear(Reshape(y, {x.dim(0), x.dim(1), -1}), out_.value(),
                  Tensor());  // [B, T, C]
  }

  std::unique_ptr<MixerState> NewState(int64_t) const override {
    return std::make_unique<LatentState>();
  }

  double Flops(int64_t tokens) const override {
    const int64_t inner = size_.heads * size_.head_dim;
    const int64_t q_in = size_.q_latent > 0 ? size_.q_latent : size_.width;
    const int64_t weights = size_.q_latent * size_.width +
                            q_in * (inner + size_.heads * size_.rope) +
                            size_.width * (size_.kv_latent + size_.rope) +
                            2 * size_.kv_latent * inner + inner * size_.width;
    const int64_t pair = size_.heads * (2 * size_.head_dim + size_.rope);
    return 2.0 * tokens * (double(weights) + double(pair) * tokens);
  }
  int64_t StateBytes(int64_t tokens) const override {
    return tokens * (size_.kv_latent + size_.rope) * DTypeBytes(dtype_);
  }

 private:
  // [B, T, heads D] -> [B, T, heads, D].
  static Tensor Split(const Tensor& x, int64_t heads) {
    return Reshape(x, {x.dim(0), x.dim(1), heads, x.dim(2) / heads});
  }
  static Tensor Zeros(const Tensor& like, int64_t channels) {
    return Tensor::Zeros({like.dim(0), like.dim(1), like.dim(2), channels},
                         like.dtype());
  }
  double Scale() const {
    return 1 / std::sqrt(double(size_.head_dim + size_.rope));
  }

  Tensor Expanded(const MixerInput& input, const Tensor& q,
                  const Tensor& q_rope, const Tensor& latents,
                  const Tensor& k_rope) const {
    const Tensor flat =
        Reshape(latents, {latents.dim(0), latents.dim(1), -1});  // [B, T, L]
    const Tensor k = Split(Linear(flat, k_.value(), Tensor()), size_.heads);
    const Tensor v = Split(Linear(flat, v_.value(), Tensor()), size_.heads);
    const Tensor shared = Expand(
        k_rope, {k.dim(0), k.dim(1), size_.heads, size_.rope});  // [B,T,H,R]
    const Tensor y = input.Attend(Concat({q, Cast(q_rope, q.dtype())}, 3),
                                  Concat({k, Cast(shared, k.dtype())}, 3),
                                  Concat({v, Zeros(v, size_.rope)}, 3),
                                  Scale());  // [B, T, H, D + R]
    return Slice(y, 3, 0, size_.head_dim);
  }

  // q k^T = (q Wk) c^T and p v = (p c) Wv^T, with c the latents.
  Tensor Absorbed(const MixerInput& input, const Tensor& q,
                  const Tensor& q_rope, const LatentState& state) const {
    const Tensor q_latent = PerHead(q, k_.value(), false);  // [B, T, H, L]
    const Tensor& c = state.latents;                        // [B, Tk, 1, L]
    const Tensor y =
        input.Attend(Concat({q_latent, Cast(q_rope, q_latent.dtype())}, 3),
                     Concat({Cast(c, q_latent.dtype()),
                             Cast(state.rope_keys, q_latent.dtype())},
                            3),
                     Concat({Cast(c, q_latent.dtype()),
                             Zeros(Cast(c, q_latent.dtype()), size_.rope)},
                            3),
                     Scale());  // [B, T, H, L + R]
    return PerHead(Slice(y, 3, 0, size_.kv_latent), v_.value(), true);
  }

  // Each head of x [B, T, H, .] times its part of weight [H D, L], transposed
  // or not.
  Tensor PerHead(const Tensor& x, const Tensor& weight, bool transpose) const {
    const int64_t batch = x.dim(0), tokens = x.dim(1);
    const Tensor parts =
        Reshape(weight, {size_.heads, size_.head_dim, size_.kv_latent});
    const Tensor rows = Reshape(Permute(x, {2, 0, 1, 3}),
                                {size_.heads, batch * tokens, x.dim(3)});
    const Tensor y = MatMul(rows, Cast(parts, rows.dtype()), false,
                            transpose);  // [H, BT, .]
    return Permute(Reshape(y, {size_.heads, batch, tokens, y.dim(2)}),
                   {1, 2, 0, 3});
  }

  // Makes the tables hold all of `positions`. They double, so that decoding
  // token by token rebuilds them rarely.
  void Grow(const Tensor& positions, DType activations) const {
    const DType dtype = activations == DType::kF64 ? DType::kF64 : DType::kF32;
    int64_t rows = cosine_.defined() ? cosine_.dim(0) : 0;
    int64_t needed = max_tokens_;
    for (int64_t i = 0; i < positions.size(); ++i)
      needed = std::max<int64_t>(needed, positions.data<int32_t>()[i] + 1);
    if (rows > 0 && needed <= rows && cosine_.dtype() == dtype) return;
    rows = std::max(needed, 2 * rows);
    const int64_t pairs = size_.rope / 2;
    std::vector<double> cosine(rows * pairs), sine(rows * pairs);
    for (int64_t p = 0; p < rows; ++p)
      for (int64_t i = 0; i < pairs; ++i) {
        const double angle =
            double(p) * std::pow(theta_, -double(i) / double(pairs));
        cosine[p * pairs + i] = std::cos(angle);
        sine[p * pairs + i] = std::sin(angle);
      }
    cosine_ = Tensor::From({rows, pairs}, cosine, dtype);
    sine_ = Tensor::From({rows, pairs}, sine, dtype);
  }

  const Sizes size_;
  const double theta_, epsilon_;
  const DType dtype_;
  const int64_t max_tokens_;
  Parameter q_down_, q_gain_;     // [Lq, C], [Lq]
  Parameter q_, q_rope_;          // [H D, Lq or C], [H R, Lq or C]
  Parameter kv_down_, kv_gain_;   // [L, C], [L]
  Parameter k_rope_, k_, v_;      // [R, C], [H D, L], [H D, L]
  Parameter out_;                 // [C, H D]
  mutable Tensor cosine_, sine_;  // [P, R / 2]; one thread calls
};

ARCHLAB_PLUGIN(Latent)

}  // namespace archlab
