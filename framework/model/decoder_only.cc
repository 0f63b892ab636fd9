// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/decoder_only.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "archlab/check.h"
#include "archlab/ops.h"
#include "model/assemble.h"
#include "model/stack_counter.h"

namespace archlab {
namespace {

constexpr char kSpecPath[] = "model.decoder_only";

class KvState final : public DecodeState {
 public:
  KvState(int64_t batch, int64_t layers) : cache(batch, layers) {}
  int64_t tokens() const override { return cache.tokens(); }
  int64_t bytes() const override { return cache.bytes(); }
  KvCache cache;
};

// Rows of hidden [N, C] whose target counts, with their targets and weights.
struct Counted {
  Tensor hidden, targets, weights;
};

Counted GatherCounted(const Tensor& hidden, const Batch& batch) {
  const int64_t n = hidden.dim(0);
  const float* weights = batch.weights.data<float>();
  std::vector<int32_t> rows;
  for (int64_t i = 0; i < n; ++i)
    if (weights[i] != 0) rows.push_back(static_cast<int32_t>(i));
  const int64_t m = static_cast<int64_t>(rows.size());
  if (m == n) return {hidden, batch.targets.View({n}), batch.weights.View({n})};
  Tensor targets = Tensor::Empty({m}, DType::kI32);
  Tensor kept = Tensor::Empty({m}, DType::kF32);
  for (int64_t i = 0; i < m; ++i) {
    targets.data<int32_t>()[i] = batch.targets.data<int32_t>()[rows[i]];
    kept.data<float>()[i] = weights[rows[i]];
  }
  return {GatherRows(hidden, Tensor::FromI32({m}, rows)), targets, kept};
}

// Appends the new tokens' positions and segments to the cache. A row's position
// counts its real tokens.
Tensor AppendPositions(const Tensor& ids, const Tensor& segments,
                       KvCache& cache) {
  const int64_t batch = ids.dim(0), tokens = ids.dim(1);
  Tensor positions = Tensor::Empty({batch, tokens}, DType::kI32);  // [B, T]
  for (int64_t b = 0; b < batch; ++b) {
    int32_t next = cache.real_tokens[b];
    for (int64_t t = 0; t < tokens; ++t) {
      const int64_t i = b * tokens + t;
      const int32_t segment =
          segments.defined() ? segments.data<int32_t>()[i] : 0;
      const int32_t position = segment < 0 ? 0 : next++;
      positions.data<int32_t>()[i] = position;
      cache.positions[b].push_back(position);
      cache.segments[b].push_back(segment);
      cache.plain = cache.plain && segment == 0;
    }
    cache.real_tokens[b] = next;
  }
  return positions;
}

Pass PassOver(const PassOptions& options, const Batch& batch) {
  return Pass(options, batch.ids, batch.positions, batch.segments,
              batch.first_sample);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> DecoderOnlyModel::Build(
    const Spec& spec, const Catalogue& catalogue, const ModelOptions& options) {
  const spec::Experiment& experiment = spec.experiment();
  const spec::DecoderOnly& assembly = experiment.model().decoder_only();
  std::unique_ptr<DecoderOnlyModel> model(new DecoderOnlyModel);
  model->vocabulary_ = options.vocabulary;
  model->store_ = std::make_unique<ParameterStore>(
      options.compute, experiment.seed(),
      options.shapes_only ? ParameterStore::Storage::kShapesOnly
                          : ParameterStore::Storage::kValues);
  const BuildHost host = {model->store_.get(), &catalogue, &spec};
  Surroundings at;
  at.width = assembly.stack().width();
  at.vocabulary = options.vocabulary;
  at.max_tokens = experiment.data().sequence_tokens();
  at.seed = experiment.seed();
  at.dtype = options.compute;
  at.init_std = assembly.embedding().init_std();
  at.causal = true;
  const ModelBuildContext root(host, at, "", kSpecPath);

  model->spec_ = assembly;
  model->embedding_ = root.Part("embedding", root.spec_path())
                          .AddParameter("weight", {at.vocabulary, at.width},
                                        Init::Normal(at.init_std),
                                        {.decay = true, .matrix = false});
  ARCHLAB_ASSIGN_OR_RETURN(
      model->stack_,
      AssembleStack(assembly.stack(), assembly.embedding().dropout(),
                    root.Part("decoder", root.spec_path() + ".stack")));
  if (!assembly.tied_embeddings())
    model->head_ = root.Part("head", root.spec_path())
                       .AddParameter("weight", {at.vocabulary, at.width},
                                     Init::Normal(at.init_std),
                                     {.decay = true, .matrix = false});
  return std::unique_ptr<Model>(std::move(model));
}

int64_t DecoderOnlyModel::MaxTokens() const {
  return stack_->position().MaxTokens();
}

Tensor DecoderOnlyModel::Hidden(const Tensor& ids, Pass& pass, KvCache* cache) {
  Tensor x = Embed(embedding_.value(), ids);                // [B, T, C]
  if (x.dtype() == DType::kBF16) x = Cast(x, DType::kF32);  // residual stream
  return stack_->Forward(x, pass, cache);                   // [B, T, C]
}

LossResult DecoderOnlyModel::Loss(const Batch& batch,
                                  const PassOptions& options) {
  Pass pass = PassOver(options, batch);
  const Tensor hidden = Hidden(batch.ids, pass, nullptr);  // [B, T, C]
  const Counted counted =
      GatherCounted(Reshape(hidden, {-1, hidden.dim(2)}), batch);  // [N, C]
  LossResult result;
  result.total = LinearCrossEntropy(counted.hidden, head().value(), Tensor(),
                                    counted.targets, counted.weights,
                                    options.label_smoothing);
  result.sum = result.total.At(0);
  result.tokens = batch.tokens;
  if (pass.added_loss().defined())
    result.total = result.total + pass.added_loss();
  result.logs = pass.logs();
  return result;
}

Tensor DecoderOnlyModel::Logits(const Batch& batch,
                                const PassOptions& options) {
  Pass pass = PassOver(options, batch);
  const Tensor hidden = Hidden(batch.ids, pass, nullptr);  // [B, T, C]
  return Linear(hidden, head().value(), Tensor());         // [B, T, V]
}

std::unique_ptr<DecodeState> DecoderOnlyModel::NewState(int64_t batch) {
  return std::make_unique<KvState>(batch, stack_->blocks().size());
}

Tensor DecoderOnlyModel::Decode(const Tensor& ids, const Tensor& segments,
                                DecodeState* state) {
  const NoGrad no_grad;
  KvCache& cache = static_cast<KvState*>(state)->cache;
  Batch batch;
  batch.ids = ids;
  batch.segments = segments;
  batch.positions = AppendPositions(ids, segments, cache);
  const PassOptions options;
  Pass pass = PassOver(options, batch);
  const Tensor hidden = Hidden(ids, pass, &cache);  // [B, T, C]
  return Linear(hidden, head().value(), Tensor());  // [B, T, V]
}

ModelCounts DecoderOnlyModel::Count(int64_t tokens) const {
  ModelCounts counts;
  counts.tokens = tokens;
  const int64_t width = spec_.stack().width();
  const std::string shape = absl::StrCat(vocabulary_, " x ", width);
  CountRow embedding;
  embedding.path = "embedding";
  embedding.component = "token embedding";
  embedding.shape = shape;
  embedding.parameters = vocabulary_ * width;
  counts.rows.push_back(embedding);
  StackCounter(spec_.stack(), *stack_, *store_, tokens, "decoder")
      .AddTo(counts);
  CountRow head;
  head.path = "head";
  head.component = spec_.tied_embeddings() ? "tied to embedding" : "linear";
  head.shape = shape;
  head.parameters = spec_.tied_embeddings() ? 0 : vocabulary_ * width;
  head.flops = head.flops_executed = 2.0 * tokens * vocabulary_ * width;
  counts.rows.push_back(head);
  AddTotal(counts);
  return counts;
}

absl::StatusOr<std::unique_ptr<Model>> Model::Build(
    const Spec& spec, const Catalogue& catalogue, const ModelOptions& options) {
  switch (spec.experiment().model().assembly_case()) {
    case spec::Model::kDecoderOnly:
      return DecoderOnlyModel::Build(spec, catalogue, options);
    case spec::Model::ASSEMBLY_NOT_SET:
      break;
  }
  return spec.Locate("model", absl::InvalidArgumentError("sets no assembly"));
}

}  // namespace archlab
