// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The window's edges.

#include "archlab/attention.h"
#include "archlab/testing.h"

namespace archlab {
namespace {

ARCHLAB_CONTRACT("attention/sliding_window", "");
ARCHLAB_CONTRACT("attention/sliding_window", "window: 4");
ARCHLAB_CONTRACT("attention/sliding_window", "window: 1");

TEST(SlidingWindow, SeesTheLastKeysItselfIncluded) {
  const UnderTest<Attention> window("attention/sliding_window", "window: 4");
  EXPECT_TRUE(window->Sees(10, 10));
  EXPECT_TRUE(window->Sees(10, 7));
  EXPECT_FALSE(window->Sees(10, 6));
  EXPECT_TRUE(window->Sees(10, 13));
  EXPECT_FALSE(window->Sees(10, 14));
  EXPECT_EQ(window->MaxDistance(), 3);
}

TEST(SlidingWindow, SurvivesTheLargestWindow) {
  const UnderTest<Attention> window("attention/sliding_window",
                                    "window: 2147483647");
  EXPECT_TRUE(window->Sees(2147483646, 0));
  EXPECT_EQ(window->MaxDistance(), 2147483646);
}

}  // namespace
}  // namespace archlab
