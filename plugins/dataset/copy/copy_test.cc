// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Copying: lengths, symbols, parts.

#include <map>
#include <set>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"
#include "archlab/utf8.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("dataset/copy", "");
ARCHLAB_CONTRACT("dataset/copy", "symbols: 574 shortest: 2");

TEST(Copy, TheTargetIsTheText) {
  const UnderTest<Dataset> copy("dataset/copy", "length: 7 symbols: 3");
  std::map<char, int> counts;
  for (int64_t i = 0; i < 1000; ++i) {
    const Document document = copy->Get(Split::kTrain, i).value();
    EXPECT_EQ(document.text, document.target);
    ASSERT_EQ(document.text.size(), 7u);
    for (const char symbol : document.text) ++counts[symbol];
  }
  // 7000 draws of 3 symbols, standard deviation 40.
  ASSERT_EQ(counts.size(), 3u);
  for (const char symbol : {'0', '1', '2'})
    EXPECT_NEAR(counts[symbol], 2333, 200);
}

TEST(Copy, LengthsLieBetweenTheLimits) {
  const UnderTest<Dataset> copy("dataset/copy",
                                "length: 5 shortest: 2 symbols: 574");
  std::set<int64_t> lengths;
  for (int64_t i = 0; i < 200; ++i)
    lengths.insert(CountCodePoints(copy->Get(Split::kTrain, i)->text));
  EXPECT_EQ(lengths, (std::set<int64_t>{2, 3, 4, 5}));
  const UnderTest<Dataset> wrong("dataset/copy", "length: 5 shortest: 6");
  EXPECT_EQ(wrong.status().message(), "must be at most length, 5, but is 6");
}

TEST(Copy, NoInputIsInBothParts) {
  const UnderTest<Dataset> copy("dataset/copy",
                                "length: 3 symbols: 8 held_out: 0.3");
  std::set<std::string> parts[2];
  for (int64_t i = 0; i < 1000; ++i) {
    parts[0].insert(copy->Get(Split::kTrain, i)->text);
    parts[1].insert(copy->Get(Split::kValidation, i)->text);
  }
  for (const std::string& text : parts[1]) EXPECT_EQ(parts[0].count(text), 0u);
  // 512 inputs; standard deviation 10.
  EXPECT_NEAR(double(parts[1].size()), 0.3 * 512, 50);
}

TEST(Copy, AnotherSeedGivesOtherDocuments) {
  const UnderTest<Dataset> a("dataset/copy", "seed: 1");
  const UnderTest<Dataset> b("dataset/copy", "seed: 2");
  EXPECT_NE(a->Get(Split::kTrain, 0)->text, b->Get(Split::kTrain, 0)->text);
  EXPECT_NE(a->Get(Split::kTrain, 0)->text, a->Get(Split::kTrain, 1)->text);
}

}  // namespace
}  // namespace archlab
