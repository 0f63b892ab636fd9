// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// For tests: stacks that between them have every component of the catalogue
// that may stand in a stack. A new component is in them without being listed.

#ifndef ARCHLAB_EVERY_STACK_H_
#define ARCHLAB_EVERY_STACK_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/batch.h"
#include "model/test_spec.h"

namespace archlab {

constexpr int64_t kVocabulary = 11;

// The components ("kind/name") of one stack.
struct StackCase {
  std::string position, sequence, feed_forward, norm, router;
  bool causal = true;  // or an encoder
};

// One of its parts varies, or a pair of a position and an attention.
std::vector<StackCase> EveryStack(bool causal);
std::string CaseName(const testing::TestParamInfo<StackCase>& info);

// The config of one of its components, as text.
std::string ConfigText(const std::string& component, const StackCase& parts);
const Traits& TraitsOf(const std::string& component);
bool IsMixer(const StackCase& parts);
// Whether all parts decode with a cache as without.
bool Cacheable(const StackCase& parts);
// Whether a row's logits depend on the other rows.
bool BatchCoupled(const StackCase& parts);
std::unique_ptr<Model> BuildStack(const StackCase& parts, DType compute);

// A batch of arbitrary ids and targets.
Batch RandomBatch(int64_t rows, int64_t tokens, uint64_t seed);

}  // namespace archlab

#endif  // ARCHLAB_EVERY_STACK_H_
