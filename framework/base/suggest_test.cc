// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "base/suggest.h"

#include <gtest/gtest.h>

namespace archlab {
namespace {

TEST(SuggestTest, CountsEdits) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("abc", ""), 3);
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("theta", "thetta"), 1);
  EXPECT_EQ(EditDistance("dense", "desne"), 1);  // a swap is one edit
  EXPECT_EQ(EditDistance("ab", "ba"), 1);
}

TEST(SuggestTest, NamesTheNearest) {
  const std::vector<std::string> names = {"dense", "sliding_window", "strided"};
  EXPECT_EQ(Nearest("dens", names), "dense");
  EXPECT_EQ(Nearest("sliding-windw", names), "sliding_window");
  EXPECT_EQ(Nearest("DENSE", names), "dense");
  EXPECT_EQ(Nearest("linear", names), "");
  EXPECT_EQ(Nearest("", names), "");
  EXPECT_EQ(Nearest("dense", {}), "");
  EXPECT_EQ(Nearest(std::string(100000, 'a'), names), "");
}

TEST(SuggestTest, FirstWinsATie) {
  EXPECT_EQ(Nearest("top_x", {"top_k", "top_p"}), "top_k");
}

TEST(SuggestTest, MakesASentence) {
  EXPECT_EQ(DidYouMean("dens", {"dense"}), " Did you mean 'dense'?");
  EXPECT_EQ(DidYouMean("linear", {"dense"}), "");
}

}  // namespace
}  // namespace archlab
