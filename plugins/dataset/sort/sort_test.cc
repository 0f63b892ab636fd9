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

ARCHLAB_CONTRACT("dataset/sort", "");

TEST(Sort, PairsKeepTheirDefinitionAndThePartsAreApart) {
  const UnderTest<Dataset> data("dataset/sort",
                                "length: 5 symbols: 9 train_documents: 500 "
                                "validation_documents: 200");
  std::set<std::string> train;
  for (int64_t i = 0; i < 500; ++i) {
    const Document document = *data->Get(Split::kTrain, i);
    train.insert(document.text);
    std::string expected = document.text;
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(document.target, expected);
    EXPECT_EQ(document.text.size(), 5u);
  }
  EXPECT_GT(train.size(), 100u);
  for (int64_t i = 0; i < 200; ++i)
    EXPECT_EQ(train.count(data->Get(Split::kValidation, i)->text), 0u);
}

TEST(Sort, RefusesATaskWithoutTwoParts) {
  const UnderTest<Dataset> data("dataset/sort", "length: 1 symbols: 1");
  EXPECT_THAT(std::string(data.status().message()),
              ::testing::HasSubstr("too few different inputs"));
}

TEST(Sort, ValidatesOnEveryHeldOutInputOnce) {
  const UnderTest<Dataset> data("dataset/sort");  // 3^6 = 729 inputs
  std::set<std::string> all;
  const int64_t count = data->Size(Split::kValidation);
  for (int64_t i = 0; i < count; ++i)
    all.insert(data->Get(Split::kValidation, i)->text);
  EXPECT_EQ(int64_t(all.size()), count);
  EXPECT_GT(count, 729 / 8);
  EXPECT_LT(count, 729 / 2);
  std::set<std::string> train;
  for (int64_t i = 0; i < 20000; ++i)
    train.insert(data->Get(Split::kTrain, i)->text);
  EXPECT_EQ(int64_t(train.size()), 729 - count);
}

}  // namespace
}  // namespace archlab
