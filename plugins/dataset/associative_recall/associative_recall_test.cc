// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The task, by its definition.

#include <algorithm>
#include <set>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("dataset/associative_recall", "");

TEST(AssociativeRecall, TheTargetStandsAfterItsKey) {
  const UnderTest<Dataset> data("dataset/associative_recall", "pairs: 20");
  for (int64_t i = 0; i < 300; ++i) {
    const Document document = *data->Get(Split::kTrain, i);
    ASSERT_EQ(document.text.size(), 41u);
    std::set<char> keys;
    for (int k = 0; k < 20; ++k) keys.insert(document.text[2 * k]);
    EXPECT_EQ(keys.size(), 20u);
    const size_t at = document.text.find(document.text.back());
    ASSERT_LT(at, 40u);
    EXPECT_EQ(document.target, document.text.substr(at + 1, 1));
  }
}

}  // namespace
}  // namespace archlab
