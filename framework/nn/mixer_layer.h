// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// MixerLayer: a mixer component in its place in a block.

#ifndef ARCHLAB_MIXER_LAYER_H_
#define ARCHLAB_MIXER_LAYER_H_

#include <memory>
#include <string>

#include "archlab/mixer.h"
#include "nn/attention_call.h"
#include "nn/kv_cache.h"
#include "nn/pass.h"

namespace archlab {

class MixerLayer {
 public:
  MixerLayer(std::unique_ptr<Mixer> mixer, const BuildContext& context)
      : mixer_(std::move(mixer)),
        causal_(context.at().causal),
        path_(context.path()) {}

  // x [B, T, C] -> [B, T, C]. With a cache, x holds the new tokens only.
  Tensor Forward(const Tensor& x, const KeyFrame& keys, Pass& pass,
                 LayerCache* cache) const;

  const Mixer& mixer() const { return *mixer_; }

  bool causal() const { return causal_; }

 private:
  const std::unique_ptr<Mixer> mixer_;
  const bool causal_;
  const std::string path_;
};

}  // namespace archlab

#endif  // ARCHLAB_MIXER_LAYER_H_
