// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/bleu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace archlab {
namespace {

using testing::ElementsAre;

TEST(Tokenize13a, SplitsAsMtevalDoes) {
  EXPECT_THAT(Tokenize13a("It costs $1,000.50, \"more\" or less."),
              ElementsAre("It", "costs", "$", "1,000.50", ",", "\"", "more",
                          "\"", "or", "less", "."));
  EXPECT_THAT(Tokenize13a("a well-known 5-year don't &quot;x&quot; 3.A"),
              ElementsAre("a", "well-known", "5", "-", "year", "don't", "\"",
                          "x", "\"", "3", ".", "A"));
  EXPECT_THAT(Tokenize13a("  Gr\u00fc\u00dfe ,(b) "),
              ElementsAre("Gr\u00fc\u00dfe", ",", "(", "b", ")"));
  EXPECT_THAT(Tokenize13a(""), ElementsAre());
  // Python's split cuts at any white space, and entities are replaced in turn.
  EXPECT_THAT(Tokenize13a("mot\u00a0! a\u2009b\u3000c\xff"),
              ElementsAre("mot", "!", "a", "b", "c\xff"));
  // A pair that fits is used up before the next one is looked for.
  EXPECT_THAT(Tokenize13a("a..5 no.,1 a...b 1,,2 ..."),
              ElementsAre("a", ".", ".5", "no", ".", ",1", "a", ".", ".", ".",
                          "b", "1", ",", ",", "2", ".", ".", "."));
  EXPECT_THAT(Tokenize13a("&amp;lt; &lt;skipped&gt;"),
              ElementsAre("<", "<", "skipped", ">"));
}

// The example of sacreBLEU's own documentation: BLEU = 48.53
// 82.4/50.0/45.5/37.5 (BP = 0.943, 17 tokens, reference 18).
TEST(CorpusBleu, EqualsSacreBleuOnItsExample) {
  const Bleu bleu =
      CorpusBleu({"The dog bit the man.", "It wasn't surprising.",
                  "The man had just bitten him."},
                 {{"The dog bit the man.", "The dog had bit the man."},
                  {"It was not unexpected.", "No one was surprised."},
                  {"The man bit him first.", "The man had bitten the dog."}});
  EXPECT_NEAR(bleu.score, 48.530827009929865, 1e-9);
  EXPECT_NEAR(bleu.precisions[0], 82.4, 0.05);
  EXPECT_NEAR(bleu.precisions[1], 50.0, 0.05);
  EXPECT_NEAR(bleu.precisions[2], 45.5, 0.05);
  EXPECT_NEAR(bleu.precisions[3], 37.5, 0.05);
  EXPECT_NEAR(bleu.brevity_penalty, 0.943, 0.0005);
  EXPECT_EQ(bleu.hypothesis_tokens, 17);
  EXPECT_EQ(bleu.reference_tokens, 18);
}

TEST(CorpusBleu, IsHundredForTheReferenceItself) {
  const std::string text = "a man in a red shirt is climbing a wall .";
  EXPECT_NEAR(CorpusBleu({text}, {{text}}).score, 100, 1e-9);
}

// By hand: 6 tokens against 7. Unigrams 5/6, bigrams 3/5, trigrams 1/4, no
// 4-gram of 3: smoothed to 1 / (2 * 3).
TEST(CorpusBleu, SmoothsAnEmptyCount) {
  const Bleu bleu = CorpusBleu({"the cat sat on mats today"},
                               {{"the cat sat down on mats ,"}});
  const double product = 5.0 / 6 * (3.0 / 5) * (1.0 / 4) * (1.0 / 6);
  EXPECT_NEAR(bleu.score, 100 * std::exp(1 - 7.0 / 6) * std::pow(product, 0.25),
              1e-9);
}

TEST(CorpusBleu, SaysNothingOfShortReferences) {
  EXPECT_FALSE(CorpusBleu({"a b c"}, {{"a b c"}}).defined);
  EXPECT_TRUE(CorpusBleu({"a", "b"}, {{"a"}, {"a b c d"}}).defined);
}

TEST(CorpusBleu, IsZeroForNothingAndForNothingRight) {
  EXPECT_EQ(CorpusBleu({""}, {{"a b c d"}}).score, 0);
  EXPECT_EQ(CorpusBleu({"w x y z"}, {{"a b c d"}}).score, 0);
}

}  // namespace
}  // namespace archlab
