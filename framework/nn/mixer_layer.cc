// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "nn/mixer_layer.h"

#include "archlab/check.h"
#include "archlab/ops.h"
#include "nn/attention_weights.h"

namespace archlab {
namespace {

// One call, as the mixer sees it.
class MixerCall final : public MixerInput {
 public:
  MixerCall(const Tensor& x, const KeyFrame& keys, bool causal,
            const Pass& pass, MixerState* state, const std::string& path)
      : x_(x),
        keys_(keys),
        causal_(causal),
        pass_(pass),
        state_(state),
        path_(path) {}

  const Tensor& x() const override { return x_; }
  MixerState* state() const override { return state_; }
  const Tensor& segments() const override { return pass_.segments(); }
  const Tensor& positions() const override { return pass_.positions(); }

  Tensor Attend(const Tensor& q, const Tensor& k, const Tensor& v,
                double scale) const override {
    AttentionOptions options;
    options.scale = scale;
    options.mask = std::make_shared<AttentionMask>(
        keys_.Pattern(causal_, nullptr), q.dim(0), q.dim(1), k.dim(1));
    const Tensor y = TiledAttention(q, k, v, options);  // [B, T, H, D]
    if (pass_.attention_observer()) {
      attended_ = true;
      pass_.attention_observer()(
          path_, AttentionWeights(pass_, v, y,
                                  [&](const Tensor& ones, ForwardContext&) {
                                    return TiledAttention(Cast(q, ones.dtype()),
                                                          Cast(k, ones.dtype()),
                                                          ones, options);
                                  }));
    }
    return y;
  }

  // Whether weights were shown.
  bool attended() const { return attended_; }

 private:
  const Tensor& x_;
  const KeyFrame& keys_;
  const bool causal_;
  const Pass& pass_;
  MixerState* const state_;
  const std::string& path_;
  mutable bool attended_ = false;
};

}  // namespace

Tensor MixerLayer::Forward(const Tensor& x, const KeyFrame& keys, Pass& pass,
                           LayerCache* cache) const {
  const ModuleScope scope(path_);
  if (cache != nullptr && cache->mixer == nullptr) {
    cache->mixer = mixer_->NewState(x.dim(0));
    ARCHLAB_CHECK(cache->mixer != nullptr) << "the mixer cannot decode";
  }
  const MixerCall call(x, keys, causal_, pass,
                       cache != nullptr ? cache->mixer.get() : nullptr, path_);
  const Tensor y = mixer_->Forward(call, pass);  // [B, T, C]
  ARCHLAB_CHECK_EQ(y.shape(), x.shape()) << "what a mixer returns";
  // A mixer that asks for no attention has no weights of pairs.
  if (pass.attention_observer() && !call.attended())
    pass.attention_observer()(path_, Tensor());
  return y;
}

}  // namespace archlab
