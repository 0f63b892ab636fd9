// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "model/every_stack.h"

#include <google/protobuf/descriptor.h>

#include <cctype>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "archlab/check.h"
#include "archlab/random.h"

namespace archlab {
namespace {

const StackCase kPlain = {"position/none", "attention/dense",
                          "feed_forward/mlp", "norm/layer_norm",
                          "router/top_k"};

// Configs whose defaults are too wide for a few tokens, or too plain.
const std::map<std::string, std::string>& Narrow() {
  static const auto& configs = *new std::map<std::string, std::string>{
      {"attention/sliding_window", "window: 5"},
      {"attention/block_sparse",
       "block: 2 window: 1 global_tokens: 1 random_blocks: 1"},
      {"attention/top_k", "k: 4"},
      {"feed_forward/moe",
       "experts: 3 expert { [feed_forward/mlp] {} } router { $router } "
       "shared_experts: 1"},
  };
  return configs;
}

std::string Part(const std::string& component, const StackCase& parts);

// What the spec must say: parts inside are plain ones, counts are 2.
std::string RequiredFields(const std::string& component,
                           const StackCase& parts) {
  const size_t slash = component.find('/');
  const auto* const type = BuiltCatalogue().ConfigType(
      component.substr(0, slash), component.substr(slash + 1));
  const std::map<std::string, std::string> plain = {
      {"attention", kPlain.sequence},
      {"feed_forward", kPlain.feed_forward},
      {"norm", kPlain.norm},
      {"router", parts.router}};
  std::string text;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* const field = type->field(i);
    if (!field->options().GetExtension(required)) continue;
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE)
      absl::StrAppend(
          &text, field->name(), " { ",
          Part(plain.at(field->options().GetExtension(kind)), parts), " } ");
    else
      absl::StrAppend(&text, field->name(), ": 2 ");
  }
  return text;
}

// "[kind/name] { ... }".
std::string Part(const std::string& component, const StackCase& parts) {
  return absl::StrCat("[", component, "] { ", ConfigText(component, parts),
                      " }");
}

// The components of a kind that may stand there.
std::vector<std::string> Fitting(const std::string& kind, bool causal) {
  std::vector<std::string> fitting;
  for (const std::string& component : BuiltCatalogue().Names(kind))
    if (causal ? TraitsOf(component).causal()
               : TraitsOf(component).bidirectional())
      fitting.push_back(component);
  return fitting;
}

}  // namespace

std::string ConfigText(const std::string& component, const StackCase& parts) {
  const auto found = Narrow().find(component);
  if (found == Narrow().end()) return RequiredFields(component, parts);
  return absl::StrReplaceAll(
      found->second, {{"$router", absl::StrCat("[", parts.router, "] {}")}});
}

const Traits& TraitsOf(const std::string& component) {
  const size_t slash = component.find('/');
  return BuiltCatalogue()
      .Find(component.substr(0, slash), component.substr(slash + 1))
      ->traits();
}

std::vector<StackCase> EveryStack(bool causal) {
  std::vector<StackCase> all;
  StackCase plain = kPlain;
  plain.causal = causal;
  const auto vary = [&](const std::string& kind,
                        std::string StackCase::*member) {
    for (const std::string& component : Fitting(kind, causal)) {
      if (component == plain.*member && kind != "router") continue;
      StackCase parts = plain;
      parts.*member = component;
      if (kind == "router") parts.feed_forward = "feed_forward/moe";
      all.push_back(parts);
    }
  };
  for (const std::string& position : Fitting("position", causal))
    for (const std::string& attention : Fitting("attention", causal)) {
      if (TraitsOf(position).score_bias() && !TraitsOf(attention).score_bias())
        continue;
      StackCase parts = plain;
      parts.position = position;
      parts.sequence = attention;
      all.push_back(parts);
    }
  vary("mixer", &StackCase::sequence);
  vary("feed_forward", &StackCase::feed_forward);
  vary("norm", &StackCase::norm);
  vary("router", &StackCase::router);
  return all;
}

std::string CaseName(const testing::TestParamInfo<StackCase>& info) {
  const StackCase& parts = info.param;
  std::string name = parts.position + "_" + parts.sequence;
  if (parts.feed_forward != kPlain.feed_forward)
    absl::StrAppend(&name, "_", parts.feed_forward);
  if (parts.norm != kPlain.norm) absl::StrAppend(&name, "_", parts.norm);
  if (absl::StrContains(parts.feed_forward, "moe"))
    absl::StrAppend(&name, "_", parts.router, info.index);
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

bool IsMixer(const StackCase& parts) {
  return absl::StartsWith(parts.sequence, "mixer/");
}

bool Cacheable(const StackCase& parts) {
  return TraitsOf(parts.sequence).cacheable() &&
         TraitsOf(parts.feed_forward).cacheable() &&
         TraitsOf(parts.router).cacheable();
}

bool BatchCoupled(const StackCase& parts) {
  return TraitsOf(parts.router).batch_coupled();
}

std::unique_ptr<Model> BuildStack(const StackCase& parts, DType compute) {
  TestSpec spec;
  spec.position = Part(parts.position, parts);
  spec.feed_forward = Part(parts.feed_forward, parts);
  spec.norm = Part(parts.norm, parts);
  (IsMixer(parts) ? spec.mixer : spec.attention) = Part(parts.sequence, parts);
  if (!parts.causal) {
    spec.assembly = "encoder_only {}";
    spec.objective = "[objective/masked_lm] {}";
  }
  return spec.Build(compute, kVocabulary);
}

Batch RandomBatch(int64_t rows, int64_t tokens, uint64_t seed) {
  Random random(seed, 0, 0);
  Batch batch;
  batch.ids = Tensor::Empty({rows, tokens}, DType::kI32);      // [B, T]
  batch.targets = Tensor::Empty({rows, tokens}, DType::kI32);  // [B, T]
  for (int64_t i = 0; i < batch.ids.size(); ++i) {
    batch.ids.data<int32_t>()[i] = random.Below(kVocabulary);
    batch.targets.data<int32_t>()[i] = random.Below(kVocabulary);
  }
  batch.weights = Tensor::Full({rows, tokens}, DType::kF32, 1);  // [B, T]
  batch.tokens = rows * tokens;
  return batch;
}

}  // namespace archlab
