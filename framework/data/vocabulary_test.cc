// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Vocabulary: who gets which id.

#include "data/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace archlab {
namespace {

using ::testing::ElementsAre;

// Ten ids; 3 is "[SEP]".
class TenIds : public Tokenizer {
 public:
  absl::Status Train(const DocumentSource&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<TokenizerFiles> Save() const override {
    return TokenizerFiles();
  }
  absl::Status Load(const TokenizerFiles&) override { return absl::OkStatus(); }
  int64_t VocabularySize() const override { return 10; }
  int32_t SpecialId(absl::string_view name) const override {
    return name == "[SEP]" ? 3 : -1;
  }
  absl::Status Encode(absl::string_view, std::vector<int32_t>*) const override {
    return absl::OkStatus();
  }
  std::string Bytes(int32_t) const override { return ""; }
};

struct Needs : Objective {
  explicit Needs(std::vector<std::string> names) : names_(std::move(names)) {}
  int64_t RecordTokens(int64_t tokens) const override { return tokens; }
  std::vector<std::string> SpecialTokens() const override { return names_; }
  absl::StatusOr<Sample> Make(const Record&, const ObjectiveInput&,
                              Random) const override {
    return Sample();
  }
  const std::vector<std::string> names_;
};

TEST(Vocabulary, TheTokenizersIdsThenTheNamedThenTheObjectives) {
  const TenIds tokenizer;
  const auto made =
      Vocabulary::Make(&tokenizer, {"[MASK]", "[SEP]", "[CLS]"},
                       Needs({"[END]", "[CLS]", "[SEP]", "[START]"}));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->ordinary(), 10);
  EXPECT_THAT(made->of_objective(), ElementsAre(12, 11, 3, 13));
  EXPECT_EQ(made->size(), 14);  // [MASK] 10, [CLS] 11, [END] 12, [START] 13
}

TEST(Vocabulary, NothingIsAddedWhereNothingIsNeeded) {
  const TenIds tokenizer;
  EXPECT_EQ(Vocabulary::Make(&tokenizer, {}, Needs({}))->size(), 10);
  EXPECT_EQ(Vocabulary::Make(nullptr, {}, Needs({}))->size(), 1);
  EXPECT_EQ(Vocabulary::Make(nullptr, {}, Needs({"[CLS]"}))->ordinary(), 0);
}

TEST(Vocabulary, NamesAreGivenOnceAndNotEmpty) {
  EXPECT_EQ(
      Vocabulary::Make(nullptr, {"a", "b", "a"}, Needs({})).status().message(),
      "'a' is named twice");
  EXPECT_EQ(Vocabulary::Make(nullptr, {""}, Needs({})).status().message(),
            "the name of a token is empty");
}

}  // namespace
}  // namespace archlab
