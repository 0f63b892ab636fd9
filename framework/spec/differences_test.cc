// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "spec/differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spec/spec.h"
#include "spec/spec_testing.h"

namespace archlab {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Differ(const std::vector<std::string>& overrides) {
  const auto from =
      Spec::Parse("test.textproto", kTestSpec, {}, FixedCatalogue());
  const auto to =
      Spec::Parse("test.textproto", kTestSpec, overrides, FixedCatalogue());
  EXPECT_TRUE(from.ok() && to.ok()) << from.status() << to.status();
  std::vector<std::string> lines;
  for (const SpecDifference& each :
       DifferencesOf(from->Resolved(), to->Resolved()))
    lines.push_back(each.path + ": " + each.from + " -> " + each.to);
  return lines;
}

TEST(DifferencesOf, ScalarsByPathThroughComponents) {
  EXPECT_THAT(Differ({"training.steps = 7", "training.optimizer.beta2 = 0.5"}),
              ElementsAre("training.optimizer.beta2: 0.99 -> 0.5",
                          "training.steps: 100 -> 7"));
}

TEST(DifferencesOf, AnotherComponentIsOneDifference) {
  EXPECT_THAT(
      Differ({"model.decoder_only.stack.position = [position/rope] {}"}),
      ElementsAre(
          "model.decoder_only.stack.position: [position/learned] { "
          "max_tokens: 0 init_std: 0.02 } -> [position/rope] { theta: 10000 "
          "interleaved: false fraction: 1 }"));
}

TEST(DifferencesOf, ElementsAreNumbered) {
  EXPECT_THAT(
      Differ({"model.decoder_only.stack.group[0].block[1].attention.heads = 2",
              "generation.stop = [\"a\"]"}),
      ElementsAre("model.decoder_only.stack.group.block[1].attention.heads: 8 "
                  "-> 2",
                  "generation.stop[0]: \"\\n\\n\" -> \"a\"",
                  "generation.stop[1]: \"Ende\303\244\" -> "));
}

TEST(DifferencesOf, NamesAndQuestionsDoNotCount) {
  EXPECT_THAT(Differ({"name = \"other\"", "question = \"why?\""}), IsEmpty());
}

TEST(CoversPath, PrefixesAndElements) {
  EXPECT_TRUE(CoversPath("a.b", "a.b.c"));
  EXPECT_TRUE(CoversPath("a.b.c", "a.b"));
  EXPECT_FALSE(CoversPath("a.b", "a.bc"));
  EXPECT_FALSE(CoversPath("a.b", "a.c"));
  EXPECT_TRUE(CoversPath("a.g[*].c", "a.g[1].c"));
  EXPECT_TRUE(CoversPath("a.g[0].c", "a.g.c"));
  EXPECT_FALSE(CoversPath("a.g[0].c", "a.g[1].c"));
}

}  // namespace
}  // namespace archlab
