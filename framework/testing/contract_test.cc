// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The contracts catch what they are for: components that break one promise
// each, and how many of the contract's promises notice.

#include "testing/contract.h"

#include <gtest/gtest-spi.h>
#include <signal.h>
#include <unistd.h>

#include <limits>
#include <set>

#include "archlab/attention.h"
#include "archlab/feed_forward.h"
#include "archlab/norm.h"
#include "archlab/objective.h"
#include "archlab/optimizer.h"
#include "archlab/position.h"
#include "archlab/sampler.h"

namespace archlab {
namespace {

// Calls `failed` with each failure of a component of class T.
template <class T>
void Check(
    const Contract& contract,
    const std::function<void(const Promise&, const std::string&)>& failed) {
  ContractCase subject;
  subject.kind = T::kKind;
  subject.name = "not in the catalogue";
  subject.at = TestSurroundings();
  subject.factory = [](const BuildContext&) { return std::make_unique<T>(); };
  for (const Promise& promise : contract) {
    ::testing::TestPartResultArray results;
    {
      ::testing::ScopedFakeTestPartResultReporter reporter(
          ::testing::ScopedFakeTestPartResultReporter::
              INTERCEPT_ONLY_CURRENT_THREAD,
          &results);
      promise.check(subject);
    }
    for (int i = 0; i < results.size(); ++i)
      if (results.GetTestPartResult(i).failed())
        failed(promise, results.GetTestPartResult(i).message());
  }
}

// Names of the promises that it breaks.
template <class T>
std::set<std::string> Broken(const Contract& contract) {
  std::set<std::string> broken;
  Check<T>(contract, [&](const Promise& promise, const std::string&) {
    broken.insert(promise.name);
  });
  return broken;
}

// What the failures of the contract say.
template <class T>
std::string Messages(const Contract& contract) {
  std::string messages;
  Check<T>(contract, [&](const Promise&, const std::string& message) {
    messages += message;
  });
  return messages;
}

using Names = std::set<std::string>;

struct GoodNorm : Norm {
  Tensor Forward(const Tensor& x) const override {
    return RmsNorm(x, Tensor(), 1e-6);
  }
};
// Subtracts the mean of the whole batch.
struct BatchNorm : Norm {
  Tensor Forward(const Tensor& x) const override {
    return Cast(x - MeanAll(x), x.dtype());
  }
};
// Has a gradient that is twice too large.
struct WrongGradientNorm : Norm {
  Tensor Forward(const Tensor& x) const override {
    return CustomOp("wrong", Affine(x.Detach(), 0.5, 0), {x},
                    [](const Tensor& dy, Gradients& out) { out.Add(0, dy); });
  }
};
// Divides by the norm without an epsilon.
struct DividesByZeroNorm : Norm {
  Tensor Forward(const Tensor& x) const override {
    return x / Sqrt(Sum(Square(x), -1));
  }
};

TEST(NormContractTest, CatchesWhatItIsFor) {
  const Contract contract = NormContract();
  EXPECT_EQ(Broken<GoodNorm>(contract), Names());
  EXPECT_EQ(Broken<BatchNorm>(contract).count("RowsAreIndependent"), 1);
  EXPECT_EQ(Broken<WrongGradientNorm>(contract),
            Names{"GradientsMatchDifferences"});
  EXPECT_EQ(Broken<DividesByZeroNorm>(contract).count("StaysFinite"), 1);
}

struct GoodAttention : Attention {};
// Sees the future, padding and other documents.
struct Unmasked : Attention {
  Tensor Attend(const AttentionInput& in) const override {
    const Tensor scores = MatMul(in.q(), in.k(), false, true);
    return MatMul(Softmax(scores * in.scale()), in.v());
  }
};
struct NeverItself : Attention {
  bool Sees(int64_t query, int64_t key) const override { return query != key; }
};
// Forgets what it still needs.
struct Forgetful : Attention {
  int64_t MaxDistance() const override { return 3; }
};

TEST(CrashOfTest, SaysHowAProcessEnded) {
  EXPECT_EQ(CrashOf([] {}), "");
  EXPECT_EQ(CrashOf([] { _exit(3); }), "exit status 3");
  EXPECT_EQ(CrashOf([] { raise(SIGKILL); }), "Killed");
}

TEST(UnderTestTest, AMissingPluginIsSaidWithTheRemedy) {
  for (const char* missing : {"attention/nowhere", "nothing/nowhere"})
    EXPECT_THAT(std::string(UnderTest<Attention>(missing).status().message()),
                testing::HasSubstr("looks for plugins in ARCHLAB_PLUGIN_PATH"));
}

TEST(AttentionContractTest, TheMessageNamesThePair) {
  const auto forgetful = Messages<Forgetful>(AttentionContract());
  EXPECT_THAT(forgetful,
              testing::HasSubstr("MaxDistance() is 3, but Sees(4, 0)"));
}

TEST(AttentionContractTest, CatchesWhatItIsFor) {
  const Contract contract = AttentionContract();
  // A component without a manifest claims nothing.
  EXPECT_EQ(Broken<GoodAttention>(contract), Names{"WorksWhereItClaims"});
  const Names unmasked = Broken<Unmasked>(contract);
  EXPECT_EQ(unmasked.count("UnseenTokensChangeNothing"), 1);
  EXPECT_EQ(unmasked.count("PaddingAndOtherDocumentsChangeNothing"), 1);
  EXPECT_EQ(
      Broken<NeverItself>(contract).count("SeesItselfAndNeverChangesItsMind"),
      1);
  EXPECT_EQ(Broken<Forgetful>(contract).count("MaxDistanceIsHonest"), 1);
}

// Adds the token before.
struct Mixing : FeedForward {
  Tensor Forward(const Tensor& x, ForwardContext&) const override {
    const int64_t tokens = x.dim(1);
    if (tokens == 1) return x;
    return x + Concat({Slice(x, 1, 0, 1), Slice(x, 1, 0, tokens - 1)}, 1);
  }
  double FlopsPerToken() const override { return 0; }
};

TEST(FeedForwardContractTest, CatchesWhatItIsFor) {
  EXPECT_EQ(
      Broken<Mixing>(FeedForwardContract()),
      (Names{"TokensAreIndependent", "StepsAgreeWithWhole", "CountsItsWork"}));
}

// Scales instead of turning.
struct Growing : Position {
  Tensor Rotate(const Tensor& x, const Tensor& positions) const override {
    const Tensor p = Cast(positions, x.dtype());
    return x * (Reshape(p, {p.dim(0), p.dim(1), 1, 1}) + 1);
  }
};
// Counts from the start of the call.
struct CallRelative : Position {
  Tensor Embed(const Tensor& x, const Tensor&) const override {
    const int64_t tokens = x.dim(1);
    const Tensor p = Cast(TestPositions(1, tokens), x.dtype());
    return x + Reshape(p, {1, tokens, 1});
  }
};

TEST(PositionContractTest, CatchesWhatItIsFor) {
  const Contract contract = PositionContract();
  EXPECT_EQ(Broken<Growing>(contract).count("RotationKeepsLengthsAndDistances"),
            1);
  EXPECT_EQ(Broken<CallRelative>(contract).count("StepsAgreeWithWhole"), 1);
}

// Removes all below 0.5; sometimes that is all.
struct Threshold : Sampler {
  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    for (double& logit : logits)
      if (logit < 0.5) logit = -std::numeric_limits<double>::infinity();
  }
};
// Adds 1 to all by a detour that brings removed tokens back.
struct Reviving : Sampler {
  void Apply(absl::Span<const int32_t>,
             absl::Span<double> logits) const override {
    for (double& logit : logits) logit = std::max(logit, -1e308);
  }
};

TEST(SamplerContractTest, CatchesWhatItIsFor) {
  EXPECT_EQ(Broken<Threshold>(SamplerContract()), Names{"LeavesAToken"});
  EXPECT_EQ(Broken<Reviving>(SamplerContract()),
            (Names{"RemovedStaysRemoved", "SurvivesNoTokenAtAll"}));
}

struct Lazy : Optimizer {
  int StateSlots() const override { return 2; }
  std::string StateName(int) const override { return "same"; }
  void Step(int64_t, double, absl::Span<OptimizerTensor>) const override {}
};

TEST(OptimizerContractTest, CatchesWhatItIsFor) {
  EXPECT_EQ(Broken<Lazy>(OptimizerContract()),
            (Names{"StateHasNames", "DecreasesAQuadratic"}));
}

// Remembers how often it was asked.
struct Counting : Schedule {
  double LearningRate(int64_t, int64_t) const override {
    return 1.0 / ++asked_;
  }
  mutable int64_t asked_ = 0;
};

TEST(ScheduleContractTest, CatchesWhatItIsFor) {
  EXPECT_EQ(Broken<Counting>(ScheduleContract()),
            Names{"DependsOnTheStepOnly"});
}

// Forgets the last target.
struct Unshifted : Objective {
  int64_t RecordTokens(int64_t tokens) const override { return tokens; }
  absl::StatusOr<Sample> Make(const Record& record, const ObjectiveInput&,
                              Random) const override {
    Sample sample;
    sample.ids = record.ids;
    if (!record.ids.empty())
      sample.targets.assign(record.ids.begin() + 1, record.ids.end());
    return sample;
  }
};

TEST(ObjectiveContractTest, CatchesWhatItIsFor) {
  EXPECT_EQ(Broken<Unshifted>(ObjectiveContract()),
            (Names{"SamplesAreWellFormed", "ShortRecordsWorkOrAreRefused"}));
}

TEST(GradientsMatchTest, SaysWhichElementIsWrong) {
  Tensor x = TestTensor({5}, DType::kF64, 1).SetRequiresGrad();
  EXPECT_TRUE(GradientsMatch([&] { return Exp(x); }, {x}));
  const auto result =
      GradientsMatch([&] { return WrongGradientNorm().Forward(x); }, {x});
  EXPECT_FALSE(result);
  EXPECT_THAT(result.message(), ::testing::HasSubstr("leaf 0 [5], element 0"));
}

}  // namespace
}  // namespace archlab
