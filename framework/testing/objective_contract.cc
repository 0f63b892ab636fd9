// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every objective keeps.

#include <cmath>
#include <numeric>

#include "archlab/objective.h"
#include "testing/contract.h"

namespace archlab {
namespace {

// A window of `count` tokens of the vocabulary.
Record Window(const ContractCase& c, int64_t count) {
  Random random(5, count, SiteHash("objective contract"));
  Record record;
  for (int64_t i = 0; i < count; ++i)
    record.ids.push_back(int32_t(random.Below(c.at.vocabulary)));
  record.target_ids = record.ids;
  record.label = 1;
  return record;
}

Random At(uint64_t sample) { return Random(7, sample, SiteHash("objective")); }

void ExpectWellFormed(const ContractCase& c, const Sample& sample,
                      const LossKind& loss) {
  const size_t inputs = sample.ids.size();
  const size_t outputs =
      sample.decoder_ids.empty() ? inputs : sample.decoder_ids.size();
  EXPECT_GT(inputs, 0);
  EXPECT_TRUE(sample.segments.empty() || sample.segments.size() == inputs);
  if (loss.kind == LossKind::kTokens) {
    EXPECT_EQ(sample.targets.size(), outputs);
  }
  EXPECT_TRUE(sample.weights.empty() ||
              sample.weights.size() == sample.targets.size());
  EXPECT_GE(sample.prefix_tokens, 0);
  EXPECT_LE(sample.prefix_tokens, int64_t(inputs));
  for (const float weight : sample.weights) {
    EXPECT_TRUE(std::isfinite(weight));
    EXPECT_GE(weight, 0);
  }
  for (const auto* ids : {&sample.ids, &sample.decoder_ids})
    for (const int32_t id : *ids) {
      EXPECT_GE(id, 0);
      EXPECT_LT(id, c.at.vocabulary);
    }
  for (size_t i = 0; i < sample.targets.size(); ++i) {
    if (!sample.weights.empty() && sample.weights[i] == 0) continue;
    EXPECT_GE(sample.targets[i], 0);
    EXPECT_LT(sample.targets[i], c.at.vocabulary);
  }
}

void SamplesAreWellFormed(const ContractCase& c) {
  const auto objective = c.Make<Objective>();
  for (const int64_t tokens : {1, 2, 7, 12}) {
    const int64_t needed = objective->RecordTokens(tokens);
    EXPECT_GE(needed, 1);
    const auto sample = objective->Make(Window(c, needed), {}, At(tokens));
    ASSERT_TRUE(sample.ok()) << sample.status();
    EXPECT_LE(int64_t(sample->ids.size()), tokens);
    ExpectWellFormed(c, *sample, objective->Loss());
  }
}

// The end of a corpus makes shorter records: a sample or a message.
void ShortRecordsWorkOrAreRefused(const ContractCase& c) {
  const auto objective = c.Make<Objective>();
  for (int64_t count = 0; count < objective->RecordTokens(12); ++count) {
    const auto sample = objective->Make(Window(c, count), {}, At(count));
    if (sample.ok())
      ExpectWellFormed(c, *sample, objective->Loss());
    else
      EXPECT_FALSE(sample.status().message().empty());
  }
}

void SampleDependsOnItsRandomOnly(const ContractCase& c) {
  const auto a = c.Make<Objective>();
  const auto b = c.Make<Objective>();
  const Record record = Window(c, a->RecordTokens(12));
  ASSERT_TRUE(b->Make(record, {}, At(0)).ok());  // another sample before
  const auto first = a->Make(record, {}, At(3));
  const auto second = b->Make(record, {}, At(3));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->ids, second->ids);
  EXPECT_EQ(first->decoder_ids, second->decoder_ids);
  EXPECT_EQ(first->targets, second->targets);
  EXPECT_EQ(first->weights, second->weights);
  EXPECT_EQ(first->segments, second->segments);
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
          {"SmoothingIsAProbability", SmoothingIsAProbability}};
}

}  // namespace archlab
