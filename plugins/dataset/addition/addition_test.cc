// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Sums.

#include <algorithm>
#include <set>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("dataset/addition", "");
ARCHLAB_CONTRACT("dataset/addition", "digits: 18 pad: true reverse_sum: true");

// The sum that a text asks for.
uint64_t Sum(const std::string& text) {
  const size_t plus = text.find('+');
  return std::stoull(text.substr(0, plus)) + std::stoull(text.substr(plus + 1));
}

TEST(Addition, TheTargetIsTheSum) {
  for (const char* digits : {"digits: 1", "digits: 3", "digits: 18"}) {
    const UnderTest<Dataset> addition("dataset/addition", digits);
    for (int64_t i = 0; i < 50; ++i) {
      const Document document = addition->Get(Split::kTrain, i).value();
      EXPECT_EQ(document.target, std::to_string(Sum(document.text)));
    }
  }
}

TEST(Addition, ShortNumbersAreNotRare) {
  const UnderTest<Dataset> addition("dataset/addition", "digits: 3");
  std::set<size_t> lengths;
  for (int64_t i = 0; i < 100; ++i)
    lengths.insert(addition->Get(Split::kTrain, i)->text.find('+'));
  EXPECT_EQ(lengths, (std::set<size_t>{1, 2, 3}));
}

TEST(Addition, PaddedAndReversed) {
  const UnderTest<Dataset> addition("dataset/addition",
                                    "digits: 4 pad: true reverse_sum: true");
  for (int64_t i = 0; i < 50; ++i) {
    const Document document = addition->Get(Split::kTrain, i).value();
    EXPECT_EQ(document.text.size(), 9u);
    EXPECT_EQ(document.target.size(), 5u);
    const std::string sum(document.target.rbegin(), document.target.rend());
    EXPECT_EQ(std::stoull(sum), Sum(document.text));
  }
}

}  // namespace
}  // namespace archlab
