// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/assemble.h"

#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace archlab {
namespace {

// Blocks of a stack, and parts that write to the residual stream.
struct StackCount {
  int blocks = 0;
  int parts = 0;
};

StackCount Count(const spec::Stack& spec, bool cross) {
  StackCount count;
  for (const spec::Group& group : spec.group())
    for (const spec::Block& block : group.block()) {
      count.blocks += group.repeat();
      count.parts +=
          group.repeat() *
          (block.has_attention() + block.has_mixer() +
           block.has_feed_forward() + (cross && block.has_attention()));
    }
  return count;
}

// Surroundings inside the multi-head shell.
Surroundings InHeads(Surroundings at, const spec::MultiHeadAttention& spec) {
  at.heads = spec.heads();
  at.kv_heads = spec.kv_heads() ? spec.kv_heads() : spec.heads();
  at.head_dim = spec.head_dim() ? spec.head_dim() : at.width / spec.heads();
  return at;
}

// The position component serves all layers: it is told the heads of those that
// use it, which agree, or of the first attention.
Surroundings InHeadsOf(const spec::Stack& spec, const Surroundings& at) {
  const spec::MultiHeadAttention* found = nullptr;
  for (const spec::Group& group : spec.group())
    for (const spec::Block& block : group.block()) {
      if (!block.has_attention()) continue;
      if (found == nullptr || !found->position()) found = &block.attention();
    }
  return found == nullptr ? at : InHeads(at, *found);
}

// A norm over the head dimension instead of the width.
absl::StatusOr<std::unique_ptr<Norm>> MakeHeadNorm(
    const spec::MultiHeadAttention& spec, const std::string& name,
    const ModelBuildContext& context) {
  if (!spec.has_qk_norm()) return std::unique_ptr<Norm>();
  Surroundings at = context.at();
  at.width = at.head_dim;
  return context.Part(name, context.spec_path() + ".qk_norm")
      .With(at)
      .Make<Norm>(spec.qk_norm());
}

absl::StatusOr<std::unique_ptr<MultiHead>> MakeAttention(
    const spec::MultiHeadAttention& spec, const ModelBuildContext& outer) {
  const ModelBuildContext context = outer.With(InHeads(outer.at(), spec));
  const std::string core_path = context.spec_path() + ".core";
  ARCHLAB_ASSIGN_OR_RETURN(
      auto core, context.Part("core", core_path).Make<Attention>(spec.core()));
  ARCHLAB_ASSIGN_OR_RETURN(auto q_norm, MakeHeadNorm(spec, "q_norm", context));
  ARCHLAB_ASSIGN_OR_RETURN(auto k_norm, MakeHeadNorm(spec, "k_norm", context));
  const MultiHeadOptions options = {.bias = spec.bias(),
                                    .dropout = spec.dropout(),
                                    .position = spec.position()};
  return std::make_unique<MultiHead>(options, context, std::move(core),
                                     std::move(q_norm), std::move(k_norm));
}

// A block's own cross-attention, or that of the shape of its attention.
absl::StatusOr<std::unique_ptr<MultiHead>> MakeCross(
    const spec::Block& spec, const ModelBuildContext& outer) {
  Surroundings at = outer.at();
  at.cross = true;
  at.causal = false;
  spec::MultiHeadAttention shape = spec.cross_attention();
  std::string place = outer.spec_path() + ".cross_attention";
  if (!spec.has_cross_attention()) {
    shape = spec.attention();
    place = outer.spec_path() + ".attention";
    shape.mutable_core()->set_type_url("attention/dense");
    shape.mutable_core()->clear_value();
  }
  return MakeAttention(shape, outer.Part("cross_attention", place).With(at));
}

absl::Status MakeNorms(const spec::Block& spec,
                       const ModelBuildContext& context,
                       const std::string& name, PartNorms* norms) {
  const auto make = [&](const std::string& role) {
    return context.Part(role, context.spec_path() + ".norm")
        .Make<Norm>(spec.norm());
  };
  ARCHLAB_ASSIGN_OR_RETURN(norms->norm, make(name + "_norm"));
  if (spec.norm_placement() == spec::SANDWICH) {
    ARCHLAB_ASSIGN_OR_RETURN(norms->out, make(name + "_out_norm"));
  }
  return absl::OkStatus();
}

NormPlace PlaceOf(spec::NormPlacement placement) {
  switch (placement) {
    case spec::PRE:
      return NormPlace::kPre;
    case spec::POST:
      return NormPlace::kPost;
    case spec::SANDWICH:
      return NormPlace::kSandwich;
  }
  return NormPlace::kPre;
}

absl::Status MakeSequencePart(const spec::Block& spec,
                              const ModelBuildContext& context,
                              BlockParts* parts) {
  const std::string& at = context.spec_path();
  if (spec.has_attention()) {
    ARCHLAB_ASSIGN_OR_RETURN(
        parts->attention,
        MakeAttention(spec.attention(),
                      context.Part("attention", at + ".attention")));
    return MakeNorms(spec, context, "attention", &parts->sequence_norms);
  }
  if (!spec.has_mixer()) return absl::OkStatus();
  const ModelBuildContext place = context.Part("mixer", at + ".mixer");
  ARCHLAB_ASSIGN_OR_RETURN(auto mixer, place.Make<Mixer>(spec.mixer()));
  parts->mixer = std::make_unique<MixerLayer>(std::move(mixer), place);
  return MakeNorms(spec, context, "mixer", &parts->sequence_norms);
}

absl::StatusOr<std::shared_ptr<const ResidualBlock>> MakeBlock(
    const spec::Block& spec, const ModelBuildContext& context, bool cross) {
  const std::string& at = context.spec_path();
  BlockParts parts;
  parts.path = context.path();
  parts.norm_place = PlaceOf(spec.norm_placement());
  parts.parallel = spec.parallel_residual();
  parts.dropout = spec.dropout();
  ARCHLAB_RETURN_IF_ERROR(MakeSequencePart(spec, context, &parts));
  bool first = parts.sequence_norms.norm == nullptr;
  if (cross && (spec.has_attention() || spec.has_cross_attention())) {
    ARCHLAB_ASSIGN_OR_RETURN(parts.cross, MakeCross(spec, context));
    // In parallel the parts share the norms of the first.
    if (first || !parts.parallel)
      ARCHLAB_RETURN_IF_ERROR(
          MakeNorms(spec, context, "cross_attention", &parts.cross_norms));
    first = false;
  }
  if (spec.has_feed_forward()) {
    if (first || !parts.parallel)
      ARCHLAB_RETURN_IF_ERROR(
          MakeNorms(spec, context, "feed_forward", &parts.feed_forward_norms));
    ARCHLAB_ASSIGN_OR_RETURN(parts.feed_forward,
                             context.Part("feed_forward", at + ".feed_forward")
                                 .Make<FeedForward>(spec.feed_forward()));
  }
  return std::make_shared<const ResidualBlock>(std::move(parts));
}

using Blocks = std::vector<std::shared_ptr<const ResidualBlock>>;

// The blocks of one group, appended; shared weights are made once.
absl::Status AddGroup(const spec::Group& group, const std::string& place,
                      const ModelBuildContext& context, bool cross,
                      Blocks* blocks) {
  const size_t first = blocks->size();
  for (int r = 0; r < group.repeat(); ++r)
    for (int b = 0; b < group.block_size(); ++b) {
      if (r > 0 && group.share_weights()) {
        blocks->push_back((*blocks)[first + b]);
        continue;
      }
      Surroundings at = context.at();
      at.layer = static_cast<int>(blocks->size());
      ARCHLAB_ASSIGN_OR_RETURN(
          auto block,
          MakeBlock(group.block(b),
                    context
                        .Part(absl::StrCat(at.layer),
                              absl::StrCat(place, ".block[", b, "]"))
                        .With(at),
                    cross));
      blocks->push_back(std::move(block));
    }
  return absl::OkStatus();
}

Surroundings InStack(Surroundings at, const spec::Stack& spec,
                     const StackRole& role) {
  const StackCount count = Count(spec, role.cross);
  at.width = spec.width();
  at.causal = role.causal;
  at.prefix = at.prefix && role.causal;
  at.layers = count.blocks;
  at.init_std = spec.init().std();
  at.residual_init_std = at.init_std;
  if (spec.init().scale_residual() && count.parts > 0)
    at.residual_init_std /= std::sqrt(static_cast<double>(count.parts));
  return at;
}

}  // namespace

Assembly::Assembly(const Spec& spec, const Catalogue& catalogue,
                   const ModelOptions& options)
    : spec_(spec),
      options_(options),
      store_(std::make_unique<ParameterStore>(
          options.compute, spec.experiment().seed(),
          options.shapes_only ? ParameterStore::Storage::kShapesOnly
                              : ParameterStore::Storage::kValues)),
      host_{store_.get(), &catalogue, &spec} {}

bool Assembly::HasPrefix() const {
  absl::string_view kind, name;
  if (!SplitComponent(spec_.experiment().training().objective().type_url(),
                      &kind, &name))
    return false;
  const ComponentManifest* const manifest = host_.catalogue->Find(kind, name);
  return manifest != nullptr && manifest->traits().prefix();
}

ModelBuildContext Assembly::Root(const std::string& spec_path,
                                 int64_t width) const {
  Surroundings at;
  at.width = width;
  at.vocabulary = options_.vocabulary;
  at.max_tokens = spec_.experiment().data().sequence_tokens();
  at.prefix = HasPrefix();
  at.seed = spec_.experiment().seed();
  at.dtype = options_.compute;
  return ModelBuildContext(host_, at, "", spec_path);
}

absl::StatusOr<StackSpec> Assembly::Find(bool has, const spec::Stack& own,
                                         const std::string& path) const {
  if (has) return StackSpec{&own, path};
  const spec::Model& model = spec_.experiment().model();
  if (model.has_trunk()) return StackSpec{&model.trunk(), "model.trunk"};
  return spec_.Locate("model", absl::InvalidArgumentError(absl::StrCat(
                                   "has no blocks: set ", path, " or trunk")));
}

absl::StatusOr<std::unique_ptr<BlockStack>> Assembly::Stack(
    const StackSpec& found, const spec::Embedding& embedding,
    const std::string& embedding_path, const StackRole& role) const {
  const spec::Stack& spec = *found.stack;
  ModelBuildContext root = Root(found.path, spec.width());
  const Surroundings at = InStack(root.at(), spec, role);
  const ModelBuildContext context = root.Part(role.name, found.path).With(at);
  StackParts parts;
  parts.path = role.name;
  parts.embedding_dropout = embedding.dropout();
  ARCHLAB_ASSIGN_OR_RETURN(parts.position,
                           context.Part("position", found.path + ".position")
                               .With(InHeadsOf(spec, at))
                               .Make<Position>(spec.position()));
  if (embedding.has_norm()) {
    ARCHLAB_ASSIGN_OR_RETURN(
        parts.embedding_norm,
        context.Part("embedding_norm", embedding_path + ".norm")
            .Make<Norm>(embedding.norm()));
  }
  for (int g = 0; g < spec.group_size(); ++g)
    ARCHLAB_RETURN_IF_ERROR(
        AddGroup(spec.group(g), absl::StrCat(found.path, ".group[", g, "]"),
                 context, role.cross, &parts.blocks));
  if (spec.has_final_norm()) {
    ARCHLAB_ASSIGN_OR_RETURN(
        parts.final_norm, context.Part("final_norm", found.path + ".final_norm")
                              .Make<Norm>(spec.final_norm()));
  }
  return std::make_unique<BlockStack>(std::move(parts));
}

}  // namespace archlab
