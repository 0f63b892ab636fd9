// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Dense attention: everything is seen.

#include "archlab/attention.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("attention/dense", "");

TEST(Dense, SeesEverything) {
  const UnderTest<Attention> dense("attention/dense");
  EXPECT_TRUE(dense->Sees(0, 100000));
  EXPECT_TRUE(dense->Sees(100000, 0));
  EXPECT_EQ(dense->MaxDistance(), -1);
}

}  // namespace
}  // namespace archlab
