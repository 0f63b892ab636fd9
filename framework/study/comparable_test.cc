// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "study/comparable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace archlab {
namespace {

using ::testing::HasSubstr;

Yardstick Make(const std::string& objective, const std::string& text,
               const std::string& data) {
  Yardstick made;
  made.experiment.mutable_training()->mutable_objective()->set_type_url(
      objective);
  made.experiment.mutable_data()->mutable_dataset()->set_value(text);
  made.data_sha256 = data;
  return made;
}

TEST(WhyNotComparable, TheSameMayBeCompared) {
  const Yardstick one = Make("objective/causal_lm", "bible", "1");
  for (const auto metric :
       {spec::VALIDATION_LOSS, spec::BITS_PER_BYTE, spec::ACCURACY})
    EXPECT_EQ(WhyNotComparable(metric, one, one), "");
}

TEST(WhyNotComparable, LossesOfOtherObjectivesMayNot) {
  const Yardstick gpt = Make("objective/causal_lm", "bible", "1");
  const Yardstick bert = Make("objective/masked_lm", "bible", "2");
  EXPECT_THAT(WhyNotComparable(spec::VALIDATION_LOSS, gpt, bert),
              HasSubstr("its loss is that of [objective/masked_lm], the "
                        "baseline's that of [objective/causal_lm]"));
  EXPECT_EQ(WhyNotComparable(spec::ACCURACY, gpt, bert), "");
}

TEST(WhyNotComparable, OtherTokensByBitsOnly) {
  const Yardstick letters = Make("objective/causal_lm", "bible", "1");
  const Yardstick pieces = Make("objective/causal_lm", "bible", "2");
  EXPECT_THAT(WhyNotComparable(spec::VALIDATION_LOSS, letters, pieces),
              HasSubstr("bits per byte would compare"));
  EXPECT_EQ(WhyNotComparable(spec::BITS_PER_BYTE, letters, pieces), "");
}

TEST(WhyNotComparable, OtherTrainingTextJudgedOnTheSame) {
  Yardstick one = Make("objective/causal_lm", "bible", "1");
  Yardstick other = Make("objective/causal_lm", "news", "2");
  one.judged_elsewhere = other.judged_elsewhere = true;
  EXPECT_EQ(WhyNotComparable(spec::VALIDATION_LOSS, one, other), "");
  other.tokenizer_sha256 = "7";
  EXPECT_THAT(WhyNotComparable(spec::VALIDATION_LOSS, one, other),
              HasSubstr("its tokens are others"));
}

TEST(WhyNotComparable, OtherTextNever) {
  const Yardstick one = Make("objective/causal_lm", "bible", "1");
  const Yardstick other = Make("objective/causal_lm", "news", "2");
  for (const auto metric :
       {spec::VALIDATION_LOSS, spec::BITS_PER_BYTE, spec::ACCURACY})
    EXPECT_THAT(WhyNotComparable(metric, one, other),
                HasSubstr("another dataset"));
}

}  // namespace
}  // namespace archlab
