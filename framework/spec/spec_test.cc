// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "spec/spec.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_replace.h"
#include "archlab/status.h"
#include "spec/spec_testing.h"

namespace archlab {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kStack[] = "model.decoder_only.stack";

Spec Parsed(const std::vector<std::string>& overrides = {},
            const std::string& text = kTestSpec) {
  absl::StatusOr<Spec> spec =
      Spec::Parse("dir/x.textproto", text, overrides, FixedCatalogue());
  EXPECT_TRUE(spec.ok()) << spec.status();
  if (!spec.ok()) std::abort();
  return std::move(spec).value();
}

std::string ErrorOf(const std::string& text,
                    const std::vector<std::string>& overrides = {}) {
  absl::StatusOr<Spec> spec =
      Spec::Parse("dir/x.textproto", text, overrides, FixedCatalogue());
  EXPECT_FALSE(spec.ok());
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(spec.status().message());
}

const spec::Stack& StackOf(const Spec& spec) {
  return spec.experiment().model().decoder_only().stack();
}

// The first field of a component's config, as text.
std::string FirstField(const google::protobuf::Any& any) {
  absl::string_view kind, name;
  EXPECT_TRUE(SplitComponent(any.type_url(), &kind, &name));
  google::protobuf::DynamicMessageFactory factory;
  std::unique_ptr<google::protobuf::Message> config(
      factory.GetPrototype(FixedCatalogue().ConfigType(kind, name))->New());
  EXPECT_TRUE(config->ParseFromString(any.value()));
  return config->ShortDebugString();
}

TEST(Spec, ReadsEveryField) {
  const Spec spec = Parsed();
  EXPECT_EQ(spec.directory(), "dir");
  EXPECT_EQ(spec.experiment().name(), "test");
  EXPECT_EQ(spec.experiment().data().sequence_tokens(), 64);
  EXPECT_EQ(spec.experiment().training().batch_sequences(), 16);  // default
  EXPECT_EQ(StackOf(spec).group(0).block_size(), 2);
  EXPECT_EQ(StackOf(spec).group(0).block(1).attention().heads(), 8);
  const auto& core = StackOf(spec).group(0).block(0).attention().core();
  EXPECT_EQ(core.type_url(), "attention/sliding_window");
  EXPECT_EQ(FirstField(core), "window: 16");
  EXPECT_EQ(spec.experiment().generation().stop(1), "Ende\xC3\xA4");
}

TEST(Spec, ByteOrderMarkIsSkipped) {
  EXPECT_EQ(Parsed({}, std::string("\xEF\xBB\xBF") + kTestSpec).Hash(),
            Parsed().Hash());
}

TEST(Spec, ResolvedParsesToItself) {
  const Spec once = Parsed();
  const Spec twice = Parsed({}, once.Resolved());
  EXPECT_EQ(once.Resolved(), twice.Resolved());
  EXPECT_EQ(once.Hash(), twice.Hash());
}

// A field that came later and is absent must leave a spec's text, and so the
// hash that runs are known by, as it was before there was the field.
TEST(Spec, HowWeightsAreReadIsNotInTheTextUnlessItIsSaid) {
  EXPECT_THAT(Parsed().Resolved(), Not(HasSubstr("weights: AS_TRAINED")));
  EXPECT_THAT(Parsed({"generation.weights = INT8"}).Resolved(),
              HasSubstr("weights: INT8"));
}

TEST(Spec, ResolvedHasEveryDefault) {
  const std::string resolved = Parsed().Resolved();
  for (const char* line :
       {"seed: 1337", "kv_heads: 0", "tied_embeddings: true",
        "evaluation {\n    every_steps: 250", "checkpoints {",
        "embedding {\n      dropout: 0", "norm_placement: PRE",
        "beta1: 0.9\n      beta2: 0.99", "max_tokens: 0", "epsilon: 1e-05",
        "stop: \"Ende\xC3\xA4\""})
    EXPECT_THAT(resolved, HasSubstr(line));
  // Absence of a component says something; so does a field without default.
  for (const char* name : {"qk_norm", "question", "prompt"})
    EXPECT_THAT(resolved, Not(HasSubstr(name)));
}

TEST(Spec, HashKnowsWhatIsComputed) {
  const std::string hash = Parsed().Hash();
  EXPECT_EQ(hash.size(), 64);
  EXPECT_EQ(Parsed({"name = \"other\"", "question = \"why\""}).Hash(), hash);
  EXPECT_EQ(Parsed({"seed = 1337"}).Hash(), hash);  // the default, written out
  EXPECT_NE(Parsed({"seed = 1"}).Hash(), hash);
  EXPECT_NE(Parsed({"training.optimizer.beta1 = 0.8"}).Hash(), hash);
}

TEST(Override, SetsScalarsThroughComponents) {
  const Spec spec = Parsed({"training.optimizer.weight_decay = 0",
                            "training.evaluation.every_steps = 7",
                            "generation.sampler[1].k = 3"});
  EXPECT_EQ(FirstField(spec.experiment().training().optimizer()),
            "beta2: 0.99 weight_decay: 0");
  EXPECT_EQ(spec.experiment().training().evaluation().every_steps(), 7);
  EXPECT_EQ(FirstField(spec.experiment().generation().sampler(1)), "k: 3");
}

TEST(Override, ReplacesComponentsAndMessages) {
  const Spec spec = Parsed(
      {"model.decoder_only.stack.position = [position/rope] { theta: 500 }",
       "model.decoder_only.stack.group[0].block[1].feed_forward = "
       "{ [feed_forward/glu] {} }",
       "training.evaluation = { batches: 3 }"});
  EXPECT_EQ(StackOf(spec).position().type_url(), "position/rope");
  EXPECT_EQ(FirstField(StackOf(spec).position()), "theta: 500");
  EXPECT_EQ(StackOf(spec).group(0).block(1).feed_forward().type_url(),
            "feed_forward/glu");
  EXPECT_EQ(spec.experiment().training().evaluation().batches(), 3);
}

TEST(Override, AddressesElements) {
  const Spec spec =
      Parsed({"model.decoder_only.stack.group[0].block[*].attention.heads = 2",
              "model.decoder_only.stack.group[0].block[1].attention.heads = 1",
              "generation.sampler = [[sampler/greedy] {}]",
              "generation.stop = [\"a\", \"b\", \"c\"]",
              "generation.stop[1] = \"B\""});
  EXPECT_EQ(StackOf(spec).group(0).block(0).attention().heads(), 2);
  EXPECT_EQ(StackOf(spec).group(0).block(1).attention().heads(), 1);
  EXPECT_EQ(spec.experiment().generation().sampler_size(), 1);
  EXPECT_THAT(spec.experiment().generation().stop(),
              testing::ElementsAre("a", "B", "c"));
}

TEST(Override, OfSomethingSetTwiceLeavesOneValue) {
  const Spec spec = Parsed({"training.steps = 1", "training.steps = 2"});
  EXPECT_EQ(spec.experiment().training().steps(), 2);
}

TEST(Override, AnErrorOfTheFileIsHealed) {
  const std::string bad =
      absl::StrReplaceAll(kTestSpec, {{"steps: 100", "steps: x"}});
  EXPECT_THAT(ErrorOf(bad), HasSubstr("x.textproto:35:10: training.steps"));
  EXPECT_EQ(Parsed({"training.steps = 5"}, bad).experiment().training().steps(),
            5);
}

// A build-time error of a component: its field, the override that set it, or
// [kind/name] when the field is absent.
TEST(Locate, FieldErrorsOfComponents) {
  const std::string core =
      std::string(kStack) + ".group[0].block[0].attention.core";
  const absl::Status error = FieldError({1}, "must be smaller");
  EXPECT_EQ(Parsed().Locate(core, error).message(),
            "dir/x.textproto:18:57: " + core +
                " [attention/sliding_window].window: must be smaller\n"
                "              core { [attention/sliding_window] { window: 16 "
                "} }\n" +
                std::string(58, ' ') + "^");
  EXPECT_THAT(
      std::string(
          Parsed({core + ".window = 99"}).Locate(core, error).message()),
      HasSubstr("--set #1:1:68: " + core));
  EXPECT_THAT(std::string(Parsed({core + " = [attention/sliding_window] {}"})
                              .Locate(core, error)
                              .message()),
              HasSubstr("--set #1:1:61: " + core +
                        " [attention/sliding_window].window: must be smaller"));
}

TEST(Locate, PathsOfTheSpec) {
  const Spec spec = Parsed();
  const auto at = [&](const std::string& path) {
    const std::string text(
        spec.Locate(path, absl::InvalidArgumentError("m")).message());
    return text.substr(0, text.find(": "));
  };
  EXPECT_EQ(at("model.decoder_only.stack.width"), "dir/x.textproto:10:14");
  EXPECT_EQ(at("model.decoder_only.stack"), "dir/x.textproto:9:5");
  EXPECT_EQ(at("model.decoder_only.stack.group[0].block[1].attention.heads"),
            "dir/x.textproto:24:30");
  EXPECT_EQ(at("training.optimizer"), "dir/x.textproto:33:15");
  EXPECT_EQ(at("training.optimizer.beta2"), "dir/x.textproto:33:42");
  EXPECT_EQ(at("generation.stop[1]"), "dir/x.textproto:40:18");
  // What is absent is the nearest that is there; nonsense is no crash.
  EXPECT_EQ(at("training.precision"), "dir/x.textproto:31:1");
  EXPECT_EQ(at("generation.stop[9]"), "dir/x.textproto:37:1");
  EXPECT_EQ(at(""), "dir/x.textproto:1:1");
  EXPECT_EQ(at("a..[b].[1"), "dir/x.textproto:1:1");
}

TEST(Locate, KeepsTheCode) {
  EXPECT_TRUE(Parsed().Locate("seed", absl::OkStatus()).ok());
  EXPECT_EQ(Parsed().Locate("seed", absl::InternalError("x")).code(),
            absl::StatusCode::kInternal);
  EXPECT_THAT(
      std::string(Parsed()
                      .Locate("training.optimizer", FieldError({99}, "m"))
                      .message()),
      HasSubstr("33:15: training.optimizer [optimizer/adamw]: m"));
}

class SpecFile : public testing::Test {
 protected:
  std::string Write(const std::string& text) {
    const std::string path = testing::TempDir() + "/spec_file.textproto";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string LoadError(const std::string& path) {
    return std::string(
        Spec::Load(path, {}, FixedCatalogue()).status().message());
  }
};

TEST_F(SpecFile, IsRead) {
  const std::string path = Write(kTestSpec);
  EXPECT_TRUE(Spec::Load(path, {}, FixedCatalogue()).ok());
}

TEST_F(SpecFile, OddFilesAreRefused) {
  EXPECT_THAT(LoadError(Write("")), HasSubstr("is empty"));
  EXPECT_THAT(LoadError(Write(" \n\t\r\n")), HasSubstr("is empty"));
  EXPECT_THAT(LoadError(Write(std::string(5 << 20, ' '))), HasSubstr("4 MiB"));
  EXPECT_THAT(LoadError(Write("# nothing\n")), HasSubstr("name: is required"));
  EXPECT_THAT(LoadError(testing::TempDir()), HasSubstr("is a directory"));
  EXPECT_THAT(LoadError("/no/such/file"), HasSubstr("No such file"));
  EXPECT_THAT(LoadError(""), HasSubstr("No such file"));
}

TEST_F(SpecFile, AsManyErrorsAsBytesEndSoon) {
  std::string text;
  for (int i = 0; i < 500000; ++i) text += "zz:1\n";
  EXPECT_THAT(LoadError(Write(text)), HasSubstr("there may be more"));
}

}  // namespace
}  // namespace archlab
