// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "bench_model.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"

namespace archlab {
namespace {

using Dimension = std::pair<const char*, int64_t BenchModel::*>;
constexpr Dimension kDimensions[] = {
    {"layers", &BenchModel::layers},   {"width", &BenchModel::width},
    {"heads", &BenchModel::heads},     {"hidden", &BenchModel::hidden},
    {"tokens", &BenchModel::tokens},   {"batch", &BenchModel::batch},
    {"experts", &BenchModel::experts}, {"vocabulary", &BenchModel::vocabulary},
    {"top_k", &BenchModel::top_k},     {"window", &BenchModel::window}};

constexpr int64_t kLargest = int64_t{1} << 24;

bool MayBeZero(absl::string_view name) {
  return name == "experts" || name == "top_k" || name == "window";
}

// nanoGPT's config/train_shakespeare_char.py, as its README has it for a CPU
// and as it stands; GPT-2 at two lengths; BERT-small as google-research/bert
// lists it; T5-small, arXiv:1910.10683, appendix A.
std::vector<BenchModel> MakeModels() {
  BenchModel nano;
  nano.name = "nanogpt_cpu";
  nano.layers = nano.heads = 4;
  nano.width = 128, nano.hidden = 512;
  nano.tokens = 64, nano.batch = 12, nano.vocabulary = 65;
  nano.activation = "GELU";
  BenchModel baby = nano;
  baby.name = "baby_gpt";
  baby.layers = baby.heads = 6;
  baby.width = 384, baby.hidden = 1536;
  baby.tokens = 256, baby.batch = 16;
  BenchModel gpt2;
  gpt2.name = "gpt2";
  gpt2.layers = gpt2.heads = 12;
  gpt2.width = 768, gpt2.hidden = 3072;
  gpt2.tokens = 512, gpt2.batch = 2, gpt2.vocabulary = 50257;
  gpt2.bias = true, gpt2.activation = "GELU_TANH";
  BenchModel gpt2_long = gpt2;
  gpt2_long.name = "gpt2_t1024";
  gpt2_long.tokens = 1024, gpt2_long.batch = 1;
  BenchModel bert;
  bert.name = "bert_small";
  bert.family = BenchFamily::kBert;
  bert.layers = 4, bert.heads = 8;
  bert.width = 512, bert.hidden = 2048;
  bert.tokens = 128, bert.batch = 16, bert.vocabulary = 30522;
  bert.bias = true, bert.activation = "GELU";
  BenchModel t5;
  t5.name = "t5_small";
  t5.family = BenchFamily::kT5;
  t5.layers = 6, t5.heads = 8;
  t5.width = 512, t5.hidden = 2048;
  t5.tokens = 128, t5.batch = 8, t5.vocabulary = 32128;
  t5.activation = "RELU";
  BenchModel moe = nano;
  moe.name = "moe";
  moe.width = 256, moe.hidden = 512;
  moe.tokens = 256, moe.batch = 8, moe.vocabulary = 1024;
  moe.experts = 8, moe.top_k = 2;
  return {nano, baby, gpt2, gpt2_long, bert, t5, moe};
}

std::string FeedForward(const BenchModel& model) {
  const std::string mlp = absl::Substitute(
      "[feed_forward/mlp] { activation: $0 bias: $1 hidden: $2 }",
      model.activation, model.bias ? "true" : "false", model.hidden);
  if (model.experts == 0) return mlp;
  return absl::Substitute(
      "[feed_forward/moe] { experts: $0 expert { $1 } "
      "router { [router/top_k] { k: $2 } } }",
      model.experts, mlp, model.top_k);
}

Tensor RandomIds(const BenchModel& model, uint64_t seed) {
  Random random(seed, 0, 0);
  Tensor ids = Tensor::Empty({model.batch, model.tokens}, DType::kI32);
  for (int64_t i = 0; i < ids.size(); ++i)
    ids.data<int32_t>()[i] = static_cast<int32_t>(std::min<double>(
        random.Uniform() * static_cast<double>(model.vocabulary),
        static_cast<double>(model.vocabulary - 1)));
  return ids;
}

}  // namespace

int64_t BenchModel::head_rows() const {
  return family == BenchFamily::kBert ? (rows() * 15 + 99) / 100 : rows();
}

const std::vector<BenchModel>& BenchModels() {
  static const auto* const models = new std::vector<BenchModel>(MakeModels());
  return *models;
}

absl::StatusOr<BenchModel> FindBenchModel(
    const std::string& name, const std::vector<std::string>& overrides) {
  const auto& all = BenchModels();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const auto& m) { return m.name == name; });
  if (found == all.end())
    return absl::InvalidArgumentError(absl::StrCat(
        "--model: there is no '", name, "'; there are ",
        absl::StrJoin(all, ", ", [](std::string* out, const BenchModel& m) {
          absl::StrAppend(out, m.name);
        })));
  BenchModel model = *found;
  for (const std::string& override_text : overrides) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(override_text, absl::MaxSplits('=', 1));
    const auto* const dimension = std::find_if(
        std::begin(kDimensions), std::end(kDimensions),
        [&](const Dimension& d) { return parts.first == d.first; });
    int64_t value = 0;
    if (dimension == std::end(kDimensions) ||
        !absl::SimpleAtoi(parts.second, &value) || value < 0 ||
        value > kLargest || (value == 0 && !MayBeZero(parts.first)))
      return absl::InvalidArgumentError(absl::StrCat(
          "--set '", override_text, "': must be NAME=NUMBER, the number from ",
          MayBeZero(parts.first) ? 0 : 1, " to ", kLargest, "; the names are ",
          absl::StrJoin(kDimensions, ", ",
                        [](std::string* out, const Dimension& d) {
                          absl::StrAppend(out, d.first);
                        })));
    model.*(dimension->second) = value;
  }
  return model;
}

std::string BenchSpec(const BenchModel& model) {
  const bool t5 = model.family == BenchFamily::kT5;
  const bool bert = model.family == BenchFamily::kBert;
  const char* const bias = model.bias ? "true" : "false";
  const std::string norm =
      t5 ? "[norm/rms_norm] {}"
         : absl::Substitute("[norm/layer_norm] { bias: $0 }", bias);
  const std::string core =
      model.window == 0
          ? "[attention/dense] {}"
          : absl::Substitute("[attention/sliding_window] { window: $0 }",
                             model.window);
  const std::string block = absl::Substitute(
      "norm { $0 } attention { heads: $1 bias: $2 core { $3 } } "
      "feed_forward { $4 } $5",
      norm, model.heads, bias, core, FeedForward(model),
      bert ? "norm_placement: POST" : "");
  const std::string assembly =
      t5     ? "encoder_decoder {}"
      : bert ? absl::Substitute(
                   "encoder_only { embedding { token_types: 2 norm { $0 } } "
                   "transform { norm { $0 } } }",
                   norm)
             : "decoder_only {}";
  return absl::Substitute(
      "name: '$0' data { dataset { [dataset/text] { path: 'none' } } "
      "tokenizer { [tokenizer/byte] {} } sequence_tokens: $1 } "
      "model { $2 trunk { width: $3 position { [position/$4] {} } "
      "group { repeat: $5 block { $6 } } $7 } } "
      "training { objective { [objective/$8] {} } "
      "optimizer { [optimizer/adamw] {} } "
      "schedule { [schedule/constant] {} } steps: 1 $9 }",
      model.name, model.tokens, assembly, model.width,
      t5 ? "t5_relative" : "learned", model.layers, block,
      bert ? "" : absl::Substitute("final_norm { $0 }", norm),
      t5 ? "seq2seq" : (bert ? "masked_lm" : "causal_lm"),
      absl::StrCat("batch_sequences: ", model.batch));
}

Batch BenchBatch(const BenchModel& model) {
  Batch batch;
  batch.ids = RandomIds(model, 1);
  batch.targets = RandomIds(model, 2);
  if (model.family == BenchFamily::kT5) batch.decoder_ids = RandomIds(model, 3);
  batch.weights = Tensor::Full({model.batch, model.tokens}, DType::kF32, 1);
  batch.tokens = model.head_rows();
  // Evenly spread positions count.
  for (int64_t i = 0, counted = 0; i < model.rows(); ++i) {
    const int64_t due = (i + 1) * batch.tokens / model.rows();
    batch.weights.data<float>()[i] = due > counted ? 1 : 0;
    counted = due;
  }
  return batch;
}

std::string BenchModelJson(const BenchModel& model) {
  constexpr const char* kFamilies[] = {"gpt", "bert", "t5"};
  std::string json = absl::Substitute(
      R"({"name": "$0", "family": "$1", "bias": $2, "activation": "$3")",
      model.name, kFamilies[static_cast<int>(model.family)],
      model.bias ? "true" : "false", model.activation);
  for (const auto& [name, member] : kDimensions)
    absl::StrAppend(&json, ", \"", name, "\": ", model.*member);
  return absl::StrCat(json, "}");
}

}  // namespace archlab
