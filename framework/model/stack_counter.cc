// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/stack_counter.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/pairs.h"

namespace archlab {
namespace {

constexpr int64_t kStreamBytes = 4;  // the residual stream is f32

// The block of the spec that each block of the stack was made from.
std::vector<const spec::Block*> Unrolled(const spec::Stack& spec) {
  std::vector<const spec::Block*> blocks;
  for (const spec::Group& group : spec.group())
    for (int r = 0; r < group.repeat(); ++r)
      for (const spec::Block& block : group.block()) blocks.push_back(&block);
  return blocks;
}

}  // namespace

StackCounter::StackCounter(const spec::Stack& spec, const BlockStack& stack,
                           const ParameterStore& store, int64_t tokens,
                           CountPairs pairs, std::string path)
    : spec_(spec),
      stack_(stack),
      store_(store),
      tokens_(tokens),
      count_pairs_(pairs),
      path_(std::move(path)) {}

void StackCounter::AddTo(ModelCounts& counts) {
  const int64_t stream_bytes = tokens_ * spec_.width() * kStreamBytes;
  const std::string width = absl::StrCat(spec_.width());
  AddPlain(path_ + ".position", spec_.position().type_url(), "", 0, counts);
  if (stack_.embedding_norm())
    AddPlain(path_ + ".embedding_norm", "norm", width, 2 * stream_bytes,
             counts);
  const auto specs = Unrolled(spec_);
  std::set<const ResidualBlock*> seen;
  for (size_t i = 0; i < specs.size(); ++i) {
    const ResidualBlock* block = stack_.blocks()[i].get();
    const size_t first_row = counts.rows.size();
    AddBlock(*specs[i], block->parts(), counts);
    if (seen.insert(block).second) continue;
    for (size_t r = first_row; r < counts.rows.size(); ++r) {
      // Counted where it came first.
      absl::StrAppend(&counts.rows[r].component, " (shared)");
      counts.rows[r].parameters = 0;
    }
  }
  if (stack_.final_norm())
    AddPlain(path_ + ".final_norm", spec_.final_norm().type_url(), width,
             2 * stream_bytes, counts);
}

void StackCounter::AddBlock(const spec::Block& spec, const BlockParts& parts,
                            ModelCounts& counts) {
  const int64_t stream_bytes = tokens_ * spec_.width() * kStreamBytes;
  const std::string width = absl::StrCat(spec_.width());
  const auto add_norms = [&](const PartNorms& norms, const std::string& name) {
    for (const auto& [norm, suffix] :
         {std::make_pair(norms.norm.get(), "_norm"),
          std::make_pair(norms.out.get(), "_out_norm")})
      if (norm != nullptr)
        AddPlain(absl::StrCat(parts.path, ".", name, suffix),
                 spec.norm().type_url(), width, 2 * stream_bytes, counts);
  };
  if (parts.attention) {
    add_norms(parts.sequence_norms, "attention");
    AddAttention(spec.attention(), *parts.attention, parts.path + ".attention",
                 counts);
  }
  if (parts.mixer) {
    add_norms(parts.sequence_norms, "mixer");
    AddMixer(spec, *parts.mixer, parts.path + ".mixer", counts);
  }
  if (parts.cross) {
    add_norms(parts.cross_norms, "cross_attention");
    AddAttention(
        spec.has_cross_attention() ? spec.cross_attention() : spec.attention(),
        *parts.cross, parts.path + ".cross_attention", counts);
  }
  if (parts.feed_forward) {
    add_norms(parts.feed_forward_norms, "feed_forward");
    AddFeedForward(spec, *parts.feed_forward, parts.path + ".feed_forward",
                   counts);
  }
}

void StackCounter::AddMixer(const spec::Block& spec, const MixerLayer& layer,
                            const std::string& path, ModelCounts& counts) {
  CountRow row;
  row.path = path;
  row.component = spec.mixer().type_url();
  row.shape = absl::StrCat(spec_.width(), " wide");
  row.parameters = ParametersUnder(path);
  row.flops = row.flops_executed = layer.mixer().Flops(tokens_);
  // About what the projections of attention keep: q, k, v and the output.
  row.activation_bytes =
      4 * tokens_ * spec_.width() * DTypeBytes(store_.compute_dtype());
  if (layer.causal()) row.kv_cache_bytes = layer.mixer().StateBytes(tokens_);
  counts.rows.push_back(row);
}

void StackCounter::AddPlain(const std::string& path,
                            const std::string& component,
                            const std::string& shape, int64_t activation_bytes,
                            ModelCounts& counts) const {
  CountRow row;
  row.path = path;
  row.component = component;
  row.shape = shape;
  row.parameters = ParametersUnder(path);
  row.activation_bytes = activation_bytes;
  counts.rows.push_back(row);
}

void StackCounter::AddAttention(const spec::MultiHeadAttention& spec,
                                const MultiHead& attention,
                                const std::string& path, ModelCounts& counts) {
  const Surroundings& at = attention.at();
  const double pair_flops = 4.0 * at.heads * at.head_dim;  // q k^T and p v
  const double projections = attention.ProjectionFlopsPerToken() * tokens_;
  const int64_t element = DTypeBytes(store_.compute_dtype());
  CountRow row;
  row.path = path;
  row.component =
      at.cross ? "cross-attention" : std::string(spec.core().type_url());
  row.shape = absl::StrCat(at.heads, " heads x ", at.head_dim);
  if (at.kv_heads != at.heads)
    absl::StrAppend(&row.shape, ", ", at.kv_heads, " kv");
  row.parameters = ParametersUnder(path);
  row.flops = projections + pair_flops * tokens_ * tokens_;
  row.flops_executed =
      projections + pair_flops * Pairs(spec, attention, counts);
  // q and the output; k and v; the log-sum-exp of each row.
  row.activation_bytes =
      tokens_ *
      ((2 * at.heads + 2 * at.kv_heads) * at.head_dim * element + at.heads * 4);
  if (at.causal || at.cross)  // an encoder runs once
    row.kv_cache_bytes = 2 * tokens_ * at.kv_heads * at.head_dim * element;
  counts.rows.push_back(row);
}

void StackCounter::AddFeedForward(const spec::Block& spec,
                                  const FeedForward& part,
                                  const std::string& path,
                                  ModelCounts& counts) {
  CountRow row;
  row.path = path;
  row.component = spec.feed_forward().type_url();
  row.parameters = ParametersUnder(path);
  row.flops = row.flops_executed = part.FlopsPerToken() * tokens_;
  // Every hidden value is kept before and after its activation.
  const double hidden = part.FlopsPerToken() / (2.0 * spec_.width());
  row.shape = absl::StrCat(spec_.width(), " wide");
  row.activation_bytes = static_cast<int64_t>(
      tokens_ * hidden * DTypeBytes(store_.compute_dtype()));
  counts.rows.push_back(row);
}

double StackCounter::Pairs(const spec::MultiHeadAttention& spec,
                           const MultiHead& attention, ModelCounts& counts) {
  if (attention.at().cross || count_pairs_ == CountPairs::kNo)
    return 1.0 * tokens_ * tokens_;
  const auto& core = spec.core();
  const std::string key = core.type_url() + " " + core.value();
  if (const auto found = pairs_.find(key); found != pairs_.end())
    return found->second;
  const PairCount count =
      CountInteractions(attention.core(), attention.at().causal, tokens_);
  counts.sampled |= count.sampled;
  return pairs_[key] = count.pairs;
}

int64_t StackCounter::ParametersUnder(const std::string& path) const {
  return store_.CountUnder(path + ".");
}

}  // namespace archlab
