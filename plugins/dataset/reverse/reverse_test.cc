// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Turning round.

#include <algorithm>
#include <string>

#include "archlab/dataset.h"
#include "archlab/testing.h"
#include "archlab/utf8.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("dataset/reverse", "");
ARCHLAB_CONTRACT("dataset/reverse", "symbols: 574 shortest: 2");

TEST(Reverse, TheTargetIsTheTextTurnedRound) {
  const UnderTest<Dataset> reverse("dataset/reverse",
                                   "length: 7 shortest: 1 symbols: 62");
  for (int64_t i = 0; i < 100; ++i) {
    const Document document = reverse->Get(Split::kTrain, i).value();
    EXPECT_EQ(std::string(document.text.rbegin(), document.text.rend()),
              document.target);
  }
}

TEST(Reverse, CharactersOfTwoBytesStayWhole) {
  const UnderTest<Dataset> reverse("dataset/reverse", "length: 9 symbols: 574");
  const Document document = reverse->Get(Split::kTrain, 3).value();
  EXPECT_EQ(FindInvalidUtf8(document.target), -1);
  EXPECT_EQ(CountCodePoints(document.target), 9);
}

}  // namespace
}  // namespace archlab
