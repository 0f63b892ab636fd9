// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every dataset keeps.

#include <algorithm>

#include "archlab/dataset.h"
#include "testing/contract.h"

namespace archlab {
namespace {

constexpr Split kSplits[] = {Split::kTrain, Split::kValidation};

bool Same(const Document& a, const Document& b) {
  return a.text == b.text && a.target == b.target && a.label == b.label &&
         a.patches == b.patches;
}

void HasTrainingDocuments(const ContractCase& c) {
  const auto dataset = c.Make<Dataset>();
  EXPECT_GT(dataset->Size(Split::kTrain), 0);
  EXPECT_GE(dataset->Size(Split::kValidation), 0);
}

void EveryDocumentCanBeRead(const ContractCase& c) {
  const auto dataset = c.Make<Dataset>();
  for (const Split split : kSplits)
    for (int64_t i = 0; i < std::min<int64_t>(dataset->Size(split), 1000);
         ++i) {
      const auto document = dataset->Get(split, i);
      ASSERT_TRUE(document.ok()) << document.status();
      EXPECT_FALSE(dataset->Origin(split, i).empty());
    }
}

// In any order, from any instance.
void IsDeterministic(const ContractCase& c) {
  const auto a = c.Make<Dataset>();
  const auto b = c.Make<Dataset>();
  for (const Split split : kSplits) {
    ASSERT_EQ(a->Size(split), b->Size(split));
    const int64_t count = std::min<int64_t>(a->Size(split), 100);
    for (int64_t i = 0; i < count; ++i) {
      const auto forward = a->Get(split, i);
      const auto backward = b->Get(split, count - 1 - i);
      const auto again = a->Get(split, count - 1 - i);
      ASSERT_TRUE(forward.ok() && backward.ok() && again.ok());
      EXPECT_TRUE(Same(*backward, *again));
    }
  }
}

}  // namespace

Contract DatasetContract() {
  return {{"HasTrainingDocuments", HasTrainingDocuments},
          {"EveryDocumentCanBeRead", EveryDocumentCanBeRead},
          {"IsDeterministic", IsDeterministic}};
}

}  // namespace archlab
