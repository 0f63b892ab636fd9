// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/stop_filter.h"

#include <gtest/gtest.h>

namespace archlab {
namespace {

using Stops = std::vector<std::string>;

// What is shown after each piece, joined with '|'; then the end.
std::string Shown(const Stops& stops, const std::vector<std::string>& pieces) {
  StopFilter filter(stops);
  std::string all;
  for (const std::string& piece : pieces) all += filter.Push(piece) + "|";
  return all + filter.Finish();
}

TEST(StopFilter, LetsTextThrough) {
  EXPECT_EQ(Shown({}, {"ab", "c"}), "ab|c|");
}

TEST(StopFilter, HoldsBackHalfACharacter) {
  EXPECT_EQ(Shown({}, {"\xC3", "\xA4!"}), "|\xC3\xA4!|");
  EXPECT_EQ(Shown({}, {"a\xE2\x82", "\xAC"}), "a|\xE2\x82\xAC|");
  EXPECT_EQ(Shown({}, {"a\xE2\x82"}), "a|\xEF\xBF\xBD");  // never completed
}

TEST(StopFilter, EndsBeforeAStopText) {
  EXPECT_EQ(Shown({"END"}, {"abENDcd", "ef"}), "ab||");
}

TEST(StopFilter, HoldsBackWhatMayBecomeAStopText) {
  EXPECT_EQ(Shown({"END"}, {"abE", "N", "D"}), "ab|||");
  EXPECT_EQ(Shown({"END"}, {"abE", "N", "d"}), "ab||ENd|");
  EXPECT_EQ(Shown({"END"}, {"abEN"}), "ab|EN");
}

TEST(StopFilter, TheFirstOfSeveralCounts) {
  EXPECT_EQ(Shown({"cd", "bc"}, {"abcd"}), "a|");
}

TEST(StopFilter, AnEmptyStopTextNeverStops) {
  EXPECT_EQ(Shown({""}, {"ab"}), "ab|");
}

}  // namespace
}  // namespace archlab
