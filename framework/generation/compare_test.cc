// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "generation/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/ascii.h"
#include "generation/letters_for_test.h"
#include "model/test_spec.h"

namespace archlab {
namespace {

// Five documents; the targets are given.
class Pairs final : public Dataset {
 public:
  explicit Pairs(std::vector<std::string> targets)
      : targets_(std::move(targets)) {}
  int64_t Size(Split split) const override {
    return split == Split::kTrain ? 0 : int64_t(targets_.size());
  }
  absl::StatusOr<Document> Get(Split, int64_t index) const override {
    Document document;
    document.text = std::string(index + 1, 'b');
    document.target = targets_[index];
    return document;
  }

 private:
  const std::vector<std::string> targets_;
};

TEST(CompareGenerated, CountsWhatWasWrittenExactly) {
  const auto model = TestSpec().Build(DType::kF64, 11);
  const Letters letters;
  const std::vector<std::unique_ptr<Sampler>> samplers;
  const DecodingLoop loop(*model, letters, samplers);
  ComparePlan plan;
  plan.rows = 2;
  plan.decoding.max_tokens = 3;
  plan.decoding.beams = 2;
  std::vector<std::string> targets;
  targets.reserve(5);
  for (int i = 0; i < 5; ++i)
    targets.push_back(
        (*loop.Run({std::string(i + 1, 'b')}, plan.decoding, nullptr))[0].text);
  int64_t told = 0;
  plan.progress = [&told](int64_t done, int64_t) { told = done; };
  const auto all = CompareGenerated(loop, Pairs(targets), plan);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->documents, 5);
  EXPECT_EQ(all->exact, 5);
  EXPECT_EQ(told, 5);
  targets[2] = absl::AsciiStrToUpper(targets[2]);  // no tokens for capitals
  EXPECT_EQ(CompareGenerated(loop, Pairs(targets), plan)->exact, 5);
  targets[3] += "x";
  EXPECT_EQ(CompareGenerated(loop, Pairs(targets), plan)->exact, 4);
  plan.documents = 2;
  EXPECT_EQ(CompareGenerated(loop, Pairs(targets), plan)->documents, 2);
  targets[1] = "";
  EXPECT_THAT(
      CompareGenerated(loop, Pairs(targets), plan).status().message(),
      testing::HasSubstr("validation document 1 has no target to compare"));
}

// Nothing is cut, and the others are compared all the same.
TEST(CompareGenerated, CountsDocumentsThatAreTooLongAsWrong) {
  TestSpec spec;
  spec.position = "[position/learned] {}";
  spec.sequence_tokens = 3;
  const auto model = spec.Build(DType::kF64, 11);
  const Letters letters;
  const std::vector<std::unique_ptr<Sampler>> samplers;
  const DecodingLoop loop(*model, letters, samplers);
  ComparePlan plan;
  plan.rows = 2;
  plan.decoding.max_tokens = 1;
  plan.decoding.beams = 2;
  std::vector<std::string> targets(6, "b");
  for (int i = 0; i < 3; ++i)
    targets[i] =
        (*loop.Run({std::string(i + 1, 'b')}, plan.decoding, nullptr))[0].text;
  const auto all = CompareGenerated(loop, Pairs(targets), plan);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->documents, 6);
  EXPECT_EQ(all->exact, 3);
  EXPECT_EQ(all->too_long, 3);
}

}  // namespace
}  // namespace archlab
