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

StackCount Count(const spec::Stack& spec) {
  StackCount count;
  for (const spec::Group& group : spec.group())
    for (const spec::Block& block : group.block()) {
      count.blocks += group.repeat();
      count.parts +=
          group.repeat() * (block.has_attention() + block.has_feed_forward());
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
                                    .dropout = spec.dropout()};
  return std::make_unique<MultiHead>(options, context, std::move(core),
                                     std::move(q_norm), std::move(k_norm));
}

absl::StatusOr<ResidualBlock> MakeBlock(const spec::Block& spec,
                                        const ModelBuildContext& context) {
  const std::string& at = context.spec_path();
  BlockParts parts;
  parts.path = context.path();
  parts.post_norm = spec.norm_placement() == spec::POST;
  parts.parallel = spec.parallel_residual();
  parts.dropout = spec.dropout();
  auto make_norm = [&](const char* name) {
    return context.Part(name, at + ".norm").Make<Norm>(spec.norm());
  };
  if (spec.has_attention()) {
    ARCHLAB_ASSIGN_OR_RETURN(parts.attention_norm, make_norm("attention_norm"));
    ARCHLAB_ASSIGN_OR_RETURN(
        parts.attention,
        MakeAttention(spec.attention(),
                      context.Part("attention", at + ".attention")));
  }
  if (spec.has_feed_forward()) {
    // In parallel the parts share one norm.
    if (!parts.attention || !parts.parallel) {
      ARCHLAB_ASSIGN_OR_RETURN(parts.feed_forward_norm,
                               make_norm("feed_forward_norm"));
    }
    ARCHLAB_ASSIGN_OR_RETURN(parts.feed_forward,
                             context.Part("feed_forward", at + ".feed_forward")
                                 .Make<FeedForward>(spec.feed_forward()));
  }
  return ResidualBlock(std::move(parts));
}

absl::StatusOr<std::vector<ResidualBlock>> MakeBlocks(
    const spec::Stack& spec, const ModelBuildContext& context) {
  std::vector<ResidualBlock> blocks;
  for (int g = 0; g < spec.group_size(); ++g)
    for (int r = 0; r < spec.group(g).repeat(); ++r)
      for (int b = 0; b < spec.group(g).block_size(); ++b) {
        Surroundings at = context.at();
        at.layer = static_cast<int>(blocks.size());
        const std::string place =
            absl::StrCat(context.spec_path(), ".group[", g, "].block[", b, "]");
        ARCHLAB_ASSIGN_OR_RETURN(
            ResidualBlock block,
            MakeBlock(spec.group(g).block(b),
                      context.Part(absl::StrCat(at.layer), place).With(at)));
        blocks.push_back(std::move(block));
      }
  return blocks;
}

}  // namespace

absl::StatusOr<std::unique_ptr<BlockStack>> AssembleStack(
    const spec::Stack& spec, double embedding_dropout,
    const ModelBuildContext& outer) {
  const StackCount count = Count(spec);
  Surroundings at = outer.at();
  at.width = spec.width();
  at.layers = count.blocks;
  at.init_std = spec.init().std();
  at.residual_init_std = at.init_std;
  if (spec.init().scale_residual() && count.parts > 0)
    at.residual_init_std /= std::sqrt(static_cast<double>(count.parts));
  const ModelBuildContext context = outer.With(at);
  const std::string& place = context.spec_path();

  // The position component serves all layers: it is told their heads.
  Surroundings position_at = at;
  for (const spec::Group& group : spec.group())
    for (const spec::Block& block : group.block())
      if (block.has_attention()) position_at = InHeads(at, block.attention());
  ARCHLAB_ASSIGN_OR_RETURN(auto position,
                           context.Part("position", place + ".position")
                               .With(position_at)
                               .Make<Position>(spec.position()));
  ARCHLAB_ASSIGN_OR_RETURN(auto blocks, MakeBlocks(spec, context));
  std::unique_ptr<Norm> final_norm;
  if (spec.has_final_norm()) {
    ARCHLAB_ASSIGN_OR_RETURN(final_norm,
                             context.Part("final_norm", place + ".final_norm")
                                 .Make<Norm>(spec.final_norm()));
  }
  return std::make_unique<BlockStack>(std::move(position), std::move(blocks),
                                      std::move(final_norm), embedding_dropout,
                                      context.path());
}

}  // namespace archlab
