// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "archlab/parallel_for.h"

namespace archlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RunIdentity Sample() {
  RunIdentity identity;
  identity.set_spec_sha256("spec");
  identity.set_data_sha256("data");
  identity.set_code_sha256("0123456789");
  identity.set_isa("AVX2");
  identity.set_threads(2);
  identity.add_libraries("oneDNN 2.6.3");
  identity.add_plugins()->set_component("norm/rms_norm");
  return identity;
}

TEST(Identity, TheSameIsTheSame) {
  std::vector<std::string> warnings;
  EXPECT_TRUE(CompareIdentity(Sample(), Sample(), &warnings).ok());
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(Identity, AnotherSpecOrCorpusIsRefused) {
  std::vector<std::string> warnings;
  RunIdentity now = Sample();
  now.set_spec_sha256("other");
  const absl::Status spec = CompareIdentity(Sample(), now, &warnings);
  EXPECT_EQ(spec.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(spec.message()), HasSubstr("the spec has changed"));
  now = Sample();
  now.set_data_sha256("other");
  const absl::Status data = CompareIdentity(Sample(), now, &warnings);
  EXPECT_EQ(data.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(data.message()), HasSubstr("text of the corpus"));
}

TEST(Identity, OtherMachineryIsAWarning) {
  RunIdentity now = Sample();
  now.set_threads(4);
  now.set_isa("AVX3");
  now.mutable_plugins(0)->set_code_sha256("abcdef0123456789");
  std::vector<std::string> warnings;
  EXPECT_TRUE(CompareIdentity(Sample(), now, &warnings).ok());
  EXPECT_THAT(
      warnings,
      ElementsAre(HasSubstr("the instruction set changed from AVX2 to AVX3"),
                  HasSubstr("the number of threads changed from 2 to 4"),
                  HasSubstr("plugins changed (norm/rms_norm) since")));
}

constexpr char kSpec[] = R"(
name: "x"
data {
  dataset { [dataset/text] { path: "t" } } tokenizer { [tokenizer/byte] {} }
}
model { decoder_only { stack {
  width: 8
  position { [position/none] {} }
  group { block {
    attention { heads: 1 core { [attention/dense] {} } }
    norm { [norm/rms_norm] {} }
  } }
} } }
training {
  objective { [objective/causal_lm] {} }
  optimizer { [optimizer/sgd] {} }
  schedule { [schedule/constant] {} }
  steps: 1
}
generation { sampler { [sampler/greedy] {} } }
)";

TEST(Identity, NamesWhatDecidesTheWeights) {
  const auto catalogue = Catalogue::Scan(SearchPath::Default({}));
  const auto spec = Spec::Parse("x", kSpec, {}, *catalogue);
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  const std::vector<std::string> components = {
      "attention/dense",     "dataset/text",  "norm/rms_norm",
      "objective/causal_lm", "optimizer/sgd", "position/none",
      "schedule/constant",   "tokenizer/byte"};
  EXPECT_EQ(ComponentsOf(*spec, *catalogue), components);
  const auto identity = MakeIdentity(*spec, *catalogue, "corpus");
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(identity->spec_sha256(), spec->Hash());
  EXPECT_EQ(identity->data_sha256(), "corpus");
  EXPECT_EQ(identity->code_sha256().size(), 64u);
  EXPECT_EQ(identity->threads(), ParallelThreads());
  ASSERT_EQ(identity->plugins_size(), static_cast<int>(components.size()));
  EXPECT_EQ(identity->plugins(0).component(), "attention/dense");
  EXPECT_EQ(identity->plugins(0).code_sha256().size(), 64u);
}

}  // namespace
}  // namespace archlab
