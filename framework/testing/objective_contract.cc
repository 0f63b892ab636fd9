// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every objective keeps.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "archlab/objective.h"
#include "testing/contract.h"

namespace archlab {
namespace {

// Lengths of the records that are documents; windows have theirs.
constexpr int64_t kDocument = 9;

// What an objective is told: its special tokens follow the vocabulary.
ObjectiveInput InputOf(const ContractCase& c, const Objective& objective,
                       int64_t tokens, bool decoder_only) {
  ObjectiveInput input;
  input.sequence_tokens = tokens;
  input.vocabulary = c.at.vocabulary;
  input.decoder_only = decoder_only;
  const auto count = static_cast<int64_t>(objective.SpecialTokens().size());
  for (int64_t i = 0; i < count; ++i)
    input.special.push_back(int32_t(c.at.vocabulary + i));
  return input;
}

// The topologies that it claims, as ObjectiveInput::decoder_only.
std::vector<bool> Topologies(const ContractCase& c) {
  const auto& claimed = c.traits().topologies();
  if (claimed.empty()) return {false, true};
  std::vector<bool> topologies;
  for (const bool decoder_only : {false, true})
    if (std::any_of(claimed.begin(), claimed.end(), [&](int each) {
          return (each == DECODER_ONLY) == decoder_only;
        }))
      topologies.push_back(decoder_only);
  return topologies;
}

// A record of `count` tokens of the vocabulary.
Record Tokens(const ContractCase& c, int64_t count) {
  Random random(5, count, SiteHash("objective contract"));
  Record record;
  for (int64_t i = 0; i < count; ++i)
    record.ids.push_back(int32_t(random.Below(c.at.vocabulary)));
  record.target_ids = record.ids;
  record.label = 1;
  return record;
}

// A window, or a document.
Record RecordFor(const ContractCase& c, const Objective& objective,
                 int64_t tokens) {
  const int64_t window = objective.RecordTokens(tokens);
  EXPECT_GE(window, 0);
  return Tokens(c, window > 0 ? window : kDocument);
}

Random At(uint64_t sample) { return Random(7, sample, SiteHash("objective")); }

void ExpectIds(const std::vector<int32_t>& ids, int64_t vocabulary) {
  for (const int32_t id : ids) {
    EXPECT_GE(id, 0);
    EXPECT_LT(id, vocabulary);
  }
}

void ExpectWellFormed(const Sample& sample, const Objective& objective,
                      const ObjectiveInput& input) {
  const size_t inputs = sample.ids.size();
  const bool classes = objective.Loss().kind == LossKind::kClass;
  size_t outputs =
      sample.decoder_ids.empty() ? inputs : sample.decoder_ids.size();
  if (classes) outputs = 1;
  EXPECT_GT(inputs, 0);
  EXPECT_LE(int64_t(inputs), input.sequence_tokens);
  EXPECT_LE(int64_t(sample.decoder_ids.size()), input.sequence_tokens);
  EXPECT_TRUE(sample.segments.empty() || sample.segments.size() == inputs);
  EXPECT_TRUE(sample.token_types.empty() ||
              sample.token_types.size() == inputs);
  EXPECT_EQ(sample.targets.size(), outputs);
  EXPECT_TRUE(sample.weights.empty() || sample.weights.size() == outputs);
  EXPECT_GE(sample.prefix_tokens, 0);
  EXPECT_LE(sample.prefix_tokens, int64_t(inputs));
  for (const float weight : sample.weights) {
    EXPECT_TRUE(std::isfinite(weight));
    EXPECT_GE(weight, 0);
  }
  const int64_t vocabulary = input.vocabulary + int64_t(input.special.size());
  ExpectIds(sample.ids, vocabulary);
  ExpectIds(sample.decoder_ids, vocabulary);
  for (size_t i = 0; i < sample.targets.size() && !classes; ++i)
    if (sample.weights.empty() || sample.weights[i] > 0)
      ExpectIds({sample.targets[i]}, vocabulary);
}

// Very short sequences may be refused, with a message.
void SamplesAreWellFormed(const ContractCase& c) {
  const auto objective = c.Make<Objective>();
  for (const bool decoder_only : Topologies(c))
    for (const int64_t tokens : {1, 2, 3, 7, 12, 30}) {
      const ObjectiveInput input =
          InputOf(c, *objective.get(), tokens, decoder_only);
      const auto sample = objective->Make(
          RecordFor(c, *objective.get(), tokens), input, At(tokens));
      if (!sample.ok() && tokens < 4) {
        EXPECT_FALSE(sample.status().message().empty());
        continue;
      }
      ASSERT_TRUE(sample.ok()) << sample.status();
      ExpectWellFormed(*sample, *objective.get(), input);
    }
}

// The end of a corpus makes shorter records, and documents are of any length: a
// sample or a message.
void ShortRecordsWorkOrAreRefused(const ContractCase& c) {
  const auto objective = c.Make<Objective>();
  const int64_t longest = std::max(objective->RecordTokens(12), int64_t{40});
  for (const bool decoder_only : Topologies(c))
    for (int64_t count = 0; count < longest; ++count) {
      const int64_t window = objective->RecordTokens(12);
      if (window > 0 && count > window) continue;
      const ObjectiveInput input =
          InputOf(c, *objective.get(), 12, decoder_only);
      const auto sample = objective->Make(Tokens(c, count), input, At(count));
      if (sample.ok())
        ExpectWellFormed(*sample, *objective.get(), input);
      else
        EXPECT_FALSE(sample.status().message().empty());
    }
}

void SampleDependsOnItsRandomOnly(const ContractCase& c) {
  const auto a = c.Make<Objective>();
  const auto b = c.Make<Objective>();
  for (const bool decoder_only : Topologies(c)) {
    const ObjectiveInput input = InputOf(c, *a.get(), 12, decoder_only);
    const Record record = RecordFor(c, *a.get(), 12);
    ASSERT_TRUE(b->Make(record, input, At(0)).ok());  // another sample before
    const auto first = a->Make(record, input, At(3));
    const auto second = b->Make(record, input, At(3));
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(first->ids, second->ids);
    EXPECT_EQ(first->decoder_ids, second->decoder_ids);
    EXPECT_EQ(first->targets, second->targets);
    EXPECT_EQ(first->weights, second->weights);
    EXPECT_EQ(first->segments, second->segments);
    EXPECT_EQ(first->token_types, second->token_types);
    EXPECT_EQ(first->prefix_tokens, second->prefix_tokens);
  }
}

// A prompt is of known ids and fits the topology, or there is a message.
void PromptsAreWellFormed(const ContractCase& c) {
  const auto objective = c.Make<Objective>();
  for (const bool decoder_only : Topologies(c)) {
    const ObjectiveInput input = InputOf(c, *objective.get(), 12, decoder_only);
    const auto prompt = objective->Prompt({1, 2}, input);
    if (!prompt.ok()) {
      EXPECT_FALSE(prompt.status().message().empty());
      continue;
    }
    const int64_t vocabulary = input.vocabulary + int64_t(input.special.size());
    EXPECT_FALSE(prompt->ids.empty());
    ExpectIds(prompt->ids, vocabulary);
    ExpectIds(prompt->decoder_ids, vocabulary);
    EXPECT_LT(prompt->end_id, vocabulary);
    EXPECT_LE(prompt->prefix_tokens, int64_t(prompt->ids.size()));
    if (decoder_only) {
      EXPECT_TRUE(prompt->decoder_ids.empty());
    }
  }
}

// The manifest says what the host must know without running the component.
void ClaimsTheKindOfItsLoss(const ContractCase& c) {
  const auto objective = c.Make<Objective>();
  EXPECT_EQ(c.traits().classes(), objective->Loss().kind == LossKind::kClass);
}

void SmoothingIsAProbability(const ContractCase& c) {
  const LossKind loss = c.Make<Objective>()->Loss();
  EXPECT_GE(loss.label_smoothing, 0);
  EXPECT_LT(loss.label_smoothing, 1);
}

}  // namespace

Contract ObjectiveContract() {
  return {{"SamplesAreWellFormed", SamplesAreWellFormed},
          {"ShortRecordsWorkOrAreRefused", ShortRecordsWorkOrAreRefused},
          {"SampleDependsOnItsRandomOnly", SampleDependsOnItsRandomOnly},
          {"PromptsAreWellFormed", PromptsAreWellFormed},
          {"ClaimsTheKindOfItsLoss", ClaimsTheKindOfItsLoss},
          {"SmoothingIsAProbability", SmoothingIsAProbability}};
}

}  // namespace archlab
