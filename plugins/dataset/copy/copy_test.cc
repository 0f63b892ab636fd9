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

ARCHLAB_CONTRACT("dataset/copy", "");

TEST(Copy, PairsKeepTheirDefinitionAndThePartsAreApart) {
  const UnderTest<Dataset> data("dataset/copy",
                                "length: 5 symbols: 7 train_documents: 500 "
                                "validation_documents: 200");
  std::set<std::string> train;
  for (int64_t i = 0; i < 500; ++i) {
    const Document document = *data->Get(Split::kTrain, i);
    train.insert(document.text);
    std::string expected = document.text;

    EXPECT_EQ(document.target, expected);
    EXPECT_EQ(document.text.size(), 5u);
  }
  EXPECT_GT(train.size(), 100u);
  for (int64_t i = 0; i < 200; ++i)
    EXPECT_EQ(train.count(data->Get(Split::kValidation, i)->text), 0u);
}

TEST(Copy, RefusesATaskWithoutTwoParts) {
  const UnderTest<Dataset> data("dataset/copy", "length: 1 symbols: 1");
  EXPECT_THAT(std::string(data.status().message()),
              ::testing::HasSubstr("too few different inputs"));
}

}  // namespace
}  // namespace archlab
