// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Associative recall.

#include <map>
#include <set>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("dataset/associative_recall", "");
ARCHLAB_CONTRACT("dataset/associative_recall",
                 "pairs: 100 keys: 300 values: 274");

TEST(AssociativeRecall, TheTargetIsTheValueOfTheKey) {
  const UnderTest<Dataset> recall("dataset/associative_recall",
                                  "pairs: 5 keys: 8 values: 4");
  std::set<size_t> places;
  for (int64_t i = 0; i < 300; ++i) {
    const Document document = recall->Get(Split::kTrain, i).value();
    ASSERT_EQ(document.text.size(), 11u);
    std::map<char, char> value;
    for (size_t p = 0; p < 10; p += 2)
      value[document.text[p]] = document.text[p + 1];
    EXPECT_EQ(value.size(), 5u);  // no key comes twice
    EXPECT_EQ(document.target, std::string(1, value.at(document.text[10])));
    places.insert(document.text.find(document.text[10]));
    for (const auto& [key, each] : value) {
      EXPECT_NE(std::string("456789ab").find(key), std::string::npos);
      EXPECT_NE(std::string("0123").find(each), std::string::npos);
    }
  }
  EXPECT_EQ(places, (std::set<size_t>{0, 2, 4, 6, 8}));  // every pair is asked
}

TEST(AssociativeRecall, EarlierQuestionsStandInTheTextWithTheirAnswers) {
  const UnderTest<Dataset> recall("dataset/associative_recall",
                                  "pairs: 4 questions: 3 keys: 8 values: 4");
  for (int64_t i = 0; i < 300; ++i) {
    const Document document = recall->Get(Split::kTrain, i).value();
    ASSERT_EQ(document.text.size(), 13u);
    std::map<char, char> value;
    for (size_t p = 0; p < 8; p += 2)
      value[document.text[p]] = document.text[p + 1];
    std::set<char> asked;
    for (size_t p = 8; p < 12; p += 2) {
      EXPECT_EQ(document.text[p + 1], value.at(document.text[p]));
      asked.insert(document.text[p]);
    }
    asked.insert(document.text[12]);
    EXPECT_EQ(asked.size(), 3u);  // no key is asked twice
    EXPECT_EQ(document.target, std::string(1, value.at(document.text[12])));
  }
}

TEST(AssociativeRecall, WhatDoesNotFitIsRefused) {
  const UnderTest<Dataset> questions("dataset/associative_recall",
                                     "pairs: 2 questions: 3");
  EXPECT_EQ(questions.status().message(), "must be at most pairs, 2, but is 3");
  const UnderTest<Dataset> keys("dataset/associative_recall",
                                "pairs: 9 keys: 8");
  EXPECT_EQ(keys.status().message(), "must be at least pairs, 9, but is 8");
  const UnderTest<Dataset> values("dataset/associative_recall",
                                  "keys: 500 values: 75");
  EXPECT_EQ(values.status().message(),
            "must be at most 74 beside 500 keys, but is 75");
}

}  // namespace
}  // namespace archlab
