// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "report/attention_maps.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "archlab/ops.h"

namespace archlab {
namespace {

// Which view the layer at a path belongs to.
std::string ViewOf(const std::string& path, bool two_stacks) {
  if (!two_stacks) return "all";
  if (absl::StrContains(path, ".cross_attention")) return "cross";
  return absl::StartsWith(path, "encoder.") ? "encoder" : "decoder";
}

std::vector<int32_t> Ids(const Tensor& ids) {
  return std::vector<int32_t>(ids.data<int32_t>(),
                              ids.data<int32_t>() + ids.size());
}

void AddLayer(const std::string& path, const Tensor& weights,
              const Batch& batch, AttentionMaps* maps) {
  if (!weights.defined()) {
    maps->without.push_back(path);
    return;
  }
  const bool two = batch.decoder_ids.defined();
  const std::string name = ViewOf(path, two);
  AttentionView* view = nullptr;
  for (AttentionView& each : maps->views)
    if (each.name == name) view = &each;
  if (view == nullptr) {
    const bool target = two && name != "encoder";
    maps->views.push_back(
        {name,
         Ids(target ? batch.decoder_ids : batch.ids),
         Ids(target && name != "cross" ? batch.decoder_ids : batch.ids),
         {}});
    view = &maps->views.back();
  }
  view->layers.push_back(
      {path, weights.View({weights.dim(1), weights.dim(2), weights.dim(3)})});
}

// The first token of each sequence, or undefined.
Tensor First(const Tensor& x) {
  return x.defined() ? Slice(x, 1, 0, 1) : Tensor();
}

// Heads of the model that have weights, by a pass over one token.
int64_t CountHeads(Model& model, const Batch& batch) {
  Batch one;
  one.ids = First(batch.ids);
  one.token_types = First(batch.token_types);
  one.decoder_ids = First(batch.decoder_ids);
  int64_t heads = 0;
  PassOptions options;
  options.attention = [&heads](const std::string&, const Tensor& weights) {
    heads += weights.defined() ? weights.dim(1) : 0;
  };
  model.Logits(one, options);
  return heads;
}

absl::Status CheckSize(Model& model, const Batch& batch) {
  const int64_t tokens =
      std::max(batch.ids.dim(1),
               batch.decoder_ids.defined() ? batch.decoder_ids.dim(1) : 0);
  const int64_t heads = CountHeads(model, batch);
  if (heads * tokens * tokens <= kMostWeights) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the text has ", tokens, " tokens, whose weights in ", heads,
      " heads are too many to look at; shorten it to ",
      static_cast<int64_t>(std::sqrt(double(kMostWeights) / double(heads))),
      " tokens"));
}

}  // namespace

absl::StatusOr<AttentionMaps> ReadAttentionMaps(Model& model,
                                                const Batch& batch) {
  const NoGrad no_grad;
  if (const absl::Status size = CheckSize(model, batch); !size.ok())
    return size;
  AttentionMaps maps;
  PassOptions options;
  options.attention = [&](const std::string& path, const Tensor& weights) {
    AddLayer(path, weights, batch, &maps);
  };
  model.Logits(batch, options);
  if (maps.views.empty())
    return absl::InvalidArgumentError(
        maps.without.empty()
            ? "this model has no attention"
            : absl::StrCat("this model has no weights of pairs of tokens: ",
                           maps.without[0],
                           " mixes the sequence in another way, or its numbers "
                           "are not finite"));
  return maps;
}

}  // namespace archlab
